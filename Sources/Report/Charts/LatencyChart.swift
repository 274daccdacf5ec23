import Evidence
import Glibc
import Model

/// How long requests took at each percentile, from the typical one to the slowest of ten thousand.
struct LatencyChart: Sendable {
  let series: [RunSeries]
  /// A limit that a check sets to a percentile.
  let limit: LatencyLimit?

  /// Decades of the share of slower requests: up to p99.99.
  private static let mostDecades = 4.0

  /// nil where no run answered anything.
  var panel: ChartPanel? {
    let curves = series.compactMap { run in run.latency.map { (run, $0) } }
    guard !curves.isEmpty else { return nil }
    let requests = curves.map(\.1.requests).max() ?? 1
    let decades = min(Self.mostDecades, max(1, log10(Double(requests)).rounded(.down)))
    let lines = curves.map { ($0.0, $0.1, Self.line($0.1, decades: decades)) }
    var highest = lines.flatMap(\.2).map(\.y).max() ?? 1
    if let limit { highest = max(highest, min(limit.seconds, 2 * highest)) }
    var panel = ChartPanel(
      id: "latency", title: "Latency by percentile", summary: summary(lines.map { ($0.0, $0.1) }), caption: caption,
      height: 240, x: Self.percentiles(decades), y: .linear(to: highest, .seconds))
    if let limit { panel.show(limit) }
    for (run, curve, line) in lines {
      let look: ChartPanel.Look = run.isBefore ? .beforeDashed : .after
      panel.layers.append(.line(line, look))
      if let last = line.last { panel.labels += Self.end(run, curve, last, decades, &panel) }
    }
    return panel
  }

  private var caption: [ChartPanel.Words] {
    var words: [ChartPanel.Words] = ["Latency by percentile: "]
    for run in series where run.latency != nil {
      if words.count > 1 { words.append(", ") }
      words.append(
        run.isBefore ? .init("\(run.fullName) dashed", .before) : .init("\(run.fullName) solid", .after))
    }
    return words + (limit.map { [$0.words] } ?? [])
  }

  /// What the page has to say below the plot.
  var note: String {
    let gaveUp = series.contains { ($0.latency?.cutOff ?? 0) > 0 }
    return "Each mark to the right is rarer: at p99, one request in a hundred took longer."
      + (gaveUp
        ? " Requests that gave up count as slower than all others here; in the tables, latency is that of answered requests."
        : "")
  }

  /// From the share of slower requests: each step to the right is ten times rarer.
  private static func percentiles(_ decades: Double) -> ChartAxis {
    let known: [(Double, String, Bool)] = [
      (0.5, "p50", false), (0.1, "p90", false), (0.05, "p95", true), (0.01, "p99", false), (0.001, "p99.9", false),
      (0.0001, "p99.99", false),
    ]
    let ticks = known.map { ChartAxis.Tick(value: -log10($0.0), text: $0.1, isMinor: $0.2) }
    return ChartAxis(range: 0...decades, ticks: ticks.filter { $0.value <= decades + 1e-9 })
  }

  /// Points that a pixel apart would not show are left out; the last one stays.
  private static func line(_ curve: LatencyCurve, decades: Double) -> [ChartPanel.Point] {
    let highest = curve.points.last?.seconds ?? 1
    var line: [ChartPanel.Point] = []
    var last: ChartPanel.Point?
    for (index, point) in curve.points.enumerated() {
      guard point.slower > 0 else { break }
      let next = ChartPanel.Point(x: -log10(point.slower), y: point.seconds)
      guard next.x <= decades else { break }
      let isLast = index == curve.points.count - 1 || curve.points[index + 1].slower <= 0
      if let last, !isLast, next.x - last.x < decades / 400, next.y - last.y < highest / 300 { continue }
      line.append(next)
      last = next
    }
    return line
  }

  /// The name at the right edge; or, where requests were given up, what became of them.
  private static func end(
    _ run: RunSeries, _ curve: LatencyCurve, _ last: ChartPanel.Point, _ decades: Double, _ panel: inout ChartPanel
  ) -> [ChartPanel.Label] {
    let isBefore = run.isBefore
    let look: ChartPanel.Look = isBefore ? .before : .after
    let name = run.name
    guard curve.cutOff > 0, last.x < decades * 0.98 else {
      return [ChartPanel.Label(text: name, look: look, at: last, isAtEdge: true)]
    }
    panel.layers.append(.dot(last, look))
    let share = Metric.errorRate.text(curve.cutOff)
    return [ChartPanel.Label(text: "\(name): \(share) gave up", look: look, at: last, isAtEdge: false)]
  }

  private func summary(_ curves: [(RunSeries, LatencyCurve)]) -> String {
    let sentences = curves.map { run, curve in
      let shares = [("p50", 0.5), ("p95", 0.05), ("p99", 0.01)].compactMap { name, share in
        curve.points.first { $0.slower <= share }.map { "\(name) \(Metric.latency(50).text($0.seconds))" }
      }
      let lost = curve.cutOff > 0 ? "; \(Metric.errorRate.text(curve.cutOff)) gave up at a timeout" : ""
      return "\(run.run.id), \(Phrases.grouped(curve.requests)) requests: \(shares.joined(separator: ", "))\(lost)."
    }
    return sentences.joined(separator: " ")
  }
}

/// A fixed limit that a check sets to a latency percentile.
struct LatencyLimit: Hashable, Sendable {
  var seconds: Double
  /// The check, as the experiment file has it.
  var text: String

  init?(_ checks: [Condition]) {
    for check in checks {
      guard case .latency = check.metric, case .absolute(let seconds) = check.bound else { continue }
      self.seconds = seconds
      text = check.text
      return
    }
    return nil
  }
}

extension LatencyLimit {
  /// For a caption: a label in the plot would lie over the lines.
  var words: ChartPanel.Words { .init("; dotted: \(text)") }
}

extension ChartPanel {
  mutating func show(_ limit: LatencyLimit) {
    if limit.seconds <= y.range.upperBound { layers.append(.level(limit.seconds, .limit)) }
  }
}
