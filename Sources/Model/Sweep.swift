/// How much load a cell of a sweep puts on.
package enum SweepLevel: Hashable, Sendable, Comparable {
  /// Closed loop: so many users.
  case users(Int)
  /// Open loop: so many requests a second.
  case rate(Double)

  /// `100 users`, `413.5/s`.
  package var text: String {
    switch self {
    case .users(let users): "\(users) user\(users == 1 ? "" : "s")"
    case .rate(let rate): "\(decimal(rate, places: 3))/s"
    }
  }

  /// As stored: `users:100`, `rate:413.5`. All digits, so that it reads back to the same level.
  package var word: String {
    switch self {
    case .users(let users): "users:\(users)"
    case .rate(let rate): "rate:\(rate)"
    }
  }

  package init?(word: String) {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    switch parts[0] {
    case "users":
      guard let users = Int(parts[1]), users > 0 else { return nil }
      self = .users(users)
    case "rate":
      guard let rate = Double(parts[1]), rate > 0, rate.isFinite else { return nil }
      self = .rate(rate)
    default: return nil
    }
  }

  private var order: (Int, Double) {
    switch self {
    case .users(let users): (0, Double(users))
    case .rate(let rate): (1, rate)
    }
  }

  package static func < (left: SweepLevel, right: SweepLevel) -> Bool { left.order < right.order }
}

/// What a sweep measures: pool sizes against levels of load, each so often.
package struct SweepSpec: Hashable, Sendable {
  package enum Mode: String, CaseIterable, Hashable, Sendable {
    /// Every size under every level.
    case grid
    /// Only the sizes that the search for the knee asks for, under the highest level.
    case knee
  }

  package var mode: Mode
  /// Ascending, each once. Of a search: empty, or the largest that it may try.
  package var sizes: [Int]
  /// Ascending, each once; at least one, and all of one kind. Of a search: one.
  package var levels: [SweepLevel]
  package var warmUp: Duration
  package var duration: Duration
  /// Blocks of each cell.
  package var repeats: Int
  /// Most further blocks of a cell in which unsteady ones were measured.
  package var again: Int
  /// The sweep whose knee is measured against the present size; nil of any other.
  package var confirms: ExecutionID?

  package init(
    mode: Mode = .grid, sizes: [Int], levels: [SweepLevel], warmUp: Duration, duration: Duration, repeats: Int = 1,
    again: Int = 0, confirms: ExecutionID? = nil
  ) {
    self.again = again
    self.confirms = confirms
    self.mode = mode
    self.sizes = Set(sizes).sorted()
    self.levels = Set(levels).sorted()
    self.warmUp = warmUp
    self.duration = duration
    self.repeats = repeats
  }

  /// Most cells of a sweep: weeks of measuring.
  package static let mostCells = 10_000
  /// A block whose windows of so many seconds spread by more than `steadySpread` is unsteady.
  package static let windowSeconds = 5
  package static let steadySpread = 0.02
  /// The shortest block that has two windows.
  package static let leastForSpread = Duration.seconds(2 * windowSeconds)
  /// Pairs of a confirmation unless somebody says otherwise.
  package static let confirmingPairs = 8

  /// The load of the experiment at one level: its transactions and think times in the sweep's own blocks.
  package func load(_ load: LoadSpec, at level: SweepLevel) -> LoadSpec {
    var load = load
    switch level {
    case .users(let users): load.shape = .constant(users: users, warmUp: warmUp, duration: duration)
    case .rate(let rate):
      let spacing: ArrivalSpacing =
        if case .arrivalRate(_, let spacing, _, _) = load.shape { spacing } else { .poisson }
      load.shape = .arrivalRate(rate: rate, spacing: spacing, warmUp: warmUp, duration: duration)
    }
    return load
  }
}

/// A sweep as far as a person has said it: in the experiment file, and over it on the command line.
package struct SweepOutline: Hashable, Sendable {
  package var sizes: [Int]?
  package var levels: [SweepLevel]?
  package var warmUp: Duration?
  package var duration: Duration?
  package var repeats: Int?
  package var again: Int?

  package init(
    sizes: [Int]? = nil, levels: [SweepLevel]? = nil, warmUp: Duration? = nil, duration: Duration? = nil,
    repeats: Int? = nil, again: Int? = nil
  ) {
    self.again = again
    self.sizes = sizes
    self.levels = levels
    self.warmUp = warmUp
    self.duration = duration
    self.repeats = repeats
  }

  /// Whether nothing was said.
  package var isEmpty: Bool { self == SweepOutline() }

  /// What `other` says stands before what this one says.
  package func overlaid(with other: SweepOutline) -> SweepOutline {
    SweepOutline(
      sizes: other.sizes ?? sizes, levels: other.levels ?? levels, warmUp: other.warmUp ?? warmUp,
      duration: other.duration ?? duration, repeats: other.repeats ?? repeats, again: other.again ?? again)
  }

  /// What is measured, with the experiment's own load where nothing else was said. A search has the highest level.
  package func spec(_ mode: SweepSpec.Mode, for experiment: Experiment) throws(Failure) -> SweepSpec {
    let shape = experiment.load.shape
    guard let levels = levels ?? shape.sweepLevel.map({ [$0] }), let highest = levels.max() else {
      throw Failure(
        .usage, "the load of '\(experiment.name)' has no one number of users; say which, such as --users 50,100")
    }
    guard mode == .knee || sizes?.isEmpty == false else {
      throw Failure(
        .usage, "a sweep needs pool sizes, such as --pool 10,20,50 or --pool 10..100:10",
        hint: "With --find-knee poolops looks for the sizes itself.")
    }
    let spec = SweepSpec(
      mode: mode, sizes: mode == .grid ? sizes ?? [] : sizes?.max().map { [$0] } ?? [],
      levels: mode == .grid ? levels : [highest], warmUp: warmUp ?? shape.warmUp, duration: duration ?? shape.duration,
      repeats: repeats ?? 1, again: try again(mode, duration ?? shape.duration))
    let cells = spec.sizes.count * spec.levels.count
    guard mode == .knee || cells <= SweepSpec.mostCells else {
      throw Failure(.usage, "these are \(cells) cells; a sweep has at most \(SweepSpec.mostCells)")
    }
    return spec
  }
}

extension SweepOutline {
  /// A search goes where one measurement sends it: its cells are measured again without asking.
  private func again(_ mode: SweepSpec.Mode, _ duration: Duration) throws(Failure) -> Int {
    let isLongEnough = duration >= SweepSpec.leastForSpread
    guard isLongEnough || (again ?? 0) == 0 else {
      throw Failure(
        .usage,
        "blocks of \(duration.text) have no two windows of \(SweepSpec.windowSeconds) s, whose spread says what is "
          + "measured again; give \(SweepSpec.leastForSpread.text) or more")
    }
    return again ?? (mode == .knee && isLongEnough ? Self.againOfSearch : 0)
  }

  private static let againOfSearch = 2
  package static let mostAgain = 20
}

extension LoadShape {
  /// What a sweep varies; nil of a shape whose load changes by itself.
  fileprivate var sweepLevel: SweepLevel? {
    if case .constant(let users, _, _) = self { return .users(users) }
    if case .arrivalRate(let rate, _, _, _) = self { return .rate(rate) }
    return nil
  }
}

extension Experiment {
  /// The experiment of one cell: its baseline with another pool size, under the cell's load. A `min_size` above the size is
  /// lowered to it.
  package func cell(size: Int, level: SweepLevel, of spec: SweepSpec) -> Experiment {
    var experiment = self
    experiment.baseline[.maxSize] = .count(size)
    if settings(of: .baseline).minSize > size { experiment.baseline[.minSize] = .count(size) }
    experiment.change = SettingPatch()
    experiment.load = spec.load(load, at: level)
    return experiment
  }
}

/// One cell of a sweep as it is stored.
package struct SweepCell: Hashable, Sendable {
  /// Place in which its first block is measured, from 0.
  package var position: Int
  package var size: Int
  package var level: SweepLevel
  /// What measured it; nil as long as nothing did.
  package var run: RunID?
  /// Why it was cut off for good: the guard that tripped. Empty otherwise.
  package var cutOff: String
  package init(position: Int, size: Int, level: SweepLevel, run: RunID? = nil, cutOff: String = "") {
    self.position = position
    self.size = size
    self.level = level
    self.run = run
    self.cutOff = cutOff
  }
}

/// A sweep as it is stored.
package struct SweepRecord: Hashable, Sendable {
  package var id: ExecutionID
  package var spec: SweepSpec
  /// The largest pool that a search may try, once the server was asked; nil of a grid.
  package var limit: Int?
  /// In the order of `position`. Of a search: those that it has asked for.
  package var cells: [SweepCell]
  /// When the last cell was measured; nil as long as cells are missing.
  package var finished: Timestamp?
  package init(
    id: ExecutionID, spec: SweepSpec, limit: Int? = nil, cells: [SweepCell] = [], finished: Timestamp? = nil
  ) {
    self.id = id
    self.spec = spec
    self.limit = limit
    self.cells = cells
    self.finished = finished
  }
}

/// Lists of numbers as people write them: `10,20,30`, and `10..100:10` for every tenth one.
package enum NumberList {
  /// More would be no list that anybody means.
  private static let mostNumbers = 1000

  /// nil where the text is no list of whole numbers from 1 on.
  package static func parse(_ text: String) -> [Int]? {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let more = range(part), numbers.count + more.count <= mostNumbers else { return nil }
      numbers += more
    }
    return numbers
  }

  private static func range(_ text: Substring) -> [Int]? {
    guard let dots = text.firstRange(of: "..") else { return number(text).map { [$0] } }
    let (low, rest) = (text[..<dots.lowerBound], text[dots.upperBound...])
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = number(low), let last = number(parts[0]), first <= last else { return nil }
    guard let step = parts.count == 2 ? number(parts[1]) : 1, (last - first) / step < mostNumbers else { return nil }
    return Array(stride(from: first, through: last, by: step))
  }

  private static func number(_ text: Substring) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 7, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text).flatMap { $0 > 0 ? $0 : nil }
  }

  package static let accepted = "whole numbers of at least 1 such as 10,20,50 or 10..100:10"
}
