import Evidence
import Model

/// Goodput and p95 over pool size: a line for each level of load, the knee in a ring.
struct SweepChart: Sendable {
  let findings: SweepFindings

  /// Sizes that span more than this factor stand on a logarithmic axis, as the small ones would lie on each other.
  private static let widestLinear = 6.0
  /// Least distance of the numbers below the axis, as a share of its length.
  private static let tickGap = 0.045

  /// Empty where nothing was measured.
  var panels: [ChartPanel] {
    let lines = levels.map { level in findings.cells.filter { $0.cell.level == level && $0.goodput != nil } }
    guard lines.contains(where: { !$0.isEmpty }) else { return [] }
    return [panel(.goodput, "goodput", lines), panel(.latency(95), "p95", lines)].compactMap { $0 }
  }

  private var levels: [SweepLevel] { Set(findings.cells.map(\.cell.level)).sorted() }

  private func panel(_ metric: Metric, _ name: String, _ lines: [[SweepFindings.Cell]]) -> ChartPanel? {
    let values = lines.flatMap { $0 }.compactMap { $0.figures?[metric] }
    guard let highest = values.map({ $0.interval?.upperBound ?? $0.value }).max() else { return nil }
    let unit: ChartAxis.Unit = metric == .goodput ? .perSecond : .seconds
    let isGoodput = metric == .goodput
    var panel = ChartPanel(
      id: "sweep-\(name)", title: isGoodput ? "Goodput over pool size" : "Latency p95 over pool size",
      summary: summary(metric, lines), caption: caption(metric, values), height: isGoodput ? 220 : 180,
      x: sizes(lines), y: .linear(to: highest, unit))
    for (index, cells) in lines.enumerated() { draw(cells, metric, Self.look(index), &panel) }
    return panel
  }

  private static func look(_ index: Int) -> ChartPanel.Look {
    ChartPanel.Look.series[index % ChartPanel.Look.series.count]
  }

  private func caption(_ metric: Metric, _ values: [Figure]) -> [ChartPanel.Words] {
    guard metric != .goodput else { return ["Goodput (answers a second) over pool size; the ring is the knee"] }
    let isCut = values.contains(where: \.isCensored)
    return [.init("Latency p95 over pool size" + (isCut ? "; open dots: cut off by timeouts, truly larger" : ""))]
  }

  private func sizes(_ lines: [[SweepFindings.Cell]]) -> ChartAxis {
    let sizes = Set(lines.flatMap { $0 }.map(\.cell.size)).sorted()
    let (low, high) = (Double(sizes.first ?? 1), Double(sizes.last ?? 1))
    let isLogarithmic = high > Self.widestLinear * low
    var axis =
      isLogarithmic
      ? ChartAxis(range: low / 1.1...high * 1.05, isLogarithmic: true, ticks: [])
      : ChartAxis(range: 0...high * 1.04, ticks: [])
    var last = -1.0
    for size in sizes {
      let position = axis.position(Double(size))
      let isFree = position - last >= Self.tickGap
      axis.ticks.append(.init(value: Double(size), text: isFree ? "\(size)" : ""))
      if isFree { last = position }
    }
    return axis
  }

  private func draw(
    _ cells: [SweepFindings.Cell], _ metric: Metric, _ look: ChartPanel.Look, _ panel: inout ChartPanel
  ) {
    let found = cells.compactMap { cell in cell.figures?[metric].map { (cell, $0) } }
    let points = found.map { cell, figure in ChartPanel.Point(x: Double(cell.cell.size), y: figure.value) }
    guard let last = points.last, let level = cells.first?.cell.level else { return }
    panel.layers.append(.line(points, look))
    for (point, (_, figure)) in zip(points, found) {
      if let interval = figure.interval {
        let extent = ChartPanel.Extent(x: point.x, low: interval.lowerBound, high: interval.upperBound)
        panel.layers.append(.bar(extent, look))
      }
      panel.layers.append(figure.isCensored ? .dot(point, look) : .knot(point, look))
    }
    panel.labels.append(.init(text: level.text, look: look, at: last, isAtEdge: true))
    guard let knee = findings.knees.first(where: { $0.level == level })?.size,
      let place = points.first(where: { $0.x == Double(knee) })
    else { return }
    panel.layers.append(.ring(place, look))
    if metric == .goodput {
      // Above the ring.
      let above = ChartPanel.Point(x: place.x, y: place.y + 0.03 * panel.y.range.upperBound)
      panel.labels.append(.init(text: "knee \(knee)", look: look, at: above, isAtEdge: false))
    }
  }

  private func summary(_ metric: Metric, _ lines: [[SweepFindings.Cell]]) -> String {
    lines.compactMap { cells -> String? in
      guard let level = cells.first?.cell.level else { return nil }
      let values = cells.map { "\($0.cell.size): \(Phrases.figure(metric, $0.figures?[metric]))" }
      let knee = findings.knees.first { $0.level == level }?.size.map { "; knee at \($0)" } ?? ""
      return "\(level.text), by pool size: \(values.joined(separator: ", "))\(knee)."
    }.joined(separator: " ")
  }
}

extension SweepReport {
  /// The chart as an SVG file; nil where nothing was measured.
  package var chart: String? {
    let panels = SweepChart(findings: findings).panels
    return panels.isEmpty ? nil : ChartSVG.document(panels, title: "Sweep \(sweep.id)")
  }
}
