/// The histogram of a hot loop: it owns a raw buffer, so recording costs a few instructions and no reference counting.
///
/// Measured at 1.7 ns a value; a Swift array in a class costs 27. One owner, one thread. `public`, like what it is made of,
/// because only what is public can be inlined into the loop.
@safe
public struct HistogramRecorder: ~Copyable {
  @usableFromInline let counts: UnsafeMutablePointer<Int>
  @usableFromInline var recorded = 0
  @usableFromInline var sum: UInt64 = 0
  @usableFromInline var smallest = Int64.max
  @usableFromInline var largest: Int64 = -1

  package init() {
    unsafe counts = .allocate(capacity: BucketLayout.count)
    unsafe counts.initialize(repeating: 0, count: BucketLayout.count)
  }

  deinit {
    unsafe counts.deallocate()
  }

  /// Values since the last reset.
  package var count: Int { recorded }

  /// Negative durations count as 0.
  @inlinable
  @inline(__always)
  public mutating func record(_ nanoseconds: Int64) {
    let value = max(nanoseconds, 0)
    unsafe counts[BucketLayout.index(of: value)] &+= 1
    recorded &+= 1
    let (total, overflow) = sum.addingReportingOverflow(UInt64(bitPattern: value))
    sum = overflow ? .max : total
    smallest = min(smallest, value)
    largest = max(largest, value)
  }

  package func snapshot() -> Histogram {
    guard recorded > 0 else { return Histogram() }
    let filled = BucketLayout.index(of: largest) + 1
    let copy = unsafe Array(UnsafeBufferPointer(start: counts, count: filled))
    return Histogram(counts: copy, count: recorded, sum: sum, values: smallest...largest)
  }

  package mutating func reset() {
    guard recorded > 0 else { return }
    let first = BucketLayout.index(of: smallest)
    unsafe (counts + first).update(repeating: 0, count: BucketLayout.index(of: largest) - first + 1)
    recorded = 0
    sum = 0
    smallest = .max
    largest = -1
  }

  /// What was recorded since the last reset, and a fresh start.
  package mutating func takeSnapshot() -> Histogram {
    let taken = snapshot()
    reset()
    return taken
  }
}
