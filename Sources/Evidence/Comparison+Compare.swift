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
  ///   - margin: differences up to it count as none.
  package static func compare(
    _ before: RecordedRun, _ after: RecordedRun, metrics: [Metric] = RunFigures.tableMetrics,
    plan: PairsSpec? = nil, shape: LoadShape? = nil, margin: Margin = .standard
  ) -> Comparison {
    compare(
      group: [before], with: [after], metrics: metrics, plans: plan.map { [$0] } ?? [], shape: shape, margin: margin)
  }

  /// Compares two groups of runs, each taken as one. Where every run of one group has its partner of the same execution
  /// in the other, blocks stay paired within their execution; else it is a plain before and after. Traps without runs.
  /// - Parameter plans: of the executions; the strictest counts for all.
  package static func compare(
    group before: [RecordedRun], with after: [RecordedRun], metrics: [Metric] = RunFigures.tableMetrics,
    plans: [PairsSpec] = [], shape: LoadShape? = nil, margin: Margin = .standard
  ) -> Comparison {
    let measured = [before, after].map { side in
      side.map { recorded in
        var run = MeasuredRun(recorded.run, metrics: metrics)
        for block in recorded.blocks { run.take(block) }
        return run
      }
    }
    return compare(
      group: measured[0], with: measured[1], metrics: metrics, plans: plans, shape: shape, margin: margin)
  }

  /// As above, of runs that were reduced while they were read.
  package static func compare(
    group before: [MeasuredRun], with after: [MeasuredRun], metrics: [Metric] = RunFigures.tableMetrics,
    plans: [PairsSpec] = [], shape: LoadShape? = nil, margin: Margin = .standard
  ) -> Comparison {
    let (first, second) = (before.map(\.measurement), after.map(\.measurement))
    let pairs = Pair.of(first, second)
    let design: Design = pairs.count > 1 ? .pairedBlocks(pairs: pairs.count) : .beforeAfter
    var comparison = Comparison(
      before: RunFigures(first, shape: shape), after: RunFigures(second, shape: shape), design: design, settings: [],
      otherDifferences: [], rows: [], margin: margin)
    comparison.settings = Difference.settings(comparison.before, comparison.after)
    comparison.otherDifferences = Difference.others(
      comparison.before, comparison.after, mayEndEarly: shape?.mayEndEarly ?? comparison.findsBreakingPoints)
    comparison.refusals = comparison.foundRefusals
    let rows = RowMaker(
      pairs: design == .beforeAfter ? [] : pairs, level: Look.level(of: plans), margin: margin,
      isOfSteps: comparison.findsBreakingPoints)
    comparison.rows = rows.rows(metrics, comparison.before, comparison.after)
    if !comparison.refusals.isEmpty { comparison.withdrawFindings() }
    return comparison
  }

  /// Whether the load was one of steps, on either side.
  private var findsBreakingPoints: Bool { !before.breakingPoints.isEmpty || !after.breakingPoints.isEmpty }

  static func isPaired(_ before: Run, _ after: Run) -> Bool {
    before.execution == after.execution && before.id != after.id
  }

  private mutating func withdrawFindings() {
    for index in rows.indices where rows[index].finding != .notJudged {
      rows[index].finding = .inconclusive
      if rows[index].before != nil, rows[index].after != nil { rows[index].note = "" }
    }
  }
}

/// Makes the rows of a comparison from its pairs; without pairs nothing is concluded.
private struct RowMaker {
  let pairs: [Pair]
  let level: Level
  let margin: Margin
  /// Of loads of steps only the breaking point can be compared: a block of the better pool went on to more users.
  let isOfSteps: Bool

  func rows(_ metrics: [Metric], _ before: RunFigures, _ after: RunFigures) -> [ComparisonRow] {
    // What only some loads have is no missing figure of the others.
    let metrics = metrics.filter { !$0.isOccasional || before[$0] != nil || after[$0] != nil }
    let differences = metrics.map { metric in
      pairs.isEmpty ? nil : PairedDifference(metric, pairs, level: level, margin: margin)
    }
    var rows = zip(metrics, differences).map { metric, difference in
      row(metric, before[metric], after[metric], difference)
    }
    if isOfSteps {
      for index in rows.indices where rows[index].metric != .breakingPoint && rows[index].finding != .notJudged {
        rows[index].finding = .notJudged
        rows[index].note = "steps end at different numbers of users: see the breaking point"
      }
      return rows
    }
    CPUFinding.withdraw(from: &rows)
    return correctedForMany(rows, differences)
  }

  private func row(
    _ metric: Metric, _ before: Figure?, _ after: Figure?, _ difference: PairedDifference?
  ) -> ComparisonRow {
    let change = before.flatMap { before in after.map { $0.value - before.value } }
    var row = ComparisonRow(
      metric: metric, before: before, after: after, change: change, relative: relative(change, before),
      interval: nil, finding: metric.direction == .neither ? .notJudged : .inconclusive)
    guard let before, let after else {
      row.note = "no data in \(before == nil ? (after == nil ? "either run" : "the first run") : "the second run")"
      return row
    }
    guard let difference else {
      row.note = "plain before and after: drift of the machine is not separated from the change"
      return row
    }
    // The most of all blocks is no mean of theirs: an interval over pairs would not be about it.
    if metric == .connectionsUsed { return row }
    row.take(difference, pairs: pairs.count)
    if row.finding != .notJudged { row.note = note(difference, row.finding) }
    row.consider(censoredBefore: before.isCensored, after: after.isCensored)
    return row
  }

  private func relative(_ change: Double?, _ before: Figure?) -> Double? {
    guard let change, let before, before.value > 0 else { return nil }
    return change / before.value
  }

  /// What a finding lacks, with the time that it would take.
  private func note(_ difference: PairedDifference, _ finding: Finding) -> String {
    let count = difference.differences.count
    guard difference.interval != nil else { return "needs \(Comparison.pairsForFinding) pairs, has \(count)" }
    if finding == .noDifference { return difference.isClear ? "small but clear" : "" }
    guard finding == .inconclusive else { return "" }
    if let missing = difference.pairsMissing() { return "about \(more(missing)) would tell" }
    guard let needed = difference.pairsForMargin else { return "too noisy here: no number of pairs would tell" }
    if needed <= count { return "close to the margin: more pairs would hardly tell" }
    return "too noisy here: to see a difference of the margin takes about \(more(needed - count))"
  }

  /// `4 more pairs (3 min)`.
  private func more(_ count: Int) -> String {
    let seconds = (Summary.mean(pairs.map(\.seconds)) ?? 0) * Double(count)
    let time =
      seconds < 90
      ? "\(decimal(seconds, places: 0)) s"
      : seconds < 5400 ? "\(decimal(seconds / 60, places: 0)) min" : "\(decimal(seconds / 3600, places: 1)) h"
    return "\(count) more pair\(count == 1 ? "" : "s") (\(time))"
  }

  /// Takes back differences of secondary metrics that many looks at noise would find.
  private func correctedForMany(_ rows: [ComparisonRow], _ differences: [PairedDifference?]) -> [ComparisonRow] {
    var rows = rows
    let tested = rows.indices.compactMap { index -> (index: Int, differences: [Double])? in
      guard rows[index].metric != .latency(95), rows[index].metric.direction != .neither,
        let found = differences[index]?.differences, found.count == pairs.count
      else { return nil }
      return (index, found)
    }
    guard tested.contains(where: { rows[$0.index].finding.isDifference }) else { return rows }
    let adjusted = adjusted(tested.map(\.differences))
    for (position, test) in tested.enumerated()
    where rows[test.index].finding.isDifference && adjusted[position] > level.alpha {
      rows[test.index].finding = .inconclusive
      rows[test.index].note = "clear alone, but not among \(tested.count) metrics looked at"
    }
    return rows
  }

  /// At any time: what the gamblers won gives p values that hold at every look, and Holm's correction needs no more.
  private func adjusted(_ differences: [[Double]]) -> [Double] {
    guard level.isAnyTime else { return ManyMetrics.adjusted(differences) }
    return Holm.adjusted(differences.map { min(1, 1 / SignBetting.evidence($0)) })
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
  }

  /// A percentile cut off at a timeout is larger than it looks, so only what stays true then is said.
  fileprivate mutating func consider(censoredBefore: Bool, after censoredAfter: Bool) {
    guard censoredBefore || censoredAfter, finding != .notJudged else { return }
    let isLess = (finding == .improved) == (metric.direction == .lowerIsBetter)
    let holds = finding.isDifference && (isLess ? !censoredAfter : !censoredBefore)
    if !holds { finding = .inconclusive }
    note = "\(metric.cutOff): the true value of the \(censoredAfter ? "second" : "first") run is larger"
  }
}

extension Finding {
  fileprivate var isDifference: Bool { self == .improved || self == .regressed }
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
