/// The rule that is armed while an experiment drives the pool into exhaustion. Shares are of the acquire timeout.
package struct EarlyWarningSpec: Hashable, Sendable {
  package var warnAt: Double
  package var alertAt: Double
  /// From one look at the pool to the next; nil: a tenth of the acquire timeout, the most that promises a lead.
  package var sample: Duration?

  package static let standardWarning = 0.2
  package static let standardAlert = 0.5
  /// Samples within an acquire timeout, at least.
  package static let leastSamples = 10

  package init(
    warnAt: Double = standardWarning, alertAt: Double = standardAlert, sample: Duration? = nil
  ) {
    self.warnAt = warnAt
    self.alertAt = alertAt
    self.sample = sample
  }

  package func interval(of acquireTimeout: Duration) -> Duration { sample ?? acquireTimeout / Self.leastSamples }
}

extension Experiment {
  /// Whether one ramp under the baseline's settings, until a request fails, is all that it measures.
  package var isExhaustion: Bool { earlyWarning != nil }
}
