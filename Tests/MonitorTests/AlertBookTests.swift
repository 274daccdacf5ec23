import Model
import Testing

@testable import Monitor

private func at(_ second: Int64) -> Timestamp { Timestamp(microseconds: 1_000_000 * (1_800_000_000 + second)) }

/// What is watched at one second: the level of the only pool, or why nothing is seen, and the slots of a server in use.
private func seen(
  _ second: Int64, pool: WarningLevel? = .calm, fault: String? = nil, isFull: Bool = false, used: Int = 10
) -> MonitorSnapshot {
  let outlook = EarlyWarning.Outlook(
    level: pool ?? .calm, age: nil, isAgeInferred: false, predictedWait: nil, exhaustionETA: nil)
  var snapshot = MonitorSnapshot(
    at: at(second), sources: [SourceState(name: "app", kind: .app, fault: fault, isFull: isFull)])
  if fault == nil {
    snapshot.servers = [ServerState(source: "app", slots: 100, reservedSlots: 3, usedSlots: used)]
    if pool != nil {
      snapshot.pools = [
        PoolState(
          name: "orders", source: "app", gauges: PoolGauges(), acquireTimeout: nil, outlook: outlook,
          lead: .none(.waitsForEver))
      ]
    }
  }
  return snapshot
}

private let orders = AlertSubject.pool(name: "orders", source: "app")

@Suite struct AlertBookTests {
  @Test func `a change of level is told once, with what was before`() {
    var book = AlertBook()
    let levels: [WarningLevel] = [.calm, .warning, .warning, .alert, .alert, .calm, .calm]
    let changes = levels.enumerated().flatMap { book.take(seen(Int64($0), pool: $1)) }
    #expect(
      changes == [
        AlertChange(subject: orders, before: .calm, level: .warning, at: at(1)),
        AlertChange(subject: orders, before: .warning, level: .alert, at: at(3), beforeSince: at(1)),
        AlertChange(subject: orders, before: .alert, level: .calm, at: at(5), beforeSince: at(3)),
      ])
    #expect(book.active == [] && book.level == .calm)
  }

  @Test func `what cannot be seen keeps its level, and a source that stays away is told after a while`() {
    var book = AlertBook()
    #expect(book.take(seen(0, pool: .alert)).map(\.level) == [.alert])
    for second in 1...5 { #expect(book.take(seen(Int64(second), fault: "gone")) == [], "\(second)") }
    #expect(
      book.take(seen(6, fault: "gone")) == [
        AlertChange(subject: .source("app"), before: .calm, level: .warning, at: at(6))
      ])
    #expect(book.level == .alert && book.active.map(\.subject) == [orders, .source("app")])
    let back = book.take(seen(7))
    #expect(back.map(\.subject) == [.source("app"), orders] && back.map(\.level) == [.calm, .calm])
    #expect(book.active == [])
    #expect(book.take(seen(8, fault: "gone")) == [] && book.take(seen(12, fault: "gone")) == [], "it counts anew")
  }

  @Test func `a pool that its source no longer has is no matter`() {
    var book = AlertBook()
    _ = book.take(seen(0, pool: .alert))
    #expect(book.take(seen(1, pool: nil)).map(\.level) == [.calm])
  }

  @Test func `a server without slots is an alert, seen from within or by its refusal`() {
    var book = AlertBook()
    let slots = AlertSubject.slots(source: "app")
    #expect(book.take(seen(0, used: 97)).map { "\($0.subject) \($0.level)" } == ["\(slots) alert"])
    #expect(book.take(seen(1, fault: "too many clients", isFull: true)) == [])
    #expect(book.take(seen(20, fault: "too many clients", isFull: true)) == [], "it is no source that is gone")
    #expect(book.take(seen(21, used: 90)).map(\.level) == [.warning])
    #expect(book.take(seen(22)).map(\.level) == [.calm])
  }
}
