import Model
import Monitor

/// What is watched as one screen: lines that fit it, the most urgent first.
package struct MonitorView {
  private let snapshot: MonitorSnapshot
  private let alerts: [Alert]
  private let events: [String]
  private let serving: String?
  private let style: Style
  private let rows: Int
  private let bars: MonitorBars
  private let width: Int

  /// - Parameters:
  ///   - events: the latest ones last.
  ///   - serving: the address and port where metrics are to be had.
  ///   - rows: of the terminal; its last one stays empty, so that nothing scrolls.
  package init(
    _ snapshot: MonitorSnapshot, alerts: [Alert] = [], events: [String] = [], serving: String? = nil, rows: Int,
    style: Style
  ) {
    self.serving = serving
    self.snapshot = snapshot
    self.alerts = alerts
    self.events = events
    self.style = style
    self.rows = max(4, rows)
    bars = MonitorBars(unicode: style.unicode)
    width = style.width - 1
  }

  /// At most `rows` - 1 lines of at most `style.width` - 1 columns.
  package var lines: [String] {
    let room = rows - 1
    let (head, gone) = ([headline], snapshot.sources.compactMap(gone))
    let foot = [self.foot]
    let servers = snapshot.servers.map(server)
    let machines = machineLines
    var left = room - head.count - foot.count - min(gone.count, 3)
    // Blocks in full while they fit, then one line each; pools count most, and the worst of them.
    let pools = snapshot.pools.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
      .map(\.element)
    let full = pools.map(block)
    let short = pools.map { [compact($0)] }
    let fullSize = full.joined().count + servers.joined().count + machines.count
    var body: [String]
    if fullSize <= left {
      let gap = fullSize < left && !full.isEmpty && !(servers.isEmpty && machines.isEmpty) ? [""] : []
      body = full.flatMap(\.self) + gap + servers.flatMap(\.self) + machines
    } else {
      var chosen = short
      let oneLine = servers.map { [$0[0]] }
      left -= min(oneLine.count, 3) + min(machines.count, 2)
      var used = short.count
      for index in full.indices where used + full[index].count - 1 <= left {
        chosen[index] = full[index]
        used += full[index].count - 1
      }
      body = Array(chosen.joined())
      if body.count > left, left > 0 {
        let hidden = body.count - left + 1
        body = body.prefix(max(0, left - 1)) + [line([("and \(hidden) more pools, none worse", .faint)])]
      }
      body += oneLine.prefix(3).flatMap(\.self) + machines.prefix(2)
    }
    var lines = head + gone.prefix(3) + body
    let spare = room - lines.count - foot.count
    if spare > 1, !events.isEmpty {
      lines.append("")
      lines += events.suffix(min(spare - 1, 5)).map { line([($0.onOneLine, .faint)]) }
    }
    return Array(lines.prefix(room - foot.count)) + foot
  }

  private func rank(_ pool: PoolState) -> Int { -pool.outlook.level.rawValue }

  // MARK: - Lines

  /// Pieces side by side, cut where the line ends.
  private func line(_ pieces: [(text: String, ink: Style.Ink)]) -> String {
    var (line, left) = ("", width)
    for piece in pieces where left > 0 {
      let text = piece.text.columns <= left ? piece.text : piece.text.cut(to: left, mark: style.unicode ? "…" : "~")
      line += style.paint(text, piece.ink)
      left -= text.columns
    }
    return line
  }

  /// `left` as far as there is room beside `right`.
  private func edges(_ left: String, _ leftInk: Style.Ink, _ right: String, _ rightInk: Style.Ink) -> String {
    let room = max(0, width - right.columns - 1)
    let text = left.cut(to: room, mark: style.unicode ? "…" : "~")
    let gap = String(repeating: " ", count: max(1, width - text.columns - right.columns))
    return line([(text, leftInk), (gap, .plain), (right, rightInk)])
  }

  private var headline: String {
    let level = max(snapshot.level, alerts.map(\.level).max() ?? .calm)
    let clock = snapshot.at.text.dropFirst(11).dropLast()
    let worst = alerts.max { ($0.level, $1.since) < ($1.level, $0.since) }
    let what = worst.map { headline($0.subject) }
    return line([
      ("\(clock) UTC  ", .plain), (level.word.uppercased(), MonitorWords.ink(level)),
      (what.map { "  " + $0 } ?? "", .plain),
    ])
  }

  /// Here a name says enough: where it comes from stands below.
  private func headline(_ subject: AlertSubject) -> String {
    if case .pool(let name, let source) = subject,
      let pool = snapshot.pools.first(where: { $0.name == name && $0.source == source })
    {
      return "\(name.onOneLine): \(MonitorWords.brief(pool))"
    }
    return "\(MonitorWords.title(subject)): \(MonitorWords.state(subject, snapshot))"
  }

  /// The address in the longest form that there is room for.
  private var foot: String {
    let keys = "q quits"
    guard let serving else { return line([(keys, .faint)]) }
    let port = serving.lastIndex(of: ":").map { String(serving[$0...]) } ?? serving
    let forms = ["   metrics at http://\(serving)/metrics", "  http://\(serving)/metrics", "  \(serving)", "  \(port)"]
    let form = forms.first { keys.columns + $0.columns <= width } ?? ""
    return line([(keys + form, .faint)])
  }

  private func gone(_ source: SourceState) -> String? {
    guard let fault = source.fault else { return nil }
    let seen = source.lastTold.map { ", last seen \($0.text.dropFirst(11).dropLast()) UTC" } ?? ""
    return line([
      ("gone ", .bad), ("\(source.name.onOneLine)\(seen): ", .strong), (fault.onOneLine, .plain),
    ])
  }

  private func block(_ pool: PoolState) -> [String] {
    let level = pool.outlook.level
    var lines = [
      "", edges(heading(pool), .strong, level == .calm ? "calm" : level.word.uppercased(), MonitorWords.ink(level)),
    ]
    lines.append(bar(pool))
    lines.append(line([("  " + facts(pool), .plain)]))
    lines.append(line([("  " + outlook(pool), level == .calm ? .faint : MonitorWords.ink(level))]))
    if let curve = curve(pool) { lines.append(curve) }
    return lines
  }

  private func outlook(_ pool: PoolState) -> String {
    let text = MonitorWords.outlook(pool)
    guard pool.outlook.level == .calm, let hint = MonitorWords.hint(pool) else { return text }
    return "\(text); \(hint)"
  }

  private func heading(_ pool: PoolState) -> String {
    MonitorWords.title(pool) + (pool.note.map { "  [\($0.onOneLine)]" } ?? "")
  }

  private func most(_ pool: PoolState) -> Double? { pool.gauges[.max] ?? pool.gauges[.total] }

  private func bar(_ pool: PoolState) -> String {
    let (used, idle) = (pool.gauges[.inUse], pool.gauges[.idle])
    var text = "  used \(MonitorWords.count(used))  idle \(MonitorWords.count(idle))"
    if let max = pool.gauges[.max] { text += "  of \(MonitorWords.number(max))" }
    let waiting = pool.gauges[.waiting]
    let wait = "  waiting \(MonitorWords.count(waiting))"
    let cells = min(40, width - 2 - text.columns - wait.columns)
    let ink = MonitorWords.ink(pool.outlook.level)
    var pieces: [(String, Style.Ink)] = [("  ", .plain)]
    if let most = most(pool), cells >= 8 {
      let bar = bars.bar(used: used ?? 0, idle: idle ?? 0, most: most, width: cells)
      pieces += [(bar.used, ink), (bar.idle, .faint), (bar.free, .faint)]
    }
    return line(pieces + [(text, .plain), (wait, (waiting ?? 0) > 0 ? .warning : .plain)])
  }

  private func facts(_ pool: PoolState) -> String {
    var facts: [String] = []
    if let rate = pool.rates.acquisitions { facts.append("\(MonitorWords.number(rate))/s") }
    if let wait = pool.rates.meanWait { facts.append("mean wait \(MonitorWords.seconds(wait))") }
    let timeout = pool.acquireTimeout.map { " of \(MonitorWords.seconds($0.seconds))" } ?? ""
    if let age = MonitorWords.age(pool) {
      facts.append("oldest \(age)\(timeout)")
    } else if let limit = pool.acquireTimeout {
      facts.append("acquire timeout \(MonitorWords.seconds(limit.seconds))")
    }
    if let predicted = pool.outlook.predictedWait, predicted > 0 {
      facts.append("queue takes \(MonitorWords.seconds(predicted))")
    }
    return facts.isEmpty ? "it tells no rates and no waits" : facts.joined(separator: "   ")
  }

  private func curve(_ pool: PoolState) -> String? {
    let waits = pool.history.compactMap { point in point.waiting.map { (at: point.at, value: $0) } }
    let points = waits.isEmpty ? pool.history.compactMap { p in p.inUse.map { (at: p.at, value: $0) } } : waits
    guard points.count > 1 else { return nil }
    let word = waits.isEmpty ? "used" : "waiting"
    let minutes = Int(MonitorMachine.historySeconds / 60)
    let room = min(60, width - 44)
    guard room >= 10 else { return nil }
    let curve = bars.sparkline(points, seconds: MonitorMachine.historySeconds, width: room)
    return line([
      ("  \(word), last \(minutes) min ", .faint), (curve.text, .plain),
      (" most \(MonitorWords.number(curve.most))", .faint),
    ])
  }

  private func compact(_ pool: PoolState) -> String {
    let (used, most) = (pool.gauges[.inUse], most(pool))
    let right =
      "\(MonitorWords.count(used)) of \(MonitorWords.count(most))  waiting \(MonitorWords.count(pool.gauges[.waiting]))  \(pool.outlook.level.word)"
    return edges(heading(pool), .plain, right, MonitorWords.ink(pool.outlook.level))
  }

  // MARK: - Servers and machines

  /// The first line says the most.
  private func server(_ server: ServerState) -> [String] {
    var lines = [slots(server)]
    lines.append(line([("  " + sessions(server), .plain)]))
    if !server.applications.isEmpty {
      let named = server.applications.prefix(6).map { app in
        "\(app.name.isEmpty ? "(no name)" : app.name.onOneLine) \(app.sessions)"
      }
      lines.append(line([("  by application: " + named.joined(separator: ", "), .faint)]))
    }
    for holder in server.holders.prefix(4) { lines.append(line([("  " + self.holder(holder), .plain)])) }
    return lines
  }

  private func slots(_ server: ServerState) -> String {
    let text = "  \(MonitorWords.slots(server))"
    let name = "\(server.source.onOneLine)  "
    let cells = min(30, width - text.columns - name.columns)
    var pieces: [(String, Style.Ink)] = [(name, .strong)]
    if cells >= 8 {
      let bar = bars.bar(used: Double(server.usedSlots), idle: 0, most: Double(server.slots), width: cells)
      pieces += [(bar.used, MonitorWords.ink(server.level)), (bar.free, .faint)]
    }
    return line(pieces + [(text, .plain)])
  }

  private func sessions(_ server: ServerState) -> String {
    var parts = server.sessions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    if server.hiddenSessions > 0 { parts.append("\(server.hiddenSessions) hidden (needs pg_monitor)") }
    var text = parts.isEmpty ? "no sessions but this" : parts.joined(separator: ", ")
    if let rate = server.transactionRate { text += "   \(MonitorWords.number(rate)) transactions/s" }
    return text
  }

  private func holder(_ holder: ConnectionHolder) -> String {
    let who = holder.application.isEmpty ? holder.user : holder.application
    return
      "held \(MonitorWords.seconds(holder.seconds)) by \(who.onOneLine) (pid \(holder.pid)), \(holder.state.onOneLine)"
  }

  private var machineLines: [String] {
    snapshot.machines.map { machine in
      let cpu = machine.cpu.map { "CPU \(Int(($0 * 100).rounded())) %" } ?? "CPU -"
      let memory = machine.memory.map { "   memory \(MonitorWords.bytes($0))" } ?? ""
      return line([("\(machine.source.onOneLine)  ", .strong), (cpu + memory, .plain)])
    }
  }
}
