import Model
import Statistics

/// What comparisons in a calibrated environment will be able to see, and how long they take.
///
/// For one look at the end, and a metric judged alone, as p95 is; the correction for many metrics costs others a little.
package struct CalibrationOutlook: Sendable {
  /// Numbers of pairs that the looks of an experiment are made at.
  package static let pairs = Looks.standard.pairs
  /// Power of all figures here.
  package static let power = 0.9

  private let calibration: Calibration
  /// By `pairs`, in standard deviations.
  private let visible: [Double]

  package init(_ calibration: Calibration) {
    self.calibration = calibration
    visible = Self.pairs.map { PairedPower.difference(pairs: $0, power: Self.power) }
  }

  /// The smallest difference that is seen, by `pairs`: a share (0.1 is 10 % more) or, on the absolute scale, in the
  /// metric's base unit.
  package func smallestDifferences(_ noise: MetricNoise) -> [Double] {
    visible.map { noise.scale == .ratio ? exponential($0 * noise.deviation) - 1 : $0 * noise.deviation }
  }

  /// Pairs that see a true difference of `share`; nil on the absolute scale, or beyond 10,000.
  package func pairs(seeing share: Double, _ noise: MetricNoise) -> Int? {
    guard noise.scale == .ratio, share > 0 else { return nil }
    guard noise.deviation > 0 else { return Comparison.pairsForFinding }
    // The exact test says nothing with fewer pairs, however quiet it is.
    return PairedPower.pairs(difference: logarithm(1 + share) / noise.deviation, power: Self.power)
      .map { max($0, Comparison.pairsForFinding) }
  }

  /// Pairs that show "no difference beyond the margin" where there is none; nil as above.
  package func pairsForNoDifference(_ noise: MetricNoise) -> Int? {
    guard noise.scale == .ratio else { return nil }
    guard noise.deviation > 0 else { return Comparison.pairsForFinding }
    return PairedPower.pairs(
      margin: logarithm(1 + Margin.standard.relative) / noise.deviation, power: Self.power
    )
    .map { max($0, Comparison.pairsForFinding) }
  }

  /// How long so many pairs take, warm-ups and switching included.
  package func time(pairs: Int) -> Duration { .ofSeconds(Double(pairs) * calibration.pairSeconds) }
}

extension MetricNoise {
  /// The estimate as a share; nil on the absolute scale.
  package var relativeEstimate: Double? { scale == .ratio ? exponential(estimate) - 1 : nil }
}
