/// Kendall's score of values in order of time: the Mann-Kendall test for a trend of independent values (Mann 1945).
///
/// Successive figures of a running system are not independent; `Trend` corrects for that.
package enum MannKendall {
  /// Pairs in which the later value is larger, less those in which it is smaller.
  package static func score(_ values: [Double]) -> Int {
    var score = 0
    for later in values.indices {
      for earlier in 0..<later { score += sign(values[later] - values[earlier]) }
    }
    return score
  }

  private static func sign(_ value: Double) -> Int { value > 0 ? 1 : value < 0 ? -1 : 0 }

  /// Of the score when the values come in any order alike: less where values are equal.
  package static func variance(_ values: [Double]) -> Double {
    let order = values.indices.sorted { values[$0] < values[$1] }
    let ties = Ranks.runs(of: values, in: order).map(\.count)
    return (cubic(values.count) - ties.map(cubic).reduce(0, +)) / 18
  }

  private static func cubic(_ count: Int) -> Double { Double(count * (count - 1) * (2 * count + 5)) }

  /// Normal, with continuity correction; 1 where all values are equal.
  package static func twoSidedP(_ values: [Double]) -> Double {
    let (score, variance) = (abs(score(values)), variance(values))
    guard score > 0, variance > 0 else { return 1 }
    return min(2 * Normal.cumulative(-Double(score - 1) / variance.squareRoot()), 1)
  }
}

/// The median of the slopes between all pairs of values (Theil 1950), per step from one value to the next.
package enum TheilSen {
  /// Nil for fewer than two values.
  package static func slope(_ values: [Double]) -> Double? { Summary.medianOfSorted(slopes(values)) }

  /// Of all pairs, sorted.
  static func slopes(_ values: [Double]) -> [Double] {
    var slopes: [Double] = []
    slopes.reserveCapacity(values.count * (values.count - 1) / 2)
    for later in values.indices {
      for earlier in 0..<later { slopes.append((values[later] - values[earlier]) / Double(later - earlier)) }
    }
    return slopes.sorted()
  }

  /// Sen's interval (1968): between the slopes whose ranks lie half of `reach` from the middle. Nil where there are none
  /// so far out.
  /// - Parameter reach: the critical distance of Kendall's score.
  static func interval(ofSorted slopes: [Double], reach: Double) -> ClosedRange<Double>? {
    let below = ((Double(slopes.count) - reach) / 2).rounded(.down)
    guard below >= 1 else { return nil }
    let rank = min(Int(below), (slopes.count + 1) / 2)
    return slopes[rank - 1]...slopes[slopes.count - rank]
  }

  /// - Parameter confidence: of independent values.
  package static func interval(_ values: [Double], confidence: Double = 0.95) -> ClosedRange<Double>? {
    guard values.count > 1 else { return nil }
    let reach = Normal.twoSided(confidence) * MannKendall.variance(values).squareRoot()
    return interval(ofSorted: slopes(values), reach: reach)
  }
}
