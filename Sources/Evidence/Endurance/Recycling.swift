import Model
import Statistics

/// Whether connections were replaced as `max_lifetime` says: the closes that were counted against those that were due.
///
/// Each second says how many connections were opened, so each opening has a moment by which it must have been closed,
/// for whatever reason. What is due by then is no estimate, and neither is what is overdue.
package struct Recycling: Hashable, Sendable {
  package enum Verdict: String, CaseIterable, Hashable, Sendable {
    /// Connections came of age, and none of them outlived it.
    case works
    /// Connections were open for longer than they may be.
    case outlived
    /// No connection has come of age: the stretch is too short for this lifetime.
    case notDue = "not due yet"
    /// `max_lifetime` is none.
    case unlimited
  }

  /// Connections of the whole block, warm-up included, since their age counts from there.
  package var opened: Int
  package var closed: Int
  /// Closes for age that the openings imply: at least those past `max_lifetime`, at most those past its shortest jitter.
  package var due: ClosedRange<Int>
  /// At least so many were open beyond their age at one time.
  package var overdue: Int
  /// At least so many were closed before: idle for `idle_timeout`, or broken.
  package var early: Int
  /// Age of the load's oldest session as the server saw it, seconds; nil where no probe could tell.
  package var oldest: Double?
  package var lifetime: Duration?
  package var idleTimeout: Duration?

  package init(
    opened: Int, closed: Int, due: ClosedRange<Int>, overdue: Int, early: Int, oldest: Double?, lifetime: Duration?,
    idleTimeout: Duration?
  ) {
    self.opened = opened
    self.closed = closed
    self.due = due
    self.overdue = overdue
    self.early = early
    self.oldest = oldest
    self.lifetime = lifetime
    self.idleTimeout = idleTimeout
  }

  package var verdict: Verdict {
    guard lifetime != nil else { return .unlimited }
    if overdue > 0 { return .outlived }
    return due.lowerBound > 0 ? .works : .notDue
  }
}

extension Recycling {
  /// Nil where no connection was opened.
  init?(_ recorded: RecordedRun.RecordedBlock, settings: PoolSettings) {
    let slices = recorded.slices
    let opened = slices.reduce(0) { $0 + $1.connectionsOpened }
    guard opened > 0, let first = slices.first?.second, let end = slices.last.map({ $0.second + 1 }) else { return nil }
    self.init(
      opened: opened, closed: slices.reduce(0) { $0 + $1.connectionsClosed }, due: 0...0, overdue: 0, early: 0,
      oldest: recorded.samples.compactMap { $0.values[.oldestSession] }.max(), lifetime: settings.maxLifetime,
      idleTimeout: settings.idleTimeout)
    guard let lifetime = settings.maxLifetime?.seconds else { return }
    let ages = Ages(slices, from: first, to: end)
    // A connection in use is closed when its request is over.
    let longest = lifetime + Self.longestUse(slices)
    let shortest = lifetime * (1 - settings.lifetimeJitter)
    due =
      ages.surely(
        older: longest, at: end)...max(ages.surely(older: longest, at: end), ages.perhaps(older: shortest, at: end))
    for moment in first + 1...end {
      overdue = max(overdue, ages.surely(older: longest, at: moment) - ages.closed(by: moment))
      early = max(early, ages.closed(by: moment) - ages.perhaps(older: shortest, at: moment))
    }
  }

  /// Seconds, and one more, as the pool looks at the clock when something happens.
  private static func longestUse(_ slices: [Slice]) -> Double {
    var queries = Histogram()
    for slice in slices { if let bytes = slice.histograms[.query] { _ = queries.merge(encoded: bytes) } }
    return Double(queries.range?.upperBound ?? 0) / 1e9 + 1
  }
}

/// Connections opened and closed up to the end of each second.
private struct Ages {
  private let first: Int
  /// By seconds since `first`, each including all before.
  private var opened: [Int] = [0]
  private var closed: [Int] = [0]

  init(_ slices: [Slice], from first: Int, to end: Int) {
    self.first = first
    var next = slices[...]
    var (open, shut) = (0, 0)
    for second in first..<end {
      if let slice = next.first, slice.second == second {
        open += slice.connectionsOpened
        shut += slice.connectionsClosed
        next.removeFirst()
      }
      opened.append(open)
      closed.append(shut)
    }
  }

  func closed(by moment: Int) -> Int { closed[moment - first] }

  /// Opened at least `age` seconds before `moment`, at whatever time of their second.
  func surely(older age: Double, at moment: Int) -> Int { opened(by: Double(moment) - age) }

  /// The same, if opened at the beginning of their second.
  func perhaps(older age: Double, at moment: Int) -> Int { opened(by: Double(moment) - age + 1) }

  private func opened(by time: Double) -> Int {
    let index = Int(time.rounded(.down)) - first
    return index > 0 ? opened[min(index, opened.count - 1)] : 0
  }
}
