internal import Model
internal import Workload

/// Which requests have been out for longer than a limit. All have the same one, so they run out in the order in which they were sent.
struct Patience: ~Copyable {
  struct Entry: BitwiseCopyable {
    var sent: Int64
    var connection: Int32
    var request: Int32
  }

  private let limit: Int64
  private var entries = Ring(filler: Entry(sent: 0, connection: 0, request: 0))

  /// - Parameter limit: nil has no end, and costs nothing.
  init(limit: Duration?) { self.limit = limit?.nanoseconds ?? .max }

  var isLimited: Bool { limit != .max }

  mutating func watch(_ entry: Entry) { entries.append(entry) }

  /// The oldest that is still watched.
  var oldest: Entry? { entries.first }

  mutating func forgetOldest() { _ = entries.popFirst() }

  /// When the patience with `entry` is over.
  func end(_ entry: Entry) -> Int64 {
    let (end, overflow) = entry.sent.addingReportingOverflow(limit)
    return overflow ? .max : end
  }
}
