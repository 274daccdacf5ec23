import Glibc

/// The Mann–Whitney U test of two independent samples. For blocks that were not paired; paired ones use `SignedRank`.
package struct MannWhitney: Hashable, Sendable {
  /// Pairs (x, y) with x above y, plus half of the equal ones.
  package let u: Double
  package let twoSidedP: Double
  /// False when ties or size called for the normal approximation.
  package let isExact: Bool

  /// Exact by counting up to this many pairs (x, y), unless values are equal.
  private static let mostExactPairs = 2500

  /// Nil when a sample is empty.
  package init?(_ first: [Double], _ second: [Double]) {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    let all = first + second
    let order = all.indices.sorted { all[$0] < all[$1] }
    let ties = Ranks.runs(of: all, in: order).map(\.count).filter { $0 > 1 }
    let rankSum = Ranks.doubled(all).prefix(first.count).reduce(0, +)
    u = Double(rankSum - first.count * (first.count + 1)) / 2
    isExact = ties.isEmpty && first.count * second.count <= Self.mostExactPairs
    twoSidedP =
      isExact
      ? Self.exactTwoSidedP(u: Int(u), first.count, second.count)
      : Self.approximateTwoSidedP(u: u, first.count, second.count, ties: ties)
  }

  /// Without ties. The smallest possible p is 0.1 for 3 and 3 values, 0.029 for 4 and 4.
  package static func exactTwoSidedP(u: Int, _ first: Int, _ second: Int) -> Double {
    let smaller = min(u, first * second - u)
    let tail = nullDistribution(first, second)[...smaller].reduce(0, +)
    return min(2 * tail, 1)
  }

  /// P(U = u): the Gaussian binomial coefficient, multiplied and divided factor by factor.
  private static func nullDistribution(_ first: Int, _ second: Int) -> [Double] {
    let most = first * second
    var ways = [Double](repeating: 0, count: most + 1)
    ways[0] = 1
    for i in 1...first {
      for u in stride(from: most, through: second + i, by: -1) { ways[u] -= ways[u - second - i] }
      for u in stride(from: i, through: most, by: 1) { ways[u] += ways[u - i] }
    }
    let total = ways.reduce(0, +)
    return ways.map { $0 / total }
  }

  /// Normal, with tie correction and continuity correction.
  private static func approximateTwoSidedP(u: Double, _ first: Int, _ second: Int, ties: [Int]) -> Double {
    let (n1, n2) = (Double(first), Double(second))
    let n = n1 + n2
    let tied = ties.reduce(0.0) { $0 + Double($1) * (Double($1) * Double($1) - 1) }
    let variance = n1 * n2 / 12 * (n + 1 - tied / (n * (n - 1)))
    guard variance > 0 else { return 1 }
    let distance = max(abs(u - n1 * n2 / 2) - 0.5, 0)
    return min(2 * Normal.cumulative(-distance / variance.squareRoot()), 1)
  }

  /// The Hodges–Lehmann shift: the median of all differences y - x; nil when a sample is empty.
  package static func shift(from first: [Double], to second: [Double]) -> Double? {
    Summary.median(first.flatMap { x in second.map { $0 - x } })
  }
}
