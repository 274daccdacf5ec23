/// Where a value falls in the log-linear histogram: one bucket a value below 256, then 128 sub-buckets an octave.
///
/// A bucket is at most 1/128 = 0.78 % as wide as its values. Every non-negative `Int64` has a bucket, so an index made
/// from one needs no bounds check.
@usableFromInline
enum BucketLayout {
  /// One more than the index of `Int64.max`.
  static let count = 56 * 128 + 128

  /// Negative values count as 0.
  @inlinable
  @inline(__always)
  static func index(of value: Int64) -> Int {
    let magnitude = UInt64(bitPattern: max(value, 0))
    let shift = max(56 - magnitude.leadingZeroBitCount, 0)
    return (shift << 7) &+ Int(truncatingIfNeeded: magnitude &>> UInt64(truncatingIfNeeded: shift))
  }

  /// The smallest and the largest value of a bucket.
  static func values(at index: Int) -> ClosedRange<Int64> {
    guard index >= 256 else { return Int64(index)...Int64(index) }
    let shift = index / 128 - 1
    let low = Int64(index - shift * 128) << Int64(shift)
    return low...(low | ((1 << Int64(shift)) - 1))
  }
}
