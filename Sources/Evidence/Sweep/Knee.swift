import Model
import Statistics

/// The smallest pool that serves one level of load about as well as any: its goodput is within 5 % of the plateau, and it
/// keeps the checks.
package struct Knee: Hashable, Sendable {
  /// What keeps the knee from being known between two measured sizes.
  package enum Edge: Hashable, Sendable {
    /// The knee is the smallest size that was measured: it may be lower.
    case smallest
    /// Goodput still rises at the largest size: the knee may be higher.
    case largest
  }

  package var level: SweepLevel
  /// Requests a second; the mean of the sizes within 5 % of the best.
  package var plateau: Double
  /// nil where no size keeps the checks.
  package var size: Int?
  /// The smallest size with enough goodput, whatever the checks say.
  package var goodputSize: Int
  /// Sizes that cannot be told from the knee, by 95 % intervals over the rounds; nil for fewer than three rounds.
  package var interval: ClosedRange<Int>?
  /// No measured size is sure to be large enough: the interval has no upper end.
  package var isOpenAbove: Bool
  package var edges: Set<Edge>
  /// Where no size keeps the checks: those that the best of them misses.
  package var missed: [RuleOutcome]

  /// Fewest rounds that an interval may rest on.
  package static let roundsForInterval = 3

  /// nil where nothing came through.
  init?(_ level: SweepLevel, _ cells: [SweepFindings.Cell], isSearch: Bool) {
    let measured = cells.filter { $0.goodput != nil }
    guard let plateau = Plateau(measured.compactMap(\.goodput)) else { return nil }
    let good = measured.filter { plateau.isReached(by: $0.goodput ?? 0) }
    guard let least = good.first, let smallest = measured.first, let largest = measured.last else { return nil }
    self.level = level
    self.plateau = plateau.value
    goodputSize = least.cell.size
    size = good.first(where: \.keepsChecks)?.cell.size
    missed = size == nil ? (good.min { $0.openChecks.count < $1.openChecks.count } ?? least).openChecks : []
    edges = []
    let knee = size ?? goodputSize
    if knee == smallest.cell.size, knee > 1 { edges.insert(.smallest) }
    if good.count == 1, least.cell.size == largest.cell.size, measured.count > 1 { edges.insert(.largest) }
    isOpenAbove = false
    interval = nil
    takeInterval(measured, plateauSizes: Set(good.map(\.cell.size)))
  }

  /// Each round is a block of its own: what the machine does meanwhile moves all sizes of a round alike, and goes out of
  /// the shares of the round's plateau.
  private mutating func takeInterval(_ cells: [SweepFindings.Cell], plateauSizes: Set<Int>) {
    let rounds = cells.map { Set($0.rounds.keys) }.reduce(Set(cells.flatMap(\.rounds.keys))) { $0.intersection($1) }
    guard rounds.count >= Self.roundsForInterval else { return }
    let plateaus = rounds.reduce(into: [Int: Double]()) { found, round in
      let values = cells.filter { plateauSizes.contains($0.cell.size) }.compactMap { $0.rounds[round] }
      found[round] = Summary.mean(values)
    }
    let shares = cells.map { cell -> ConfidenceInterval? in
      let values = rounds.sorted().compactMap { round in
        plateaus[round].flatMap { $0 > 0 ? (cell.rounds[round] ?? 0) / $0 : nil }
      }
      return StudentT.meanInterval(values)
    }
    let needed = 1 - Plateau.tolerance
    let possible = zip(cells, shares).first { cell, share in
      (share?.high ?? 1) >= needed && !cell.checks.contains { $0.status == .failed }
    }
    let sure = zip(cells, shares).first { cell, share in (share?.low ?? 0) >= needed && cell.keepsChecks }
    guard let low = possible?.0.cell.size, let high = (sure?.0 ?? cells.last)?.cell.size else { return }
    interval = low...max(low, high)
    isOpenAbove = sure == nil
  }
}
