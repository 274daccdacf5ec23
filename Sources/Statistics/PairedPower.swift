import Glibc

/// What pairs of blocks can see: the power of the paired t test for normal differences, by the noncentral t distribution.
///
/// The exact signed-rank test needs hardly more pairs (efficiency 0.955 where differences are normal, more with outliers),
/// but never fewer than `SignedRank.criticalValue` asks for. Differences are in standard deviations of a pair.
package enum PairedPower {
  /// The chance to call a true difference different, two-sided; for two pairs or more.
  package static func power(pairs: Int, difference: Double, alpha: Double = 0.05) -> Double {
    let degrees = Double(pairs - 1)
    let t = StudentT(degreesOfFreedom: degrees).quantile(1 - alpha / 2)
    let shift = difference * Double(pairs).squareRoot()
    return expectation(degrees) { Normal.cumulative(shift - t * $0) + Normal.cumulative(-shift - t * $0) }
  }

  /// The smallest true difference that is called different with this power.
  package static func difference(pairs: Int, power wanted: Double = 0.9, alpha: Double = 0.05) -> Double {
    SpecialFunctions.threshold(startingAt: 1) { power(pairs: pairs, difference: $0, alpha: alpha) >= wanted }
  }

  /// The fewest pairs, 3 or more, that call the difference different with this power; nil beyond `most`.
  package static func pairs(
    difference: Double, power wanted: Double = 0.9, alpha: Double = 0.05, most: Int = 10_000
  ) -> Int? {
    fewest(most) { power(pairs: $0, difference: difference, alpha: alpha) >= wanted }
  }

  /// The chance that the interval lies within ±margin when the true difference is 0: "no difference beyond the margin".
  package static func equivalence(pairs: Int, margin: Double, alpha: Double = 0.05) -> Double {
    let degrees = Double(pairs - 1)
    let t = StudentT(degreesOfFreedom: degrees).quantile(1 - alpha / 2)
    let reach = margin * Double(pairs).squareRoot()
    return expectation(degrees) { max(0, 2 * Normal.cumulative(reach - t * $0) - 1) }
  }

  /// The fewest pairs, 3 or more, that show with this power that nothing differs beyond the margin; nil beyond `most`.
  package static func pairs(
    margin: Double, power wanted: Double = 0.9, alpha: Double = 0.05, most: Int = 10_000
  ) -> Int? {
    fewest(most) { equivalence(pairs: $0, margin: margin, alpha: alpha) >= wanted }
  }

  /// By doubling and then halving: both powers grow with the pairs.
  private static func fewest(_ most: Int, _ suffices: (Int) -> Bool) -> Int? {
    var high = 3
    while !suffices(high) {
      guard high < most else { return nil }
      high = min(2 * high, most)
    }
    var low = max(3, high / 2)
    while low < high {
      let middle = (low + high) / 2
      if suffices(middle) { high = middle } else { low = middle + 1 }
    }
    return high
  }

  private static let steps = 400

  /// The mean of `value` over the estimated standard deviation, which is sqrt(chi²/nu) for a true one of 1. By Simpson's rule
  /// over ten of its own deviations.
  private static func expectation(_ degrees: Double, _ value: (Double) -> Double) -> Double {
    let reach = 10 / (2 * degrees).squareRoot()
    let low = max(0, 1 - reach)
    let step = (1 + reach - low) / Double(steps)
    let logScale = log(2) + degrees / 2 * log(degrees / 2) - SpecialFunctions.logGamma(degrees / 2)
    var sum = 0.0
    for index in 0...steps {
      let deviation = low + step * Double(index)
      let weight = index == 0 || index == steps ? 1.0 : index.isMultiple(of: 2) ? 2 : 4
      let power = degrees == 1 ? 0 : (degrees - 1) * log(deviation)
      sum += weight * exp(logScale + power - degrees * deviation * deviation / 2) * value(deviation)
    }
    return sum * step / 3
  }
}
