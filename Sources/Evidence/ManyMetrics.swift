import Statistics

/// Corrects for looking at many metrics of the same pairs: the chance that any of them is called different although
/// none is stays below alpha. Westfall and Young's step-down maxT (Resampling-Based Multiple Testing, 1993), with the
/// coins that ordered the pairs turned over: one coin turns all metrics of a pair.
///
/// Holm's correction does not know that the metrics move together, and with 8 pairs, where no p value is below 0.0078,
/// would never let more than six metrics differ, however plainly they do.
enum ManyMetrics {
  /// All sign patterns up to so many pairs, and as many drawn ones beyond.
  static let exhaustivePairs = 11
  private static let drawn = 4095

  /// Adjusted p values, in the order given. All metrics must have the same pairs.
  static func adjusted(_ differences: [[Double]]) -> [Double] {
    let turned = differences.map(TurnedDifferences.init)
    let observed = turned.map { $0.distance(flipping: 0) }
    let order = turned.indices.sorted { observed[$0] > observed[$1] }
    let flips = patterns(pairs: differences.first?.count ?? 0)
    var exceeding = [Int](repeating: 0, count: turned.count)
    for flip in flips {
      var largest = 0.0
      for index in order.reversed() {
        largest = max(largest, turned[index].distance(flipping: flip))
        if largest >= observed[index] - 1e-9 { exceeding[index] += 1 }
      }
    }
    return stepDown(exceeding.map { Double($0) / Double(flips.count) }, order: order)
  }

  private static func stepDown(_ p: [Double], order: [Int]) -> [Double] {
    var adjusted = p
    var largest = 0.0
    for index in order {
      largest = max(largest, p[index])
      adjusted[index] = largest
    }
    return adjusted
  }

  /// The pattern that was observed is always among them. Turning all coins changes no distance, so the last stays.
  private static func patterns(pairs: Int) -> [UInt64] {
    guard pairs > exhaustivePairs else { return (0..<UInt64(1) << UInt64(max(pairs - 1, 0))).map { $0 } }
    // A fixed seed: the same evidence gives the same verdict.
    var random = RandomSource(seed: 1993)
    return [0] + (0..<drawn).map { _ in random.next() }
  }
}

/// The differences of one metric, whose signs the coins may turn.
private struct TurnedDifferences {
  private let values: [Double]
  private let length: Double

  /// Values beyond twice the median size count as that, so that one outlier does not drown eleven clear pairs. Sizes are
  /// the same however the coins fall, so the test stays exact.
  init(_ differences: [Double]) {
    let largest = 2 * (Summary.median(differences.map(abs)) ?? 0)
    values = differences.map { max(-largest, min(largest, $0)) }
    length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// How far the sum is from zero when the pairs of `flip`'s bits are turned: grows with Student's t, and unlike ranks
  /// tells a plain change from noise that happens to point one way.
  func distance(flipping flip: UInt64) -> Double {
    guard length > 0 else { return 0 }
    var sum = 0.0
    for (index, value) in values.enumerated() { sum += flip >> UInt64(index % 64) & 1 == 1 ? -value : value }
    return abs(sum) / length
  }
}
