import Glibc

/// An interval of a mean that holds at all times at once, so that one may look after every pair and stop when one likes.
///
/// Mixture of Student's t likelihoods, in which the scale cancels: Wang and Ramdas 2023 (arXiv 2310.03722), Lindon et al.
/// 2022 (arXiv 2210.08589). It presumes symmetric differences, which a coin that decides the order within each pair makes
/// them when nothing has changed.
package enum MixtureT {
  /// Prior variance of the effect, in variances of a difference: 1 is best for effects that matter here.
  package static let standardPrior = 1.0

  /// ln of the evidence against a mean of zero, for Student's `t` of so many differences; -infinity for fewer than two.
  package static func logEvidence(t: Double, count: Int, prior: Double = standardPrior) -> Double {
    guard count > 1 else { return -.infinity }
    let (n, freedom) = (Double(count), Double(count - 1))
    let r = 1 + n * prior
    guard t.isFinite else { return -0.5 * log(r) + n / 2 * log(r) }
    return -0.5 * log(r) + n / 2 * (log1p(t * t / freedom) - log1p(t * t / (freedom * r)))
  }

  /// By how many standard errors the mean must differ; nil while no difference however large would do.
  package static func boundary(count: Int, alpha: Double = 0.05, prior: Double = standardPrior) -> Double? {
    guard count > 1 else { return nil }
    let (n, freedom) = (Double(count), Double(count - 1))
    let r = 1 + n * prior
    let y = pow(r.squareRoot() / alpha, 2 / n)
    guard y < r else { return nil }
    return (freedom * (y - 1) / (1 - y / r)).squareRoot()
  }

  /// The means not excluded; nil while none is (fewer than 5 differences at 0.05).
  package static func interval(_ differences: [Double], alpha: Double = 0.05) -> ConfidenceInterval? {
    guard let boundary = boundary(count: differences.count, alpha: alpha), let mean = Summary.mean(differences),
      let deviation = Summary.standardDeviation(differences)
    else { return nil }
    let half = boundary * deviation / Double(differences.count).squareRoot()
    return ConfidenceInterval(low: mean - half, high: mean + half, confidence: 1 - alpha)
  }
}
