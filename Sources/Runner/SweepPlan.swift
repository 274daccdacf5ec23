import Evidence
import Model
import Statistics

/// One block of a sweep that is to be measured.
package struct SweepBlock: Hashable, Sendable {
  package var size: Int
  package var level: SweepLevel
  /// Which of the cell's blocks, from 0.
  package var round: Int
  /// Place among all blocks of the sweep, from 0.
  package var position: Int
  package init(size: Int, level: SweepLevel, round: Int, position: Int) {
    self.size = size
    self.level = level
    self.round = round
    self.position = position
  }
}

/// Which block of a sweep comes next.
///
/// A grid is measured in rounds: each round has one block of every cell, in an order of its own that chance decides, so that
/// what the machine does meanwhile falls on all cells alike, and two cells can be compared round by round. A search asks for
/// one size after the other. Where blocks of a cell were unsteady, as many more follow, after all other rounds of a grid.
package struct SweepPlan: Sendable {
  package let spec: SweepSpec
  /// The largest pool that a search may try; nil of a grid.
  package let limit: Int?
  /// Blocks that need not be measured any more, by size and level.
  private var done: [SweepCell.Place: Set<Int>] = [:]
  /// Those of them that were unsteady.
  private var unsteady: [SweepCell.Place: Set<Int>] = [:]
  private var cutOff: Set<SweepCell.Place> = []
  private var search: KneeSearch?
  /// The cells so far, in the order of their numbers.
  package private(set) var cells: [SweepCell]
  private let order: [SweepBlock]

  /// - Parameters:
  ///   - limit: the largest pool that a search may try; without meaning in a grid.
  ///   - stored: the cells of a sweep that goes on.
  package init(_ spec: SweepSpec, seed: UInt64, limit: Int?, stored: [SweepCell] = []) {
    self.spec = spec
    self.limit = spec.mode == .knee ? limit : nil
    switch spec.mode {
    case .grid:
      order = Self.rounds(spec, seed: seed)
      let first = order.filter { $0.round == 0 }
      cells =
        stored.isEmpty
        ? first.map { SweepCell(position: $0.position, size: $0.size, level: $0.level) } : stored
    case .knee:
      order = []
      cells = stored
      search = KneeSearch(limit: limit ?? 1)
    }
    cutOff = Set(stored.filter { !$0.cutOff.isEmpty }.map(\.place))
  }

  private static func rounds(_ spec: SweepSpec, seed: UInt64) -> [SweepBlock] {
    var random = RandomSource(seed: seed)
    let places = spec.levels.flatMap { level in spec.sizes.map { SweepCell.Place(size: $0, level: level) } }
    return (0..<spec.repeats + spec.again).flatMap { round in
      shuffled(places, &random).enumerated().map { offset, place in
        SweepBlock(size: place.size, level: place.level, round: round, position: round * places.count + offset)
      }
    }
  }

  /// After Fisher and Yates. The library's own may change with its version, and a sweep goes on under a newer one.
  private static func shuffled<Element>(_ elements: [Element], _ random: inout RandomSource) -> [Element] {
    var elements = elements
    for index in elements.indices.dropFirst().reversed() {
      elements.swapAt(index, random.integer(below: index + 1))
    }
    return elements
  }

  /// The block to measure next; nil when all was measured.
  package var next: SweepBlock? {
    guard let search else { return order.first(where: isWanted) }
    // A cell is measured in all its rounds before the search goes on from it.
    if let cell = cells.last, let block = missing(cell) { return block }
    guard let size = search.next, let level = spec.levels.last else { return nil }
    return missing(SweepCell(position: cells.count, size: size, level: level))
  }

  private func missing(_ cell: SweepCell) -> SweepBlock? {
    (0..<spec.repeats + spec.again).lazy.map { round in
      SweepBlock(
        size: cell.size, level: cell.level, round: round,
        position: cell.position * (spec.repeats + spec.again) + round)
    }.first(where: isWanted)
  }

  private func isWanted(_ block: SweepBlock) -> Bool { block.round < rounds(of: block.place) && !isDone(block) }

  /// Blocks of a cell, as far as is known.
  private func rounds(of place: SweepCell.Place) -> Int {
    spec.repeats + min(spec.again, unsteady[place]?.count ?? 0)
  }

  private func isDone(_ block: SweepBlock) -> Bool {
    cutOff.contains(block.place) || done[block.place]?.contains(block.round) == true
  }

  /// The number of the cell that `block` belongs to; nil where a search has just asked for it.
  package func cell(of block: SweepBlock) -> Int? { cells.firstIndex { $0.place == block.place } }

  /// Adds a cell that a search has asked for.
  package mutating func add(_ cell: SweepCell) { cells.append(cell) }

  /// What measures the cell from now on.
  package mutating func set(_ run: RunID?, ofCell index: Int) { cells[index].run = run }

  package mutating func finished(_ block: SweepBlock, isUnsteady: Bool = false) {
    done[block.place, default: []].insert(block.round)
    if isUnsteady { unsteady[block.place, default: []].insert(block.round) }
  }

  /// A guard ended the block: the cell is over, as it would end there again.
  package mutating func cutOff(_ block: SweepBlock, _ reason: String) {
    cutOff.insert(block.place)
    if let index = cell(of: block) { cells[index].cutOff = reason }
  }

  /// Whether nothing more is to be measured in the cell.
  package func isOver(_ cell: SweepCell) -> Bool {
    cutOff.contains(cell.place) || (done[cell.place]?.count ?? 0) >= rounds(of: cell.place)
  }

  /// What a search learns from a cell that is over.
  package mutating func take(_ point: KneeSearch.Point) { search?.take(point) }

  /// Blocks that were measured, and those that are still to come: of a grid as far as is known, of a search at most.
  package var progress: (measured: Int, ahead: Int) {
    let measured = done.values.reduce(0) { $0 + $1.count }
    guard let search else { return (measured, order.count(where: isWanted)) }
    let started = cells.last.map { cell in
      cutOff.contains(cell.place) ? 0 : max(0, rounds(of: cell.place) - (done[cell.place]?.count ?? 0))
    }
    return (measured, (started ?? 0) + search.mostAhead * (spec.repeats + spec.again))
  }
}

extension SweepCell {
  /// Where a cell stands in the grid.
  struct Place: Hashable, Sendable {
    var size: Int
    var level: SweepLevel
  }
  var place: Place { Place(size: size, level: level) }
}

extension SweepBlock {
  fileprivate var place: SweepCell.Place { SweepCell.Place(size: size, level: level) }
}
