/// Finds the knee of a curve of goodput over pool size with few measurements.
///
/// A ladder of doublings finds the plateau, a geometric bisection the smallest size that reaches it. Goodput over pool size
/// is flat beyond its knee, so that a search for the maximum would wander there; the plateau is the mean of the points near the
/// best one, because the best of several noisy values is too good.
///
/// It remembers nothing but the points, so it goes on after an interruption from those that were stored.
package struct KneeSearch: Hashable, Sendable {
  package struct Point: Hashable, Sendable {
    package var size: Int
    /// Requests per second; 0 where a guard ended it.
    package var goodput: Double
    /// Whether every check was seen to be kept.
    package var keepsChecks: Bool
    package init(size: Int, goodput: Double, keepsChecks: Bool) {
      self.size = size
      self.goodput = goodput
      self.keepsChecks = keepsChecks
    }
  }

  /// The first rung of the ladder.
  private static let start = 4
  /// A doubling that gains less is flat; one that loses more has gone too far.
  private static let relevantGain = 0.03
  /// Between the largest size that is too small and the smallest that is not.
  private static let ratio = 1.25

  /// The largest size that may be tried.
  package let limit: Int
  package private(set) var points: [Int: Point] = [:]

  package init(limit: Int) {
    precondition(limit > 0, "a pool has at least one connection")
    self.limit = limit
  }

  package mutating func take(_ point: Point) { points[point.size] = point }

  /// The size to measure next; nil when the knee is known as well as it is going to be.
  package var next: Int? { nextRung ?? nextHalf }

  /// The smallest measured size that reaches the plateau and keeps the checks; where none keeps them, that reaches it.
  package var knee: Int? { smallest { $0.keepsChecks } ?? smallest { _ in true } }

  /// Most measurements that may still follow.
  package var mostAhead: Int {
    guard nextRung == nil else {
      let top = points.keys.max() ?? 0
      // Two steps of bisection between rungs, and one below the first.
      return rungs.count { $0 > top } + 3
    }
    return nextHalf == nil ? 0 : 2
  }

  private var rungs: [Int] {
    var sizes = [min(Self.start, limit)]
    while let last = sizes.last, last < limit { sizes.append(min(2 * last, limit)) }
    return sizes
  }

  /// Up the ladder until two doublings gained nothing, or one lost.
  private var nextRung: Int? {
    var flat = 0
    var last: Double?
    for size in rungs {
      guard let goodput = points[size]?.goodput else { return size }
      // Below a pool so small that nothing came through there is nothing to compare with.
      if let last, last > 0 {
        let gain = goodput / last - 1
        if gain < -Self.relevantGain { return nil }
        flat = gain < Self.relevantGain ? flat + 1 : 0
        if flat == 2 { return nil }
      }
      last = goodput
    }
    return nil
  }

  private var nextHalf: Int? {
    guard let high = knee, high > 1 else { return nil }
    guard let low = points.keys.filter({ $0 < high }).max() else { return high / 2 }
    guard high - low > 1, Double(high) / Double(low) > Self.ratio else { return nil }
    let middle = Int((Double(low) * Double(high)).squareRoot().rounded())
    return min(max(middle, low + 1), high - 1)
  }

  private func smallest(_ isFit: (Point) -> Bool) -> Int? {
    guard let plateau = Plateau(points.values.map(\.goodput)) else { return nil }
    return points.values.filter { plateau.isReached(by: $0.goodput) && isFit($0) }.map(\.size).min()
  }
}

/// The level that goodput rises to.
struct Plateau: Hashable, Sendable {
  /// Goodput within this share of the plateau has reached it.
  static let tolerance = 0.05
  let value: Double

  /// nil where nothing came through.
  init?(_ goodputs: [Double]) {
    guard let best = goodputs.max(), best > 0 else { return nil }
    let near = goodputs.filter { $0 >= (1 - Self.tolerance) * best }
    value = near.reduce(0, +) / Double(near.count)
  }

  func isReached(by goodput: Double) -> Bool { goodput >= (1 - Self.tolerance) * value }
}
