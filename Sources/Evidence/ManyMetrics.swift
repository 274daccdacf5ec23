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
    let ranked = differences.map(SignedRanks.init)
    let observed = ranked.map { $0.distance(flipping: 0) }
    let order = ranked.indices.sorted { observed[$0] > observed[$1] }
    let flips = patterns(pairs: differences.first?.count ?? 0)
    var exceeding = [Int](repeating: 0, count: ranked.count)
    for flip in flips {
      var largest = 0.0
      for index in order.reversed() {
        largest = max(largest, ranked[index].distance(flipping: flip))
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

/// The signed ranks of one metric's differences.
private struct SignedRanks {
  private let ranks: [Double]
  private let deviation: Double

  init(_ differences: [Double]) {
    let order = differences.indices.sorted { abs(differences[$0]) < abs(differences[$1]) }
    var ranks = [Double](repeating: 0, count: differences.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, abs(differences[order[end]]) == abs(differences[order[start]]) { end += 1 }
      for index in order[start..<end] {
        let sign: Double = differences[index] > 0 ? 1 : (differences[index] < 0 ? -1 : 0)
        ranks[index] = sign * Double(start + 1 + end) / 2
      }
      start = end
    }
    self.ranks = ranks
    deviation = ranks.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// How far the sum of the signed ranks is from zero when the pairs of `flip`'s bits are turned over, in standard deviations.
  func distance(flipping flip: UInt64) -> Double {
    guard deviation > 0 else { return 0 }
    var sum = 0.0
    for (index, rank) in ranks.enumerated() { sum += flip >> UInt64(index % 64) & 1 == 1 ? -rank : rank }
    return abs(sum) / deviation
  }
}
