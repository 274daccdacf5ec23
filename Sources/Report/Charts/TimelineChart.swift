import Evidence
import Model

/// Both runs on the clock of their execution: their blocks take turns, so neither lies over the other, and drift of the
/// machine shows in both.
struct TimelineChart: Sendable {
  let series: [RunSeries]
  let marks: [TimelineMark]
  let limit: LatencyLimit?

  private let start: Timestamp
  private let end: Double
  private let thinning: Thinning

  init(series: [RunSeries], marks: [TimelineMark], limit: LatencyLimit?) {
    self.series = series
    self.marks = marks
    self.limit = limit
    let blocks = series.flatMap(\.blocks).filter { !$0.seconds.isEmpty }
    let start = blocks.map(\.started).min() ?? Timestamp(microseconds: 0)
    self.start = start
    end = blocks.map { Self.offset($0, from: start) + Double($0.seconds.count) }.max() ?? 0
    thinning = Thinning(of: blocks.reduce(0) { $0 + $1.seconds.count } / 2)
  }

  /// What the page has to say beside the plots.
  var note: String {
    let cpu = """
      Where the last second of a block stands out in CPU, it was read in steps of 10 ms a backend, as the first \
      recordings were: what lay below a step shows when the connections close.
      """
    let hasCPU = series.contains { $0.blocks.contains { $0.seconds.contains { $0.serverCPU != nil } } }
    return "Seconds of warm-up are drawn, and counted in no figure.\(thinning.note)" + (hasCPU ? " " + cpu : "")
  }

  /// Below each other, on one axis; empty where nothing was measured.
  var panels: [ChartPanel] {
    guard end > 0 else { return [] }
    var panels = [ribbon, latency, rate, pool, cpu].compactMap { $0 }
    for index in panels.indices.dropLast() { panels[index].showsX = false }
    return panels
  }

  /// Latency alone, for a page with little room.
  var latencyPanels: [ChartPanel] {
    guard end > 0, var latency else { return [] }
    latency.showsX = true
    var ribbon = ribbon
    ribbon.showsX = false
    return [ribbon, latency]
  }

  private var axis: ChartAxis { .time(0...end) }

  private static func offset(_ block: RunSeries.Block, from start: Timestamp) -> Double {
    block.started.duration(since: start).seconds
  }

  /// Which run was measured when: the key to all plots below it.
  private var ribbon: ChartPanel {
    var caption: [ChartPanel.Words] = ["Blocks: "]
    for (index, run) in series.enumerated() {
      if index > 0 { caption.append(", ") }
      caption.append(
        run.isBefore ? .init("\(run.fullName) outlined", .before) : .init("\(run.fullName) filled", .after))
    }
    if marks.contains(where: { !$0.isFault }) { caption.append("; settings written at the dotted lines") }
    for mark in marks where mark.isFault { caption.append(.init("; red line: \(mark.text)", .fault)) }
    var panel = ChartPanel(
      id: "blocks", title: "Blocks of the execution", summary: ribbonSummary, caption: caption, height: 14, x: axis,
      y: ChartAxis(range: 0...1, ticks: []), showsY: false)
    for run in series {
      for block in run.blocks where !block.seconds.isEmpty {
        panel.layers.append(.span(span(of: block), look(run)))
      }
    }
    addMarks(to: &panel)
    return panel
  }

  private var ribbonSummary: String {
    let blocks = series.flatMap { run in run.blocks.map { ($0.position, run.name) } }
    return "In this order: " + blocks.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: ", ") + "."
  }

  private var latency: ChartPanel? {
    plot(
      "latency-time", "Latency second by second", ["Latency: p95 thick, p50 thin"] + (limit.map { [$0.words] } ?? []),
      .seconds,
      [Track(.p95, .before, .after), Track(.p50, .beforeThin, .afterThin)], limit: limit)
  }

  private var rate: ChartPanel? {
    let fails = series.contains { $0.blocks.contains { $0.seconds.contains { $0.failed > 0 } } }
    let tracks = [Track(.answered, .before, .after)] + (fails ? [Track(.failed, .beforeDashed, .afterDashed)] : [])
    let caption = "Requests per second: answered solid" + (fails ? ", failed dashed" : "; none failed")
    return plot("rate-time", "Requests per second", [.init(caption)], .perSecond, tracks)
  }

  private var pool: ChartPanel? {
    plot(
      "pool-time", "Connection pool",
      [.init("\(poolName): connections in use thick, idle dotted; requests waiting dashed")], .count,
      [
        Track(.active, .before, .after), Track(.idle, .beforeDotted, .afterDotted),
        Track(.waiting, .beforeDashed, .afterDashed),
      ])
  }

  private var poolName: String {
    guard let pool = series.map(\.run.poolUnderLoad).first(where: \.isTold) else { return "Pool" }
    return "\(pool.title), as it told once a second"
  }

  private var cpu: ChartPanel? {
    plot(
      "cpu-time", "CPU of the database server", ["CPU of the database server, share of all cores"], .share,
      [Track(.serverCPU, .before, .after)])
  }

  private func look(_ run: RunSeries) -> ChartPanel.Look { run.isBefore ? .before : .after }

  private func span(of block: RunSeries.Block) -> ClosedRange<Double> {
    let from = Self.offset(block, from: start)
    return from...from + Double(block.seconds.count)
  }

  private func plot(
    _ id: String, _ title: String, _ caption: [ChartPanel.Words], _ unit: ChartAxis.Unit, _ tracks: [Track],
    limit: LatencyLimit? = nil
  ) -> ChartPanel? {
    var lines: [ChartPanel.Layer] = []
    var highest = 0.0
    var extremes: [String] = []
    for track in tracks {
      for run in series {
        let pieces = run.blocks.flatMap { points(of: track.value, in: $0) }
        let most = pieces.joined().map(\.y).max()
        guard let most else { continue }
        highest = max(highest, most)
        extremes.append("\(track.value.rawValue) of \(run.run.id) at most \(Self.text(most, unit))")
        let look = run.isBefore ? track.before : track.after
        for piece in pieces {
          let thinned = thinning.thinned(piece)
          if !thinned.band.isEmpty { lines.append(.band(thinned.band, look)) }
          lines.append(.line(thinned.line, look))
        }
      }
    }
    guard !lines.isEmpty else { return nil }
    var panel = ChartPanel(
      id: id, title: title, summary: "Over \(Phrases.time(.ofSeconds(end))): " + extremes.joined(separator: "; ") + ".",
      caption: caption, height: unit == .seconds ? 170 : 110, x: axis, y: .linear(to: highest, unit))
    for run in series where !run.isBefore {
      panel.layers += run.blocks.filter { !$0.seconds.isEmpty }.map { .span(span(of: $0), .after) }
    }
    if let limit { panel.show(limit) }
    panel.layers += lines
    addMarks(to: &panel)
    return panel
  }

  private static func text(_ value: Double, _ unit: ChartAxis.Unit) -> String {
    switch unit {
    case .seconds: Metric.latency(50).text(value)
    case .share: Metric.serverCPU.text(value)
    case .perSecond, .count: decimal(value, places: 1)
    }
  }

  private func addMarks(to panel: inout ChartPanel) {
    for mark in marks {
      let x = mark.at.duration(since: start).seconds
      guard x > -5, x < end + 5 else { continue }
      panel.layers.append(.moment(min(max(x, 0), end), mark.isFault ? .fault : .event))
    }
  }

  /// One value of a block, in pieces: where a second has none, the line is broken.
  private func points(of value: Value, in block: RunSeries.Block) -> [[ChartPanel.Point]] {
    let from = Self.offset(block, from: start) + Double(block.warmUp) + 0.5
    var pieces: [[ChartPanel.Point]] = [[]]
    for second in block.seconds {
      if let y = value.of(second) {
        pieces[pieces.count - 1].append(ChartPanel.Point(x: from + Double(second.second), y: y))
      } else if pieces.last?.isEmpty == false {
        pieces.append([])
      }
    }
    return pieces.filter { !$0.isEmpty }
  }

  /// What is drawn of a second.
  enum Value: String, Sendable {
    case p95, p50, answered, failed
    case active = "in use"
    case idle, waiting
    case serverCPU = "server CPU"

    func of(_ second: RunSeries.Second) -> Double? {
      switch self {
      case .p95: second.p95
      case .p50: second.p50
      case .answered: Double(second.answered)
      case .failed: Double(second.failed)
      case .active: second.active
      case .idle: second.idle
      case .waiting: second.waiting
      case .serverCPU: second.serverCPU
      }
    }
  }

  private struct Track {
    let value: Value
    let before: ChartPanel.Look
    let after: ChartPanel.Look
    init(_ value: Value, _ before: ChartPanel.Look, _ after: ChartPanel.Look) {
      self.value = value
      self.before = before
      self.after = after
    }
  }
}

/// Something that happened at one moment of an execution.
struct TimelineMark: Hashable, Sendable {
  var at: Timestamp
  var text: String
  /// A guard that tripped, a stage that failed, an interruption.
  var isFault: Bool

  /// What of an execution's stages changed something, or went wrong.
  static func all(of execution: Execution) -> [TimelineMark] {
    execution.stages.compactMap { stage in
      switch stage.outcome {
      case .failed, .interrupted:
        let what = "\(stage.stage.rawValue) \(stage.outcome.rawValue)"
        return TimelineMark(at: stage.ended ?? stage.started, text: what, isFault: true)
      case .passed where stage.stage == .apply && stage.note.hasSuffix("written"):
        return TimelineMark(at: stage.ended ?? stage.started, text: stage.note, isFault: false)
      case .passed, .running: return nil
      }
    }
  }
}
