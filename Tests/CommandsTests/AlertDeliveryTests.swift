import EventLoop
import Glibc
import Model
import Monitor
import Store
import Synchronization
import TestSupport
import Testing

@testable import Commands

/// Alerts that leave the process: to a webhook that fails at first, to one that hangs, and to a real Alertmanager.
@Suite(.serialized) struct AlertDeliveryTests {
  private static func at(_ second: Int64) -> Timestamp { Timestamp(microseconds: 1_000_000 * (1_800_000_000 + second)) }

  /// A pool of this level, and what has changed since another one.
  private static func moment(_ second: Int64, _ level: WarningLevel, _ book: inout AlertBook, start: Timestamp? = nil)
    -> MonitorMoment
  {
    let outlook = EarlyWarning.Outlook(
      level: level, age: 3, isAgeInferred: false, predictedWait: nil, exhaustionETA: level == .alert ? 2.5 : nil)
    let pool = PoolState(
      name: "orders", source: "app", gauges: PoolGauges([.max: 5, .inUse: 5, .waiting: 9]),
      acquireTimeout: .seconds(5), outlook: outlook, lead: .seconds(1.5))
    let when = start.map { Timestamp(microseconds: $0.microseconds + second * 1_000_000) } ?? at(second)
    let snapshot = MonitorSnapshot(at: when, sources: [SourceState(name: "app", kind: .app)], pools: [pool])
    let changes = book.take(snapshot)
    return MonitorMoment(
      snapshot: snapshot, alerts: book.active, changes: changes, worst: level, isFirst: false, isLast: false)
  }

  private static func webhook(_ manner: TestWebhook.Manner) throws -> TestWebhook {
    try TestWebhook(manner, path: "/hooks/T0PS3CRET")
  }

  private final class Said: Sendable {
    private let lines = Mutex<[String]>([])
    func say(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func `a webhook hears of each change in order, also where it fails at first, and nobody waits for it`() throws {
    let webhook = try Self.webhook(.fails)
    let said = Said()
    let delivery = try AlertDelivery(Webhook(url: webhook.url, name: "the webhook 127.0.0.1")) { said.say($0) }
    var book = AlertBook()
    let start = ContinuousClock.now
    for (second, level) in [WarningLevel.warning, .alert, .alert, .calm].enumerated() {
      delivery.take(Self.moment(Int64(second), level, &book))
    }
    #expect(ContinuousClock.now - start < .seconds(1), "it only puts them into a queue")
    let end = ContinuousClock.now + .seconds(30)
    while webhook.heard.count < 5, ContinuousClock.now < end { usleep(5000) }
    delivery.close()
    let heard = webhook.heard
    try #require(heard.map(\.status) == [503, 503, 200, 200, 200], "\(heard)")
    let levels = heard.suffix(3).map {
      $0.body.contains(#""level":"warning""#) ? "w" : $0.body.contains(#""level":"alert""#) ? "a" : "c"
    }
    #expect(levels == ["w", "a", "c"] && heard.allSatisfy { $0.contentType == "application/json" }, "\(heard)")
    #expect(heard[3].body.contains(#""pool":{"name":"orders","source":"app","level":"alert""#), "\(heard[3])")
    #expect(
      said.all == [
        "the webhook 127.0.0.1 cannot be told: it answers with status 503; it is tried again",
        "the webhook 127.0.0.1 is told again",
      ])
  }

  @Test func `a webhook that hangs holds nobody up, not even the end`() throws {
    let webhook = try Self.webhook(.hangs)
    let delivery = try AlertDelivery(Webhook(url: webhook.url, name: "x")) { _ in }
    var book = AlertBook()
    delivery.take(Self.moment(0, .alert, &book))
    let start = ContinuousClock.now
    delivery.close()
    #expect(ContinuousClock.now - start < .seconds(8))
    withExtendedLifetime(webhook) {}
  }

  @Test func `Alertmanager takes an alert, and hears that it is over`() throws {
    let prometheus = try TestPrometheus(scraping: 1, rules: "groups: []\n")
    let base = "http://127.0.0.1:\(prometheus.managerPort)/"
    let said = Said()
    let delivery = try AlertDelivery(Alertmanager(base: base, name: "the Alertmanager")) { said.say($0) }
    var book = AlertBook()
    // An end that is still to come would not end it.
    let start = Timestamp(microseconds: WallClock.now / 1000 - 5_000_000)
    delivery.take(Self.moment(0, .alert, &book, start: start))
    let firing = try #require(
      prometheus.alert("PoolNearExhaustion", "firing", within: .seconds(30)), "\(prometheus.log) \(said.all)")
    #expect(
      firing.labels == ["alertname": "PoolNearExhaustion", "severity": "critical", "source": "app", "pool": "orders"])
    #expect(
      firing.annotations["description"]
        == "orders (app): first timeout in about 2.5 s unless fewer come or connections free up")
    delivery.take(Self.moment(1, .calm, &book, start: start))
    #expect(
      prometheus.alert("PoolNearExhaustion", "resolved", within: .seconds(30))?.labels["pool"] == "orders",
      "\(said.all)")
    delivery.close()
    #expect(said.all == [])
  }

  @Test func `the command tells a webhook of what it sees, keeps it, and quotes no secret of its URL`() throws {
    let project = TestProject()
    let webhook = try Self.webhook(.good)
    let ending = project.command(
      "monitor pg=NOWHERE --interval 500ms --for 8s --record --webhook HOOK",
      variables: ["NOWHERE": "postgresql://u@127.0.0.1:1/x", "HOOK": webhook.url])
    #expect(
      ending.status == 0 && !ending.error.contains("T0PS3CRET") && !ending.error.contains("cannot be"), "\(ending)")
    let heard = webhook.heard.map(\.body)
    #expect(heard.count == 1 && heard[0].contains(#""subject":"NOWHERE""#) && heard[0].contains("refused"), "\(heard)")
    let results = try project.results()
    #expect(try results.watchSamples(1, kind: "pool", source: "x", name: "").isEmpty)
    let refused = project.command("monitor pid=1 --once --webhook https://u:T0PS3CRET@h/x")
    #expect(refused.status == Exit.usage.rawValue && !refused.error.contains("T0PS3CRET"), "\(refused)")
    let away = project.command(
      "monitor pg=NOWHERE --interval 500ms --for 6s --webhook http://127.0.0.1:1/hooks/T0PS3CRET",
      variables: ["NOWHERE": "postgresql://u@127.0.0.1:1/x"])
    #expect(away.status == 0 && away.error.contains("the webhook 127.0.0.1:1 cannot be told: "), "\(away)")
    #expect(!away.error.contains("T0PS3CRET"))
  }
}
