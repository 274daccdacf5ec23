import Glibc

/// The distribution-free confidence interval of a quantile, as ranks in the sorted sample (1-based).
///
/// Holds within one run of independent values; runs differ by more than that (compare runs by paired blocks).
package struct QuantileInterval: Hashable, Sendable {
  /// Nil when the sample is too small to bound the quantile from below.
  package let lowerRank: Int?
  /// Nil when the sample is too small to bound the quantile from above.
  package let upperRank: Int?
  /// Probability that the ranks enclose the quantile; at least what was asked for.
  package let coverage: Double

  /// From binomial quantiles: the count of values at or below the q-quantile is binomial(n, q).
  package init(of q: Double, count: Int, confidence: Double = 0.95) {
    precondition(count >= 0 && q > 0 && q < 1, "a quantile lies strictly between 0 and 1")
    let binomial = Binomial(trials: count, probability: q)
    let tail = (1 - confidence) / 2
    let lower = binomial.quantile(tail)
    let upper = binomial.quantile(1 - tail) + 1
    lowerRank = lower >= 1 ? lower : nil
    upperRank = upper <= count ? upper : nil
    coverage = binomial.cumulative(upper - 1) - binomial.cumulative(lower - 1)
  }

  /// The ranks that enclose the quantile at all times at once, so that one may look after every value: a count of values at
  /// or below it is bounded by a confidence sequence (Howard and Ramdas, Bernoulli 2022).
  package static func ranksAtAnyTime(of q: Double, count: Int, alpha: Double = 0.05) -> (lower: Int?, upper: Int?) {
    precondition(count >= 0 && q > 0 && q < 1, "a quantile lies strictly between 0 and 1")
    let limit = -log(alpha)
    let isExcluded = { (k: Int) in ConfidenceSequence(Proportion(k, of: count)).logEvidence(against: q) >= limit }
    // The evidence against q falls towards the expected count and rises beyond it.
    let centre = min(Int(q * Double(count)), count)
    let low = firstIndex(in: 0..<centre) { !isExcluded($0) }
    let high = firstIndex(in: centre..<count + 1, where: isExcluded)
    return (low >= 1 ? low : nil, high <= count ? high : nil)
  }

  /// The first of a range in which all that hold come last; its end where none does.
  private static func firstIndex(in range: Range<Int>, where holds: (Int) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// ceil(q n), at least 1 and at most n; an excess of a few rounding errors does not push it up.
  package static func rank(of q: Double, count: Int) -> Int {
    let product = q * Double(count)
    let nearest = product.rounded()
    let exact = abs(product - nearest) <= 4 * product.ulp
    return min(max(Int(exact ? nearest : product.rounded(.up)), 1), count)
  }
}

/// The number of successes in independent trials.
struct Binomial {
  let trials: Int
  let probability: Double

  /// P(X <= k).
  func cumulative(_ k: Int) -> Double {
    guard k >= 0 else { return 0 }
    guard k < trials else { return 1 }
    return SpecialFunctions.regularizedBeta(1 - probability, Double(trials - k), Double(k) + 1)
  }

  /// The smallest k with P(X <= k) >= p.
  func quantile(_ p: Double) -> Int {
    var low = 0
    var high = trials
    while low < high {
      let middle = (low + high) / 2
      if cumulative(middle) >= p { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
