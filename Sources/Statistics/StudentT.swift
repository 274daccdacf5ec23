/// Student's t distribution.
package struct StudentT: Hashable, Sendable {
  package let degreesOfFreedom: Double

  package init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0, "Student's t needs at least one degree of freedom")
    self.degreesOfFreedom = degreesOfFreedom
  }

  package func cumulative(_ t: Double) -> Double { t < 0 ? upperTail(-t) : 1 - upperTail(t) }

  /// P(T > t), for t >= 0.
  private func upperTail(_ t: Double) -> Double {
    let x = degreesOfFreedom / (degreesOfFreedom + t * t)
    return SpecialFunctions.regularizedBeta(x, degreesOfFreedom / 2, 0.5) / 2
  }

  /// - Parameter p: strictly between 0 and 1.
  package func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1, "a probability lies strictly between 0 and 1")
    guard p >= 0.5 else { return -upperQuantile(p) }
    return p == 0.5 ? 0 : upperQuantile(1 - p)
  }

  private func upperQuantile(_ tail: Double) -> Double {
    SpecialFunctions.threshold(startingAt: 2) { upperTail($0) <= tail }
  }

  /// The two-sided p value of a t statistic.
  package func twoSidedP(_ t: Double) -> Double { 2 * upperTail(abs(t)) }

  /// mean ± t s/√n of independent values (block means); nil for fewer than two.
  package static func meanInterval(_ values: [Double], confidence: Double = 0.95) -> ConfidenceInterval? {
    guard let mean = Summary.mean(values), let deviation = Summary.standardDeviation(values) else { return nil }
    let t = StudentT(degreesOfFreedom: Double(values.count - 1)).quantile((1 + confidence) / 2)
    let half = t * deviation / Double(values.count).squareRoot()
    return ConfidenceInterval(low: mean - half, high: mean + half, confidence: confidence)
  }
}
