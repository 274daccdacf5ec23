internal import Model
internal import Statistics

/// What one transaction did in a second.
struct FinishedPart: Sendable {
  var name: String
  var completed: Int
  var failed: Int
  var latency: Histogram

  func encoded() -> TransactionPart {
    TransactionPart(
      name: name, completed: completed, failed: failed, latency: latency.isEmpty ? nil : latency.encoded())
  }

  func merged(with other: FinishedPart) -> FinishedPart {
    var sum = self
    sum.completed += other.completed
    sum.failed += other.failed
    sum.latency.merge(other.latency)
    return sum
  }
}

/// Collects the transactions of a mixed load, or the steps of a flow, apart. Empty where there is but one: the slice says all.
struct PartTable: ~Copyable {
  private struct Part: ~Copyable {
    var completed = 0
    var failed = 0
    var latency = HistogramRecorder()
  }
  private let names: [String]
  private let parts: UnsafeMutablePointer<Part>
  let count: Int

  init(_ transactions: [Transaction]) {
    names = transactions.count > 1 ? transactions.map(\.name) : []
    count = names.count
    parts = .allocate(capacity: max(count, 1))
    for index in 0..<count { (parts + index).initialize(to: Part()) }
  }

  deinit {
    parts.deinitialize(count: count)
    parts.deallocate()
  }

  @inline(__always)
  mutating func complete(_ transaction: Int32, latency: Int64) {
    guard count > 0 else { return }
    check(transaction)
    parts[Int(transaction)].completed &+= 1
    parts[Int(transaction)].latency.record(latency)
  }

  mutating func fail(_ transaction: Int32) {
    guard count > 0 else { return }
    check(transaction)
    parts[Int(transaction)].failed &+= 1
  }

  @inline(__always)
  private borrowing func check(_ transaction: Int32) {
    precondition(UInt32(bitPattern: transaction) < UInt32(truncatingIfNeeded: count), "no such transaction")
  }

  /// What there is since the last call.
  mutating func take() -> [FinishedPart] {
    (0..<count).map { index in
      let part = FinishedPart(
        name: names[index], completed: parts[index].completed, failed: parts[index].failed,
        latency: parts[index].latency.takeSnapshot())
      parts[index].completed = 0
      parts[index].failed = 0
      return part
    }
  }
}
