import Model
import Statistics

/// One metric measured pair by pair: the difference that the change made, and how sure it is.
///
/// Hodges and Lehmann's estimate with Wilcoxon's exact signed-rank interval. Where a coin decided the order within each
/// pair they hold whatever the drift, the autocorrelation or the tails. Where one may look after every pair the interval
/// is a confidence sequence, and a difference is only called when a gambler on the signs agrees, which is exact.
struct PairedDifference {
  enum Scale {
    /// ln(after / before): changes are shares of before.
    case ratio
    /// after - before, in the metric's unit: for what may be zero.
    case absolute
  }

  let scale: Scale
  /// One a pair, on the scale.
  let differences: [Double]
  /// Differences up to this count as none, on the scale.
  let margin: Double
  let estimate: Double
  /// Nil for fewer pairs than the level needs, see `Level.paired`.
  let interval: ClosedRange<Double>?
  /// Whether zero is excluded.
  let isClear: Bool

  /// Nil without pairs.
  init?(scale: Scale, differences: [Double], margin: Double, level: Level) {
    guard let estimate = SignedRank.hodgesLehmann(differences) else { return nil }
    self.scale = scale
    self.differences = differences
    self.margin = margin
    self.estimate = estimate
    interval = level.paired(differences)
    isClear =
      interval.map { !$0.contains(0) } ?? false
      && (!level.isAnyTime || SignBetting.evidence(differences) >= 1 / level.alpha)
  }

  init?(_ metric: Metric, _ pairs: [Pair], level: Level, margin: Margin = .standard) {
    let values = pairs.compactMap { pair in
      pair.before[metric].flatMap { before in pair.after[metric].map { (before: before, after: $0) } }
    }
    let mean = Summary.mean(values.map(\.before)) ?? 0
    let isRatio = !metric.mayBeZero && values.allSatisfy { $0.before > 0 && $0.after > 0 }
    if isRatio, !Self.isTiny(metric, values, level, margin) {
      self.init(
        scale: .ratio, differences: values.map { logarithm($0.after / $0.before) },
        margin: logarithm(1 + margin.relative), level: level)
    } else {
      let finished = Summary.mean(pairs.map { Double($0.before.finished) }) ?? 0
      self.init(
        scale: .absolute, differences: values.map { $0.after - $0.before },
        margin: max(
          metric.leastRelevant(requests: finished, margin), metric.isFailure ? 0 : margin.relative * mean),
        level: level)
    }
  }

  /// Whether the whole difference stays below what matters to anybody, however large its share: 1 us of wait, doubled.
  private static func isTiny(
    _ metric: Metric, _ values: [(before: Double, after: Double)], _ level: Level, _ margin: Margin
  ) -> Bool {
    let least = metric.leastRelevant(requests: 0, margin)
    guard least > 0, let interval = level.paired(values.map { $0.after - $0.before }) else { return false }
    return -least < interval.lowerBound && interval.upperBound < least
  }

  /// The estimate as a share of before; nil on the absolute scale.
  var relative: Double? { scale == .ratio ? exponential(estimate) - 1 : nil }

  /// As `ComparisonRow.interval` has it.
  var shownInterval: ClosedRange<Double>? {
    guard scale == .ratio, let interval else { return interval }
    return exponential(interval.lowerBound) - 1...exponential(interval.upperBound) - 1
  }

  /// The finding before corrections for many metrics. In this order: within the margin, clearly away from zero, unclear.
  func finding(_ direction: Metric.Direction) -> Finding {
    guard let interval else { return .inconclusive }
    if -margin < interval.lowerBound, interval.upperBound < margin { return .noDifference }
    guard isClear else { return .inconclusive }
    return (interval.lowerBound > 0) == (direction == .higherIsBetter) ? .improved : .regressed
  }

  /// So many pairs in all would probably show a difference as large as the margin; nil without an interval.
  var pairsForMargin: Int? {
    guard let interval, margin > 0 else { return nil }
    let halfWidth = (interval.upperBound - interval.lowerBound) / 2
    let needed = Double(differences.count) * (halfWidth / margin) * (halfWidth / margin)
    return needed < 1e6 ? Int(needed.rounded(.up)) : nil
  }

  /// How many more pairs would probably decide; nil when that is beyond `cap` pairs in all.
  ///
  /// The half-width shrinks with the square root of the pairs; it must become as small as the nearer of the distances
  /// from the estimate to zero and to the margin.
  func pairsMissing(cap: Int = 20) -> Int? {
    guard let interval else { return nil }
    let target = min(abs(estimate), abs(margin - abs(estimate)))
    let halfWidth = (interval.upperBound - interval.lowerBound) / 2
    guard target > 0, halfWidth.isFinite else { return nil }
    let needed = Double(differences.count) * (halfWidth / target) * (halfWidth / target)
    guard needed <= Double(cap) else { return nil }
    return max(1, Int(needed.rounded(.up)) - differences.count)
  }
}

/// Two finished blocks measured one after the other, in an order that a coin decided.
struct Pair {
  let before: BlockFigures
  let after: BlockFigures

  /// The pairs of two groups of runs: blocks stay paired within their execution. Empty where a run of one group has no
  /// partner in the other, since what is left would be no fair sample of the groups.
  static func of(_ before: [Measurement], _ after: [Measurement]) -> [Pair] {
    let partners = Dictionary(grouping: after, by: \.run.execution)
    let executions = Set(before.map(\.run.execution))
    guard executions == Set(partners.keys), executions.count == before.count, executions.count == after.count else {
      return []
    }
    return before.flatMap { first in
      partners[first.run.execution].map { $0[0].run.id == first.run.id ? [] : of(first, $0[0]) } ?? []
    }
  }

  /// Seconds that such a pair takes: both blocks with their warm-up and what lies between.
  var seconds: Double { before.length + after.length }

  /// The pairs of which both blocks finished. Of a block measured again the last one counts.
  static func of(_ before: Measurement, _ after: Measurement) -> [Pair] {
    let first = Dictionary(before.blocks.map { ($0.block.pair, $0) }, uniquingKeysWith: { $1 })
    let second = Dictionary(after.blocks.map { ($0.block.pair, $0) }, uniquingKeysWith: { $1 })
    return first.keys.sorted().compactMap { pair in
      guard let before = first[pair], let after = second[pair] else { return nil }
      return Pair(before: before, after: after)
    }
  }
}

extension Metric {
  var isFailure: Bool { self == .errorRate || self == .errors || self == .acquireTimeouts }

  /// Totals over a run, not values that are alike in each block.
  var isTotal: Bool { self == .errors || self == .acquireTimeouts }

  /// Zero is a common value, so that a ratio says nothing.
  var mayBeZero: Bool {
    switch self {
    case .errorRate, .errors, .acquireTimeouts, .waiting, .sessionRate, .connectionsUsed, .flowSuccess, .breakingPoint,
      .replicationLag, .freeSlots:
      true
    default: false
    }
  }

  /// Why a value is known only from below.
  var cutOff: String { self == .breakingPoint ? "no step broke" : "cut off by timeouts" }

  /// A difference up to this matters to nobody, in the metric's unit: our choice, but for that of failures.
  func leastRelevant(requests: Double, _ margin: Margin) -> Double {
    switch self {
    case .errorRate: margin.failures
    case .errors, .acquireTimeouts: margin.failures * requests
    case .wait: 0.0005
    case .waiting: 0.5
    // A larger pool opens its connections once; churn is what goes on at some a second.
    case .sessionRate: 1
    case .flowSuccess: margin.failures
    default: 0
    }
  }
}
