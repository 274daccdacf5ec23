import Model
import Statistics

/// One block to measure, and where it stands.
package struct PlannedBlock: Hashable, Sendable {
  package var pair: Int
  /// Place among all blocks of the execution, from 0.
  package var position: Int
  package var arm: Arm
  package init(pair: Int, position: Int, arm: Arm) {
    self.pair = pair
    self.position = position
    self.arm = arm
  }
}

/// The order of the blocks.
///
/// Within each pair a fair coin says which arm comes first, so that under no effect the sign of each pair's difference
/// is a coin too, whatever the machine does meanwhile (randomisation inference). A single pair is the plain before and
/// after, in that order.
package struct Schedule: Hashable, Sendable {
  package let blocks: [PlannedBlock]

  package init(pairs: Int, seed: UInt64) {
    var random = RandomSource(seed: seed)
    blocks = (0..<pairs).flatMap { pair in
      let isSwapped = pairs > 1 && Bool.random(using: &random)
      let order: [Arm] = isSwapped ? [.retest, .baseline] : [.baseline, .retest]
      return order.enumerated().map { PlannedBlock(pair: pair, position: 2 * pair + $0.offset, arm: $0.element) }
    }
  }

  /// One block under the baseline's settings.
  package static let ramp = Schedule(blocks: [PlannedBlock(pair: 0, position: 0, arm: .baseline)])

  private init(blocks: [PlannedBlock]) { self.blocks = blocks }

  /// The arms that are measured, baseline first.
  package var arms: [Arm] { Arm.allCases.filter { arm in blocks.contains { $0.arm == arm } } }

  /// Pairs that are complete once `count` blocks were measured.
  package static func pairs(after count: Int) -> Int { count / 2 }
}
