/// What an execution is for.
package enum ExecutionKind: String, CaseIterable, Hashable, Sendable {
  case experiment
  /// A against A: both arms have the baseline's settings. It measures noise and is evidence for nothing else.
  case calibration
  /// Pool sizes against levels of load. It says where to look, and is evidence for nothing else.
  case sweep
  /// A ramp until a request fails, with the alert armed. It is evidence for the lead of the alert, and for nothing else.
  case exhaustion
}

/// How much the figures of two blocks differ when nothing was changed, in one environment under one load.
package struct Calibration: Hashable, Sendable {
  package var execution: ExecutionID
  package var started: Timestamp
  /// SHA-256 of the facts that must agree for two runs to be compared.
  package var environment: String
  /// The load as one line, as a run's environment has it.
  package var load: String
  package var pairs: Int
  /// Measured seconds of a block.
  package var blockSeconds: Double
  /// From the start of one pair to the start of the next: warm-ups and switching included.
  package var pairSeconds: Double
  /// In the order of the comparison's rows.
  package var noise: [MetricNoise]
  /// Why the runs could not support a verdict, as sentences.
  package var objections: [String]

  package init(
    execution: ExecutionID, started: Timestamp, environment: String, load: String, pairs: Int, blockSeconds: Double,
    pairSeconds: Double, noise: [MetricNoise], objections: [String] = []
  ) {
    self.execution = execution
    self.started = started
    self.environment = environment
    self.load = load
    self.pairs = pairs
    self.blockSeconds = blockSeconds
    self.pairSeconds = pairSeconds
    self.noise = noise
    self.objections = objections
  }

  package subscript(metric: Metric) -> MetricNoise? { noise.first { $0.metric == metric } }
}

/// The noise of one metric.
package struct MetricNoise: Hashable, Sendable {
  package enum Scale: String, CaseIterable, Hashable, Sendable {
    /// ln(second / first): a deviation of 0.05 is 5 %.
    case ratio
    /// second - first, in the metric's base unit: for what may be zero.
    case absolute
  }
  package var metric: Metric
  package var scale: Scale
  /// Mean over the blocks, in the metric's base unit.
  package var level: Double
  /// Standard deviation of the paired differences, on the scale.
  package var deviation: Double
  /// The difference that the comparison estimated, on the scale. Its true value is 0.
  package var estimate: Double
  /// Pairs in which both blocks had a value.
  package var pairs: Int
  /// The comparison called the two different, and nothing was.
  package var isFalseAlarm: Bool

  package init(
    metric: Metric, scale: Scale, level: Double, deviation: Double, estimate: Double, pairs: Int, isFalseAlarm: Bool
  ) {
    self.metric = metric
    self.scale = scale
    self.level = level
    self.deviation = deviation
    self.estimate = estimate
    self.pairs = pairs
    self.isFalseAlarm = isFalseAlarm
  }
}
