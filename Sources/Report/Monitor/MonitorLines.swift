import Model
import Monitor

/// What is watched as plain lines: for a pipe, and for a look at one moment.
package enum MonitorLines {
  /// One line a pool, server, machine and source that is gone; each says at its front what it is about.
  package static func text(_ snapshot: MonitorSnapshot) -> [String] {
    var lines: [String] = []
    for source in snapshot.sources {
      let name = source.name
      if let fault = source.fault { lines.append("\(name.onOneLine)  gone  \(fault.onOneLine)") }
      lines += snapshot.pools.filter { $0.source == name }.map(pool)
      lines += snapshot.servers.filter { $0.source == name }.flatMap(server)
      lines += snapshot.machines.filter { $0.source == name }.map(machine)
    }
    return lines
  }

  private static func pool(_ pool: PoolState) -> String {
    var parts = ["used \(MonitorWords.count(pool.gauges[.inUse]))", "idle \(MonitorWords.count(pool.gauges[.idle]))"]
    if let max = pool.gauges[.max] { parts.append("max \(MonitorWords.number(max))") }
    parts.append("waiting \(MonitorWords.count(pool.gauges[.waiting]))")
    if let rate = pool.rates.acquisitions { parts.append("\(MonitorWords.number(rate))/s") }
    if let age = MonitorWords.age(pool) {
      parts.append("oldest wait \(age)" + (pool.acquireTimeout.map { " of \(MonitorWords.seconds($0.seconds))" } ?? ""))
    }
    let note = pool.note.map { "  [\($0.onOneLine)]" } ?? ""
    return
      "\(MonitorWords.title(pool))\(note)  \(pool.outlook.level.word)  \(parts.joined(separator: ", ")); \(MonitorWords.outlook(pool))"
  }

  private static func server(_ server: ServerState) -> [String] {
    var parts = server.sessions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    if server.hiddenSessions > 0 { parts.append("of other roles \(server.hiddenSessions)") }
    if let rate = server.transactionRate { parts.append("\(MonitorWords.number(rate)) transactions/s") }
    let sessions = parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")
    let name = server.source.onOneLine
    var lines = ["\(name)  \(server.level.word)  \(MonitorWords.slots(server))\(sessions)"]
    if let holder = server.holders.first {
      let who = holder.application.isEmpty ? holder.user : holder.application
      lines.append(
        "\(name)  held longest: \(MonitorWords.seconds(holder.seconds)) by \(who.onOneLine) (pid \(holder.pid)), \(holder.state.onOneLine)"
      )
    }
    return lines
  }

  private static func machine(_ machine: MachineState) -> String {
    let cpu = machine.cpu.map { "CPU \(Int(($0 * 100).rounded())) %" } ?? "CPU -"
    return "\(machine.source.onOneLine)  \(cpu)" + (machine.memory.map { ", memory \(MonitorWords.bytes($0))" } ?? "")
  }
}
