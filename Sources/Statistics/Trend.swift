import Glibc

/// How a quantity moved over a run, from one value each of equally long parts of it: a line's slope with an interval that
/// holds although neighbouring values resemble each other.
///
/// Two intervals, of which the shorter counts. Autoregressive: Theil and Sen's slope, Sen's interval, whose reach is that of
/// Kendall's score where neighbours of the values less the line correlate by r, corrected for the bias of its estimate
/// (about -(2 + 4r)/n, Kendall 1954); the score's variance grows by the factor of Hamed and Rao (1998) for ranks that
/// correlate by powers of r; and Student's t of as many values as that leaves stands for the normal distribution. Walk: the
/// mean step with Student's t over the steps, as if the values were a random walk, and wide for all else, but not for
/// growth with little noise that follows no line, of which the first says nothing. Tests without this caution call a
/// trend in 7 to 50 of 100 courses that wander and have none; `TrendTests` prints the figures of this one.
package struct Trend: Hashable, Sendable {
  /// One moment that parts two levels, and explains the course better than a line does.
  package struct Jump: Hashable, Sendable {
    /// The first value after it.
    package var index: Int
    /// Median of the values after it, less that before.
    package var size: Double
  }

  /// 95 % of the slope, per step from one value to the next; nil where the values resemble each other too much for it.
  package let autoregressive: ClosedRange<Double>?
  /// The same, of a random walk's mean step.
  package let walk: ClosedRange<Double>
  /// Of neighbours, less the line, 0...0.95.
  package let correlation: Double
  /// Independent values that would know as much.
  package let effectiveCount: Double
  /// Nil where there is none that is told from a gradual course.
  package let jump: Jump?
  /// Whether a line explains the values clearly better than two levels do.
  package let isGradual: Bool
  private let line: Double
  private let meanStep: Double

  private var isWalk: Bool {
    autoregressive.map { $0.upperBound - $0.lowerBound > walk.upperBound - walk.lowerBound } ?? true
  }
  /// Per step from one value to the next.
  package var slope: Double { isWalk ? meanStep : line }
  package var interval: ClosedRange<Double> { isWalk ? walk : autoregressive ?? walk }

  /// Fewest values. With 18 the test keeps its level on all courses that were tried, with 15 it sees little.
  package static let leastValues = 18
  package static let mostValues = 30

  private static let confidence = 0.95
  /// A larger estimate says that nothing is known.
  private static let mostCorrelation = 0.95

  /// Nil for fewer than `leastValues`, and where one is no finite number.
  package init?(_ values: [Double]) {
    guard values.count >= Self.leastValues, values.allSatisfy(\.isFinite) else { return nil }
    let slopes = TheilSen.slopes(values)
    guard let line = Summary.medianOfSorted(slopes) else { return nil }
    self.line = line
    correlation = Self.correlation(values, slope: line)
    let growth = Self.varianceGrowth(count: values.count, correlation: correlation)
    effectiveCount = Double(values.count) / growth
    let t = Self.criticalT(effectiveCount - 2)
    autoregressive = TheilSen.interval(
      ofSorted: slopes, reach: t * (MannKendall.variance(values) * growth).squareRoot())
    (meanStep, walk) = Self.walk(values)
    let left = Self.squaresLeftByLine(values)
    jump = Self.jump(values, line: left)
    isGradual = Self.prefersLine(values, line: left)
  }

  private static func criticalT(_ degreesOfFreedom: Double) -> Double {
    StudentT(degreesOfFreedom: max(degreesOfFreedom, 1)).quantile((1 + confidence) / 2)
  }

  /// Values are means over parts: neighbouring steps of a walk's means correlate by a quarter, and their sum varies by half
  /// as much again.
  private static func walk(_ values: [Double]) -> (mean: Double, interval: ClosedRange<Double>) {
    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
    let mean = Summary.mean(steps) ?? 0
    let error = (Summary.standardDeviation(steps) ?? 0) * (1.5 / Double(steps.count)).squareRoot()
    let half = criticalT(Double(steps.count - 1)) * error
    return (mean, mean - half...mean + half)
  }

  private static func correlation(_ values: [Double], slope: Double) -> Double {
    let flat = values.enumerated().map { $1 - slope * Double($0) }
    let mean = Summary.mean(flat) ?? 0
    let rest = flat.map { $0 - mean }
    let squares = rest.reduce(0) { $0 + $1 * $1 }
    guard squares > 0 else { return 0 }
    let products = zip(rest, rest.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let count = Double(values.count)
    return min(max((count * products / squares + 2) / (count - 4), 0), mostCorrelation)
  }

  /// By how much more Kendall's score varies when values k apart correlate by `correlation` to the power of k.
  static func varianceGrowth(count: Int, correlation: Double) -> Double {
    // Spearman's correlation of a normal pair (Pearson 1907).
    let ranks = 6 / Double.pi * asin(correlation / 2)
    let n = Double(count)
    var (sum, power) = (0.0, ranks)
    for lag in 1..<count {
      let k = Double(lag)
      sum += (n - k) * (n - k - 1) * (n - k - 2) * power
      power *= ranks
    }
    return max(1, 1 + 2 * sum / (n * (n - 1) * (n - 2)))
  }
}

// MARK: - Jumps

extension Trend {
  /// A step must be so many times the typical one. Steps of a random walk are alike, so not even that is taken for a jump.
  private static let outstanding = 5.0
  /// Share of pairs of a value before and one after that must differ the same way.
  private static let separation = 0.97
  /// Log-likelihood by which the line must win.
  private static let preference = 1.0

  private static func jump(_ values: [Double], line: Double) -> Jump? {
    let steps = zip(values.dropFirst(), values).map { $0 - $1 }
    guard let largest = steps.indices.max(by: { steps[$0].magnitude < steps[$1].magnitude }) else { return nil }
    var others = steps.map(\.magnitude)
    others.remove(at: largest)
    // The median size of a normal step is 0.6745 standard deviations.
    let typical = (Summary.median(others) ?? 0) / 0.6745
    guard steps[largest].magnitude > outstanding * typical else { return nil }
    let (before, after) = (Array(values[...largest]), Array(values[(largest + 1)...]))
    guard before.count > 1, after.count > 2, isApart(before, after, by: steps[largest]),
      squaresLeft(before) + squaresLeft(after) < line,
      let low = Summary.median(before), let high = Summary.median(after)
    else { return nil }
    return Jump(index: largest + 1, size: high - low)
  }

  private static func isApart(_ before: [Double], _ after: [Double], by step: Double) -> Bool {
    var sum = 0
    for x in before {
      for y in after { sum += (y - x) * step > 0 ? 1 : (y - x) * step < 0 ? -1 : 0 }
    }
    return Double(sum) > (2 * separation - 1) * Double(before.count * after.count)
  }

  private static func prefersLine(_ values: [Double], line: Double) -> Bool {
    let levels = (2...values.count - 2).map { squaresLeft(Array(values[..<$0])) + squaresLeft(Array(values[$0...])) }
    guard let best = levels.min(), best > 0 else { return false }
    guard line > 0 else { return true }
    return Double(values.count) / 2 * log(best / line) > preference
  }

  /// Around the mean.
  private static func squaresLeft(_ values: [Double]) -> Double {
    let mean = Summary.mean(values) ?? 0
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  }

  /// Around the line of least squares.
  private static func squaresLeftByLine(_ values: [Double]) -> Double {
    let middle = Double(values.count - 1) / 2
    let mean = Summary.mean(values) ?? 0
    var (products, squares) = (0.0, 0.0)
    for (index, value) in values.enumerated() {
      products += (Double(index) - middle) * (value - mean)
      squares += (Double(index) - middle) * (Double(index) - middle)
    }
    return max(0, squaresLeft(values) - products * products / squares)
  }
}
