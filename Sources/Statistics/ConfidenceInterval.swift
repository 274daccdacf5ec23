/// What an estimate may be, and how sure that is.
package struct ConfidenceInterval: Hashable, Sendable {
  package let low: Double
  package let high: Double
  /// Share of such intervals that hold the true value: 0.95, or what an exact discrete method attains.
  package let confidence: Double

  package init(low: Double, high: Double, confidence: Double) {
    self.low = low
    self.high = high
    self.confidence = confidence
  }

  package var halfWidth: Double { (high - low) / 2 }

  package func contains(_ value: Double) -> Bool { low <= value && value <= high }
}
