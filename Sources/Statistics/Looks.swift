/// A group-sequential plan: after how many pairs one may look, and at which alpha, so that all looks together keep 5 %.
package struct Looks: Hashable, Sendable {
  /// Ascending numbers of pairs.
  package let pairs: [Int]
  /// Two-sided, at each look (Pocock).
  package let alpha: Double

  /// Nominal two-sided levels for 1...5 equally spaced looks that keep 5 % overall: Pocock 1977, table 1.
  private static let pocock = [0.05, 0.0294, 0.0221, 0.0182, 0.0158]

  /// Nil unless there are one to five ascending looks.
  package init?(pairs: [Int]) {
    guard (1...Self.pocock.count).contains(pairs.count), pairs.allSatisfy({ $0 > 0 }),
      zip(pairs, pairs.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    self.init(checked: pairs)
  }

  private init(checked pairs: [Int]) {
    self.pairs = pairs
    alpha = Self.pocock[pairs.count - 1]
  }

  /// 8, 12, 16 and 20 pairs at 0.0182 each.
  package static let standard = Looks(checked: [8, 12, 16, 20])

  /// One look, at the end.
  package static func single(pairs: Int) -> Looks { Looks(checked: [pairs]) }

  /// The exact interval when as many pairs are complete as a look asks for, else nil: in between nobody may look.
  package func interval(_ differences: [Double]) -> ConfidenceInterval? {
    pairs.contains(differences.count) ? SignedRank.interval(differences, alpha: alpha) : nil
  }

  /// The next look after so many pairs; nil after the last.
  package func next(after completed: Int) -> Int? { pairs.first { $0 > completed } }
}
