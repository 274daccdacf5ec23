import Glibc

/// Events among trials. Both may be fractions, because clustered counts are divided by their design effect.
package struct Proportion: Hashable, Sendable {
  package let events: Double
  package let trials: Double

  /// Traps unless 0 <= events <= trials.
  package init(events: Double, trials: Double) {
    precondition(events >= 0 && events <= trials && trials.isFinite, "events are among the trials")
    self.events = events
    self.trials = trials
  }

  package init(_ events: Int, of trials: Int) {
    self.init(events: Double(events), trials: Double(trials))
  }

  /// Nil without trials.
  package var rate: Double? { trials > 0 ? events / trials : nil }

  /// Wilson's score interval (1927); 0...1 without trials.
  package func wilson(confidence: Double = 0.95) -> ConfidenceInterval {
    guard let rate else { return ConfidenceInterval(low: 0, high: 1, confidence: confidence) }
    let z = Normal.twoSided(confidence)
    let shrink = 1 + z * z / trials
    let centre = (rate + z * z / (2 * trials)) / shrink
    let half = z / shrink * (rate * (1 - rate) / trials + z * z / (4 * trials * trials)).squareRoot()
    return interval(low: centre - half, high: centre + half, confidence)
  }

  /// Clopper and Pearson's exact interval: never too short, often too long.
  package func clopperPearson(confidence: Double = 0.95) -> ConfidenceInterval {
    let tail = (1 - confidence) / 2
    let low = betaQuantile(tail, events, trials - events + 1)
    return interval(low: low, high: clopperPearsonUpper(confidence: 1 - tail), confidence)
  }

  /// The exact one-sided upper limit: about 3/n after n trials without an event.
  package func clopperPearsonUpper(confidence: Double = 0.95) -> Double {
    events < trials ? betaQuantile(confidence, events + 1, trials - events) : 1
  }

  private func betaQuantile(_ p: Double, _ a: Double, _ b: Double) -> Double {
    guard a > 0, b > 0 else { return a > 0 ? 1 : 0 }
    return SpecialFunctions.threshold(0...1) { SpecialFunctions.regularizedBeta($0, a, b) >= p }
  }

  /// Exact at the ends, where rounding would leave a remainder.
  func interval(low: Double, high: Double, _ confidence: Double) -> ConfidenceInterval {
    ConfidenceInterval(
      low: events == 0 ? 0 : max(low, 0), high: events == trials ? 1 : min(high, 1), confidence: confidence)
  }

  /// `first - second` with Newcombe's hybrid score interval (1998, method 10); nil when either has no trials.
  package static func difference(
    _ first: Proportion, _ second: Proportion, confidence: Double = 0.95
  ) -> (estimate: Double, interval: ConfidenceInterval)? {
    guard let p1 = first.rate, let p2 = second.rate else { return nil }
    let (w1, w2) = (first.wilson(confidence: confidence), second.wilson(confidence: confidence))
    let below = hypot(p1 - w1.low, w2.high - p2)
    let above = hypot(w1.high - p1, p2 - w2.low)
    let interval = ConfidenceInterval(low: p1 - p2 - below, high: p1 - p2 + above, confidence: confidence)
    return (p1 - p2, interval)
  }
}
