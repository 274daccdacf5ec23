import Model
import Monitor

/// One line and a status as monitoring plugins give them: https://www.monitoring-plugins.org/doc/guidelines.html
package struct NagiosReport {
  package enum Status: Int32, Sendable {
    case ok = 0
    case warning = 1
    case critical = 2
    case unknown = 3
  }

  package let status: Status
  package let line: String

  /// - Parameter worst: of the time that was watched; what cannot be seen is unknown where nothing worse is known.
  package init(_ snapshot: MonitorSnapshot, worst: WarningLevel = .calm) {
    let level = max(worst, snapshot.level)
    let gone = snapshot.sources.filter { $0.fault != nil && !$0.isFull }
    switch level {
    case .alert: status = .critical
    case .warning: status = .warning
    case .calm: status = gone.isEmpty ? .ok : .unknown
    }
    let words: [Status: String] = [.ok: "OK", .warning: "WARNING", .critical: "CRITICAL", .unknown: "UNKNOWN"]
    let data = Self.data(snapshot)
    line =
      "POOLS \(words[status] ?? "") - \(Self.clean(Self.summary(snapshot, level)))"
      + (data.isEmpty ? "" : " | " + data.joined(separator: " "))
  }

  private static func summary(_ snapshot: MonitorSnapshot, _ level: WarningLevel) -> String {
    var parts = snapshot.sources.compactMap { source in source.fault.map { "\(source.name): \($0)" } }
    let bad = snapshot.pools.filter { $0.outlook.level != .calm }
    parts += bad.map { "\(MonitorWords.title($0)): \(MonitorWords.outlook($0))" }
    parts += snapshot.servers.filter { $0.level != .calm }.map { "\($0.source): \(MonitorWords.slots($0))" }
    if parts.isEmpty, level != .calm { return "calm now, but \(level.word) within the time that was watched" }
    guard parts.isEmpty else { return parts.joined(separator: "; ") }
    let pools = Phrases.count(snapshot.pools.count, "pool") + " calm"
    return snapshot.servers.isEmpty
      ? pools : pools + "; " + snapshot.servers.map(MonitorWords.slots).joined(separator: "; ")
  }

  /// A bar would begin the figures, and a line break end the line.
  private static func clean(_ text: String) -> String { text.onOneLine.replacing("|", with: "/") }

  private static func data(_ snapshot: MonitorSnapshot) -> [String] {
    var data: [String] = []
    for pool in snapshot.pools {
      // Labels must differ.
      let isAlone = snapshot.pools.count { $0.name == pool.name } == 1
      let name = isAlone ? pool.name : "\(pool.source) \(pool.name)"
      let (timeout, most) = (pool.acquireTimeout?.seconds, pool.gauges[.max])
      func add(
        _ what: String, _ value: Double?, unit: String = "", limits: (Double, Double)? = nil, most: Double? = nil
      ) {
        guard let value else { return }
        var text = "\(label(name, what))=\(decimal(value, places: 3))\(unit)"
        if limits != nil || most != nil {
          text += ";\(limits.map { decimal($0.0, places: 3) } ?? "");\(limits.map { decimal($0.1, places: 3) } ?? "");0"
          if let most { text += ";\(decimal(most, places: 3))" }
        }
        data.append(text)
      }
      add("used", pool.gauges[.inUse], most: most)
      add("idle", pool.gauges[.idle], most: most)
      add("waiting", pool.gauges[.waiting])
      add("oldest_wait", pool.outlook.age, unit: "s", limits: timeout.map { (0.2 * $0, 0.5 * $0) })
    }
    for server in snapshot.servers {
      data.append("\(label(server.source, "slots"))=\(server.usedSlots);;;0;\(server.slots)")
    }
    return data
  }

  /// Quoted, where it holds what would end it.
  private static func label(_ name: String, _ what: String) -> String {
    let text = clean("\(name) \(what)").replacing("'", with: "''").replacing("=", with: ":")
    return "'\(text)'"
  }
}
