import Model
import Statistics

/// One metric measured pair by pair: the difference that the change made, and how sure it is.
///
/// Hodges and Lehmann's estimate with Wilcoxon's exact signed-rank interval. Where a coin decided the order within each
/// pair they hold whatever the drift, the autocorrelation or the tails.
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
  /// Nil for fewer pairs than alpha needs: 6 for 0.05, 7 for 0.0182.
  let interval: ClosedRange<Double>?

  /// A change of up to 5 % counts as none.
  static let relativeMargin = 0.05

  /// Nil without pairs.
  init?(scale: Scale, differences: [Double], margin: Double, alpha: Double) {
    guard let estimate = SignedRank.hodgesLehmann(differences) else { return nil }
    self.scale = scale
    self.differences = differences
    self.margin = margin
    self.estimate = estimate
    interval = SignedRank.interval(differences, alpha: alpha).map { $0.low...$0.high }
  }

  init?(_ metric: Metric, _ pairs: [Pair], alpha: Double) {
    let values = pairs.compactMap { pair in
      pair.before[metric].flatMap { before in pair.after[metric].map { (before: before, after: $0) } }
    }
    let mean = Summary.mean(values.map(\.before)) ?? 0
    let isRatio = !metric.mayBeZero && values.allSatisfy { $0.before > 0 && $0.after > 0 }
    if isRatio, !Self.isTiny(metric, values, alpha: alpha) {
      self.init(
        scale: .ratio, differences: values.map { logarithm($0.after / $0.before) },
        margin: logarithm(1 + Self.relativeMargin), alpha: alpha)
    } else {
      let finished = Summary.mean(pairs.map { Double($0.before.finished) }) ?? 0
      self.init(
        scale: .absolute, differences: values.map { $0.after - $0.before },
        margin: max(metric.leastRelevant(requests: finished), metric.isFailure ? 0 : Self.relativeMargin * mean),
        alpha: alpha)
    }
  }

  /// Whether the whole difference stays below what matters to anybody, however large its share: 1 us of wait, doubled.
  private static func isTiny(_ metric: Metric, _ values: [(before: Double, after: Double)], alpha: Double) -> Bool {
    let least = metric.leastRelevant(requests: 0)
    guard least > 0, let interval = SignedRank.interval(values.map { $0.after - $0.before }, alpha: alpha) else {
      return false
    }
    return -least < interval.low && interval.high < least
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
    guard let interval else { return .notEnoughEvidence }
    if -margin < interval.lowerBound, interval.upperBound < margin { return .noDifference }
    if interval.lowerBound > 0 { return direction == .higherIsBetter ? .better : .worse }
    if interval.upperBound < 0 { return direction == .higherIsBetter ? .worse : .better }
    return .notEnoughEvidence
  }

  var isClear: Bool { interval.map { !$0.contains(0) } ?? false }

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
    case .errorRate, .errors, .acquireTimeouts, .waiting, .sessionRate, .connectionsUsed: true
    default: false
    }
  }

  /// A difference up to this matters to nobody, in the metric's unit: our choice, but for the 0.2 points of failures.
  func leastRelevant(requests: Double) -> Double {
    switch self {
    case .errorRate: 0.002
    case .errors, .acquireTimeouts: 0.002 * requests
    case .wait: 0.0005
    case .waiting: 0.5
    // A larger pool opens its connections once; churn is what goes on at some a second.
    case .sessionRate: 1
    default: 0
    }
  }
}
