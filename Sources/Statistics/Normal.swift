import Glibc

/// The standard normal distribution.
package enum Normal {
  package static func cumulative(_ z: Double) -> Double { erfc(-z / 2.squareRoot()) / 2 }

  /// - Parameter p: strictly between 0 and 1.
  package static func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1, "a probability lies strictly between 0 and 1")
    // The lower tail keeps its precision where 1 - p would lose it.
    guard p <= 0.5 else { return -quantile(1 - p) }
    return SpecialFunctions.threshold(-40...0) { cumulative($0) >= p }
  }

  /// The z with `confidence` of the distribution between -z and z: 1.959964 for 0.95.
  static func twoSided(_ confidence: Double) -> Double { -quantile((1 - confidence) / 2) }
}
