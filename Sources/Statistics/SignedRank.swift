/// Wilcoxon's signed-rank test and the Hodges–Lehmann estimate of a paired difference, exact by randomisation.
///
/// Where a coin decided the order within each pair, the signs are fair coins when nothing has changed, whatever the
/// drift, autocorrelation or tails.
package enum SignedRank {
  /// Half of all pairs (i <= j) have a smaller mean, half a larger one; nil without differences.
  package static func hodgesLehmann(_ differences: [Double]) -> Double? {
    Summary.medianOfSorted(walshAverages(differences))
  }

  /// (d_i + d_j)/2 for i <= j, sorted.
  static func walshAverages(_ differences: [Double]) -> [Double] {
    var averages: [Double] = []
    averages.reserveCapacity(differences.count * (differences.count + 1) / 2)
    for i in differences.indices {
      for j in i..<differences.count { averages.append((differences[i] + differences[j]) / 2) }
    }
    return averages.sorted()
  }

  /// [W(k+1), W(M-k)] of the sorted Walsh averages; its confidence is the exact one, at least 1 - alpha.
  ///
  /// Nil when there are too few pairs for this alpha (6 for 0.05, 7 for 0.0182).
  package static func interval(_ differences: [Double], alpha: Double = 0.05) -> ConfidenceInterval? {
    guard let k = criticalValue(pairs: differences.count, alpha: alpha) else { return nil }
    let averages = walshAverages(differences)
    let tail = nullDistribution(pairs: differences.count)[...k].reduce(0, +)
    return ConfidenceInterval(
      low: averages[k], high: averages[averages.count - 1 - k], confidence: 1 - 2 * tail)
  }

  /// The largest k with 2 P(W <= k) <= alpha; nil when there is none.
  package static func criticalValue(pairs: Int, alpha: Double) -> Int? {
    var cumulative = 0.0
    for (k, probability) in nullDistribution(pairs: pairs).enumerated() {
      cumulative += probability
      if 2 * cumulative > alpha { return k == 0 ? nil : k - 1 }
    }
    return nil
  }

  /// P(W = w), w = 0...n(n+1)/2, when every sign is a fair coin and no two differences are equal.
  package static func nullDistribution(pairs: Int) -> [Double] {
    distribution(ofSignedRanks: pairs > 0 ? Array(1...pairs) : [])
  }

  /// The exact two-sided p value. Pairs without a difference say nothing and are left out; equal ones share ranks.
  package static func twoSidedP(_ differences: [Double]) -> Double {
    let moved = differences.filter { $0 != 0 }
    // Doubled, because a shared rank can be a half.
    let ranks = Ranks.doubled(moved.map(abs))
    let positive = zip(moved, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    let smaller = min(positive, ranks.reduce(0, +) - positive)
    return min(2 * distribution(ofSignedRanks: ranks)[...smaller].reduce(0, +), 1)
  }

  /// The distribution of the sum of the ranks that a fair coin each picks.
  private static func distribution(ofSignedRanks ranks: [Int]) -> [Double] {
    var probability = [Double](repeating: 0, count: ranks.reduce(0, +) + 1)
    probability[0] = 1
    var reach = 0
    for rank in ranks {
      reach += rank
      for w in stride(from: reach, through: 0, by: -1) {
        probability[w] = (probability[w] + (w >= rank ? probability[w - rank] : 0)) / 2
      }
    }
    return probability
  }
}
