import Model
import Statistics

extension Calibration {
  /// The noise that A against A shows; nil without a pair whose blocks both finished and say when.
  ///
  /// It is measured and judged as a change would be: block values and pairs of the comparison, looked at once.
  /// - Parameter environment: the digest of `environmentText`.
  package init?(_ first: RecordedRun, _ second: RecordedRun, environment: String, shape: LoadShape?) {
    let before = Measurement(first, metrics: RunFigures.tableMetrics)
    let after = Measurement(second, metrics: RunFigures.tableMetrics)
    let pairs = Pair.of(before, after)
    guard let length = Self.secondsPerPair(pairs), length > 0 else { return nil }
    let blocks = before.blocks + after.blocks
    let plan = PairsSpec(count: pairs.count, stopping: .planned)
    let comparison = Comparison.compare(first, second, plan: plan, shape: shape)
    self.init(
      execution: first.run.execution, started: first.run.started, environment: environment,
      load: first.run.environment["load"] ?? "", pairs: pairs.count,
      blockSeconds: Double(blocks.reduce(0) { $0 + $1.seconds }) / Double(blocks.count), pairSeconds: length,
      noise: comparison.rows.compactMap { MetricNoise($0, pairs) },
      objections: comparison.before.objections.map { "\(first.run.id): \($0)" }
        + comparison.after.objections.map { "\(second.run.id): \($0)" })
  }

  private static func secondsPerPair(_ pairs: [Pair]) -> Double? {
    let blocks = pairs.flatMap { [$0.before.block, $0.after.block] }
    let ends = blocks.compactMap(\.ended)
    guard let start = blocks.map(\.started).min(), let end = ends.max(), ends.count == blocks.count else { return nil }
    return end.duration(since: start).seconds / Double(pairs.count)
  }

  /// What makes two environments the same one: every fact that two runs must agree in to be compared, but for the commit,
  /// which makes no noise. One a line, to be digested.
  package static func environmentText(_ environment: [String: String]) -> String {
    environment.filter { $0.key != "git_commit" }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
  }
}

extension MetricNoise {
  /// Nil for what is not judged, has no data, or is a total over a run.
  fileprivate init?(_ row: ComparisonRow, _ pairs: [Pair]) {
    let metric = row.metric
    guard metric.direction != .neither, !metric.isTotal, let before = row.before, let after = row.after,
      let difference = PairedDifference(metric, pairs, level: .once),
      let deviation = Summary.standardDeviation(difference.differences)
    else { return nil }
    self.init(
      metric: metric, scale: difference.scale == .ratio ? .ratio : .absolute, level: (before.value + after.value) / 2,
      deviation: deviation, estimate: difference.estimate, pairs: difference.differences.count,
      isFalseAlarm: row.finding == .improved || row.finding == .regressed)
  }
}
