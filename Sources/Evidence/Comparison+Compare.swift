import Model
import Statistics

extension Comparison {
  /// Fewest pairs that a finding may rest on: the exact signed-rank test cannot reach 5 % with fewer.
  package static let pairsForFinding = 6

  /// Compares the run `after` with the run `before`.
  ///
  /// Runs of one execution are compared pair by pair (`PairedDifference`). p95 is the primary metric and tested at full
  /// alpha; the others share it (`ManyMetrics`). Anything else is a plain before and after, where nothing is concluded.
  /// - Parameters:
  ///   - metrics: rows, in order.
  ///   - plan: as the experiment had it: looking several times costs certainty at each look. nil: looked once.
  ///   - shape: see `RunFigures.of`.
  package static func compare(
    _ before: RecordedRun, _ after: RecordedRun, metrics: [Metric] = RunFigures.tableMetrics,
    plan: PairsSpec? = nil, shape: LoadShape? = nil
  ) -> Comparison {
    let first = Measurement(before, metrics: RunFigures.tableMetrics + metrics)
    let second = Measurement(after, metrics: RunFigures.tableMetrics + metrics)
    let pairs = isPaired(before.run, after.run) ? Pair.of(first, second) : []
    let design: Design = pairs.count > 1 ? .pairedBlocks(pairs: pairs.count) : .beforeAfter
    let figures = (RunFigures(first, shape: shape), RunFigures(second, shape: shape))
    var rows = metrics.map { metric in
      row(metric, figures.0[metric], figures.1[metric], pairs, design, alpha: Look.alpha(of: plan))
    }
    CPUFinding.withdraw(from: &rows)
    return Comparison(
      before: figures.0, after: figures.1, design: design,
      settings: Difference.settings(figures.0, figures.1), otherDifferences: Difference.others(figures.0, figures.1),
      rows: correctedForMany(rows, pairs, alpha: Look.alpha(of: plan)))
  }

  static func isPaired(_ before: Run, _ after: Run) -> Bool {
    before.execution == after.execution && before.id != after.id
  }

  private static func row(
    _ metric: Metric, _ before: Figure?, _ after: Figure?, _ pairs: [Pair], _ design: Design, alpha: Double
  ) -> ComparisonRow {
    let change = before.flatMap { before in after.map { $0.value - before.value } }
    var row = ComparisonRow(
      metric: metric, before: before, after: after, change: change, relative: relative(change, before),
      interval: nil, finding: metric.direction == .neither ? .notJudged : .notEnoughEvidence)
    guard let before, let after else {
      row.note = "no data in \(before == nil ? (after == nil ? "either run" : "the first run") : "the second run")"
      return row
    }
    guard case .pairedBlocks = design, let difference = PairedDifference(metric, pairs, alpha: alpha) else {
      row.note = "plain before and after: drift of the machine is not separated from the change"
      return row
    }
    // The most of all blocks is no mean of theirs: an interval over pairs would not be about it.
    if metric == .connectionsUsed { return row }
    row.take(difference, pairs: pairs.count)
    row.consider(censoredBefore: before.isCensored, after: after.isCensored)
    return row
  }

  private static func relative(_ change: Double?, _ before: Figure?) -> Double? {
    guard let change, let before, before.value > 0 else { return nil }
    return change / before.value
  }

  /// Takes back "better" and "worse" of secondary metrics that many looks at noise would find.
  private static func correctedForMany(_ rows: [ComparisonRow], _ pairs: [Pair], alpha: Double) -> [ComparisonRow] {
    var rows = rows
    let secondary = rows.indices.filter { rows[$0].metric != .latency(95) && rows[$0].metric.direction != .neither }
    let tested = secondary.compactMap { index -> (index: Int, differences: [Double])? in
      guard let difference = PairedDifference(rows[index].metric, pairs, alpha: alpha),
        difference.differences.count == pairs.count
      else { return nil }
      return (index, difference.differences)
    }
    let adjusted = ManyMetrics.adjusted(tested.map(\.differences))
    for (position, test) in tested.enumerated()
    where rows[test.index].finding.isDifference && adjusted[position] > alpha {
      rows[test.index].finding = .notEnoughEvidence
      rows[test.index].note = "clear alone, but not among \(tested.count) metrics looked at"
    }
    return rows
  }
}

extension ComparisonRow {
  fileprivate mutating func take(_ difference: PairedDifference, pairs: Int) {
    relative = difference.relative ?? relative
    interval = difference.shownInterval
    intervalIsAbsolute = difference.scale == .absolute
    if metric.isTotal, let perPair = interval {
      interval = perPair.lowerBound * Double(pairs)...perPair.upperBound * Double(pairs)
    }
    guard metric.direction != .neither else { return }
    finding = difference.finding(metric.direction)
    note = text(difference)
  }

  private func text(_ difference: PairedDifference) -> String {
    guard difference.interval != nil else {
      return "needs \(Comparison.pairsForFinding) pairs, has \(difference.differences.count)"
    }
    switch finding {
    case .noDifference: return difference.isClear ? "small but clear" : ""
    case .notEnoughEvidence:
      if let missing = difference.pairsMissing() { return "about \(missing) more pairs would tell" }
      return "too noisy here: the interval is wide and 20 pairs would not tell"
    default: return ""
    }
  }

  /// A percentile cut off at a timeout is larger than it looks, so only what stays true then is said.
  fileprivate mutating func consider(censoredBefore: Bool, after censoredAfter: Bool) {
    guard censoredBefore || censoredAfter, finding != .notJudged else { return }
    let holds = finding == .better && !censoredAfter || finding == .worse && !censoredBefore
    if !holds { finding = .notEnoughEvidence }
    note = "cut off by timeouts: the true value of the \(censoredAfter ? "second" : "first") run is larger"
  }
}

extension Finding {
  fileprivate var isDifference: Bool { self == .better || self == .worse }
}

/// CPU use rises and falls with throughput: a change that lowers it by serving less is no improvement.
private enum CPUFinding {
  static func withdraw(from rows: inout [ComparisonRow]) {
    let throughput = rows.first { $0.metric == .throughput }
    for index in rows.indices where rows[index].metric == .serverCPU || rows[index].metric == .machineCPU {
      guard rows[index].finding.isDifference, throughput?.finding != .noDifference else { continue }
      rows[index].finding = .notJudged
      rows[index].note = "throughput may differ too: see CPU per 1000 requests"
    }
  }
}
