import Model
import Monitor

/// How what is watched is put into words, alike in every view and message.
package enum MonitorWords {
  /// What is to come, as a person would say it.
  package static func outlook(_ pool: PoolState) -> String {
    if pool.rates.timeouts ?? 0 > 0 { return "requests time out: \(number(pool.rates.timeouts ?? 0)) a second" }
    guard let timeout = pool.acquireTimeout?.seconds else { return endless(pool) }
    let outlook = pool.outlook
    if let eta = outlook.exhaustionETA {
      // An age that is inferred is an upper bound.
      if eta <= 0, outlook.isAgeInferred { return "the oldest request may have waited its whole time: it may fail now" }
      if eta <= 0 { return "the oldest request has waited its whole time: it fails now" }
      // What is far away is no more than a straight line drawn too long.
      if eta <= 10 * timeout, outlook.level != .calm || eta <= 2 * timeout {
        return "first timeout in about \(seconds(eta)) unless fewer come or connections free up"
      }
    }
    // The level stays for some samples after its cause.
    if outlook.level != .calm, pool.gauges[.waiting] == 0 {
      return "nobody waits any more; a moment ago requests waited long"
    }
    switch outlook.level {
    case .alert, .warning: return "requests wait long: \(age(pool) ?? "how long is not known") of \(seconds(timeout))"
    case .calm: break
    }
    guard let waiting = pool.gauges[.waiting] else { return "it does not tell how many requests wait" }
    return waiting > 0 ? "requests wait, and are served in time" : "nobody waits"
  }

  /// What would make its warning sure; nil where it is.
  package static func hint(_ pool: PoolState) -> String? {
    guard pool.lead == .none(.sampledTooSeldom), let timeout = pool.acquireTimeout?.seconds else { return nil }
    return "for a sure lead sample each \(seconds(timeout / 10)) (--interval)"
  }

  /// The same where there is little room.
  static func brief(_ pool: PoolState) -> String {
    let text = outlook(pool)
    return text.firstRange(of: " unless ").map { String(text[..<$0.lowerBound]) } ?? text
  }

  private static func endless(_ pool: PoolState) -> String {
    let waiting = (pool.gauges[.waiting] ?? 0) > 0
    let known = pool.lead == .none(.waitsForEver)
    if waiting, let age = age(pool) { return "the oldest request has waited \(age); no acquire timeout is known" }
    return known ? "no acquire timeout is known: no warning can be given" : "nobody waits"
  }

  /// How long the oldest waiter has waited: `2.6 s`, `at most 2.6 s`; nil where nobody waits or it is not known.
  package static func age(_ pool: PoolState) -> String? {
    guard let age = pool.outlook.age, age > 0 else { return nil }
    return (pool.outlook.isAgeInferred ? "at most " : "") + seconds(age)
  }

  /// A length of time: `31 ms`, `2.6 s`, `2 min 10 s`.
  package static func seconds(_ value: Double) -> String {
    guard value.isFinite else { return "for ever" }
    switch value {
    case ..<0.00005: return "0 ms"
    case ..<0.00095: return decimal(value * 1000, places: 1) + " ms"
    case ..<1: return "\(Int((value * 1000).rounded())) ms"
    case ..<9.95: return decimal(value, places: 1) + " s"
    default: return Phrases.time(.ofSeconds(min(value, 1e9)))
    }
  }

  /// A count or a rate: `0.4`, `12`, `12,400`.
  package static func number(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "?" }
    return value < 10 ? decimal(value, places: 1) : Phrases.grouped(Int(value.rounded()))
  }

  /// `-` for what is not told.
  static func count(_ value: Double?) -> String { value.map(number) ?? "-" }

  static func bytes(_ value: Double) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var (value, unit) = (value, 0)
    while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
    return decimal(value, places: value < 10 ? 1 : 0) + " " + units[unit]
  }

  /// The pool with its source, where that says more.
  package static func title(_ pool: PoolState) -> String { title(pool.name, pool.source) }

  package static func title(_ name: String, _ source: String) -> String { "\(name) (\(source))".onOneLine }

  package static func title(_ subject: AlertSubject) -> String {
    switch subject {
    case .pool(let name, let source): title(name, source)
    case .slots(let source): "connection slots of \(source)".onOneLine
    case .source(let name): name.onOneLine
    }
  }

  /// What there is to say of a subject now.
  package static func state(_ subject: AlertSubject, _ snapshot: MonitorSnapshot) -> String {
    let fault = snapshot.sources.first { $0.name == subject.source }?.fault?.onOneLine
    switch subject {
    case .pool(let name, let source):
      let pool = snapshot.pools.first { $0.name == name && $0.source == source }
      return pool.map { outlook($0) } ?? fault.map { "it cannot be seen: \($0)" } ?? "the pool is gone"
    case .slots(let source):
      if let server = snapshot.servers.first(where: { $0.source == source }) { return slots(server) }
      return fault ?? "it cannot be seen"
    case .source: return fault.map { "nothing can be seen of it: \($0)" } ?? "it tells again"
    }
  }

  /// One line about a change.
  package static func line(_ change: AlertChange, _ snapshot: MonitorSnapshot) -> String {
    let word = change.level == .calm ? "calm again" : change.level.word
    return "\(word): \(title(change.subject)): \(state(change.subject, snapshot))"
  }

  static func slots(_ server: ServerState) -> String {
    let reserved = server.reservedSlots > 0 ? ", \(server.reservedSlots) reserved" : ""
    return "\(server.freeSlots) of \(server.slots) slots free, \(server.usedSlots) used\(reserved)"
  }

  static func ink(_ level: WarningLevel) -> Style.Ink {
    switch level {
    case .calm: .good
    case .warning: .warning
    case .alert: .bad
    }
  }
}
