/// A log-linear histogram of non-negative integers (nanoseconds, in poolops): 128 sub-buckets an octave, so a quantile
/// is within 0.78 % of the true one. Count, sum, smallest and largest value are exact.
///
/// For analysis. In a loop that counts nanoseconds use `HistogramRecorder`.
package struct Histogram: Hashable, Sendable {
  /// Up to the bucket of the largest value; empty when nothing was recorded.
  /// Changed only by `record`, `merge` and what they call.
  var counts: [Int] = []
  package private(set) var count = 0
  /// Saturates at `UInt64.max` (584 years of nanoseconds).
  package private(set) var sum: UInt64 = 0
  private var smallest = Int64.max
  private var largest: Int64 = -1

  package init() {}

  package init(_ values: some Sequence<Int64>) {
    for value in values { record(value) }
  }

  /// The caller vouches that the parts belong together; see `HistogramRecorder.snapshot` and `init(encoded:)`.
  init(counts: [Int], count: Int, sum: UInt64, values: ClosedRange<Int64>) {
    self.counts = counts
    self.count = count
    self.sum = sum
    smallest = values.lowerBound
    largest = values.upperBound
  }

  package var isEmpty: Bool { count == 0 }

  /// The smallest and the largest value, exact; nil when nothing was recorded.
  package var range: ClosedRange<Int64>? { isEmpty ? nil : smallest...largest }

  package var mean: Double? { isEmpty ? nil : Double(sum) / Double(count) }

  /// Negative values count as 0.
  package mutating func record(_ value: Int64, times: Int = 1) {
    precondition(times >= 0, "a value cannot be recorded a negative number of times")
    guard times > 0 else { return }
    let value = max(value, 0)
    let index = BucketLayout.index(of: value)
    extend(to: index + 1)
    counts[index] += times
    count += times
    sum = saturatingSum(sum, saturatingProduct(UInt64(value), UInt64(times)))
    smallest = min(smallest, value)
    largest = max(largest, value)
  }

  /// Exact: the result is the histogram of all values of both, in any order of merging.
  package mutating func merge(_ other: Histogram) {
    guard let range = other.range else { return }
    guard !isEmpty else {
      self = other
      return
    }
    extend(to: other.counts.count)
    add(other.counts.span, from: BucketLayout.index(of: range.lowerBound))
    take(count: other.count, sum: other.sum, range: range)
  }

  /// Below `first` there is nothing.
  private mutating func add(_ others: Span<Int>, from first: Int) {
    var counts = counts.mutableSpan
    for index in first..<others.count { counts[index] += others[index] }
  }

  /// What goes with counts that were added to the buckets.
  mutating func take(count: Int, sum: UInt64, range: ClosedRange<Int64>) {
    self.count += count
    self.sum = saturatingSum(self.sum, sum)
    smallest = min(smallest, range.lowerBound)
    largest = max(largest, range.upperBound)
  }

  package static func merged(_ parts: some Sequence<Histogram>) -> Histogram {
    var whole = Histogram()
    for part in parts { whole.merge(part) }
    return whole
  }

  mutating func extend(to length: Int) {
    guard length > counts.count else { return }
    guard !counts.isEmpty else {
      counts = [Int](repeating: 0, count: length)
      return
    }
    // An array and not repeatElement, which is several times slower in debug builds.
    counts += [Int](repeating: 0, count: length - counts.count)
  }
}

func saturatingSum(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}

func saturatingProduct(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}
