import Glibc

/// A confidence sequence of a proportion: valid at all times at once, so one may look after every event.
///
/// Mixture of binomial likelihoods over Beta(1/2, 1/2); Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 2021.
/// It presumes independent events. On bursty ones use effective counts, and never to end early in favour.
package struct ConfidenceSequence: Hashable, Sendable {
  package let counts: Proportion

  package init(_ counts: Proportion) { self.counts = counts }

  /// ln of the evidence against `rate`: above ln(1/alpha) the rate is excluded at alpha, whenever one looks.
  package func logEvidence(against rate: Double) -> Double {
    let (k, rest) = (counts.events, counts.trials - counts.events)
    let mixture = SpecialFunctions.logBeta(0.5 + k, 0.5 + rest) - SpecialFunctions.logBeta(0.5, 0.5)
    return mixture - power(k, log(rate)) - power(rest, log1p(-rate))
  }

  /// 0 ln 0 is 0 here.
  private func power(_ count: Double, _ logarithm: Double) -> Double {
    count == 0 ? 0 : count * logarithm
  }

  /// The rates not excluded.
  package func interval(alpha: Double = 0.05) -> ConfidenceInterval {
    let limit = -log(alpha)
    let centre = counts.rate ?? 0.5
    let low = SpecialFunctions.threshold(0...centre) { logEvidence(against: $0) < limit }
    let high = SpecialFunctions.threshold(centre...1) { logEvidence(against: $0) > limit }
    return counts.trials > 0
      ? counts.interval(low: low, high: high, 1 - alpha)
      : ConfidenceInterval(low: 0, high: 1, confidence: 1 - alpha)
  }
}
