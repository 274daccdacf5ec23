import Evidence
import Model

/// All blocks of both runs laid over each other, second by second from the start of each: the median block as a line,
/// from the lowest to the highest as a band.
struct WithinBlockChart: Sendable {
  let series: [RunSeries]
  let limit: LatencyLimit?

  /// nil where no run answered anything.
  var panel: ChartPanel? {
    let runs = series.map { ($0, Self.extents($0)) }.filter { !$0.1.isEmpty }
    guard !runs.isEmpty else { return nil }
    let seconds = runs.flatMap(\.1).map(\.second)
    let (first, last) = (seconds.min() ?? 0, (seconds.max() ?? 0) + 1)
    let highest = runs.flatMap(\.1).map { $0.values.last ?? 0 }.max() ?? 1
    let thinning = Thinning(of: last - first)
    var panel = ChartPanel(
      id: "block", title: "Latency p95 within a block", summary: summary(runs), caption: caption(thinning), height: 190,
      x: .time(Double(first)...Double(last)), y: .linear(to: highest, .seconds))
    if first < 0 { panel.layers.append(.span(Double(first)...0, .warmUp)) }
    if let limit { panel.show(limit) }
    for (run, extents) in runs { Self.draw(run, extents, thinning, &panel) }
    return panel
  }

  private func caption(_ thinning: Thinning) -> [ChartPanel.Words] {
    let most = series.map(\.blocks.count).max() ?? 0
    let words = most > 1 ? "median of the blocks, band from lowest to highest" : "one block of each run"
    let first = series.flatMap(\.blocks).map(\.warmUp).max() ?? 0
    return [.init("Latency p95, blocks laid over each other: \(words)\(first > 0 ? "; warm-up is shaded" : "")")]
      + (limit.map { [$0.words] } ?? [])
  }

  private struct AtSecond {
    var second: Int
    /// Of every block that has one, sorted.
    var values: [Double]
  }

  private static func extents(_ run: RunSeries) -> [AtSecond] {
    var values: [Int: [Double]] = [:]
    for block in run.blocks where block.status == .finished {
      for second in block.seconds { if let p95 = second.p95 { values[second.second, default: []].append(p95) } }
    }
    return values.sorted { $0.key < $1.key }.map { AtSecond(second: $0.key, values: $0.value.sorted()) }
  }

  private static func draw(
    _ run: RunSeries, _ extents: [AtSecond], _ thinning: Thinning, _ panel: inout ChartPanel
  ) {
    let isBefore = run.isBefore
    func points(_ value: (AtSecond) -> Double) -> [ChartPanel.Point] {
      extents.map { ChartPanel.Point(x: Double($0.second) + 0.5, y: value($0)) }
    }
    let middle = thinning.thinned(points { median($0.values) })
    let high = thinning.thinned(points { $0.values.last ?? 0 })
    let low = thinning.thinned(points { $0.values.first ?? 0 })
    let band = middle.line.indices.map { index in
      ChartPanel.Extent(
        x: middle.line[index].x, low: low.band.isEmpty ? low.line[index].y : low.band[index].low,
        high: high.band.isEmpty ? high.line[index].y : high.band[index].high)
    }
    panel.layers.append(.band(band, isBefore ? .before : .after))
    panel.layers.append(.line(middle.line, isBefore ? .beforeDashed : .after))
    guard let last = middle.line.last else { return }
    panel.labels.append(
      ChartPanel.Label(
        text: run.name, look: isBefore ? .before : .after, at: last, isAtEdge: true))
  }

  private func summary(_ runs: [(RunSeries, [AtSecond])]) -> String {
    runs.map { run, extents in
      let values = extents.filter { $0.second >= 0 }.map { median($0.values) }.sorted()
      guard let low = values.first, let high = values.last else { return "\(run.run.id): warm-up only." }
      let (from, to) = (Metric.latency(95).text(low), Metric.latency(95).text(high))
      return "\(run.run.id): the median block's p95 lies between \(from) and \(to)."
    }.joined(separator: " ")
  }
}
