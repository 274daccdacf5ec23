extension Histogram {
  /// One bucket that holds something.
  package struct Bucket: Hashable, Sendable {
    package let values: ClosedRange<Int64>
    package let count: Int
  }

  /// In ascending order, for charts.
  package var buckets: [Bucket] {
    counts.indices.lazy.filter { counts[$0] > 0 }.map {
      Bucket(values: BucketLayout.values(at: $0), count: counts[$0])
    }
  }

  /// The value of rank ceil(q N), linear inside its bucket and never outside `range`; nil when nothing was recorded.
  ///
  /// - Parameter q: 0...1; 0.95 for the 95th percentile.
  package func quantile(_ q: Double) -> Double? {
    guard let range else { return nil }
    var remaining = QuantileInterval.rank(of: q, count: count)
    if remaining > count / 2 { return quantileFromAbove(beyond: count - remaining) }
    for bucket in BucketLayout.index(of: range.lowerBound)..<counts.count where counts[bucket] > 0 {
      if remaining <= counts[bucket] {
        return interpolated(bucket: bucket, share: Double(remaining) / Double(counts[bucket]))
      }
      remaining -= counts[bucket]
    }
    return Double(range.upperBound)
  }

  /// The value that so many values lie beyond: the shorter way to a high quantile.
  private func quantileFromAbove(beyond: Int) -> Double? {
    var remaining = beyond
    for bucket in counts.indices.reversed() where counts[bucket] > 0 {
      if remaining < counts[bucket] {
        return interpolated(bucket: bucket, share: Double(counts[bucket] - remaining) / Double(counts[bucket]))
      }
      remaining -= counts[bucket]
    }
    return nil
  }

  private func interpolated(bucket: Int, share: Double) -> Double? {
    let values = BucketLayout.values(at: bucket)
    let width = Double(values.upperBound - values.lowerBound) + 1
    return range.map { clamp(Double(values.lowerBound) + width * share, to: $0) }
  }

  private func clamp(_ value: Double, to range: ClosedRange<Int64>) -> Double {
    min(max(value, Double(range.lowerBound)), Double(range.upperBound))
  }

  /// How many values exceed `limit`, at least and at most: the limit's own bucket is in doubt.
  package func countBounds(above limit: Int64) -> ClosedRange<Int> {
    guard let range, limit < range.upperBound else { return 0...0 }
    guard limit >= range.lowerBound else { return count...count }
    let bucket = BucketLayout.index(of: limit)
    let beyond = counts[(bucket + 1)...].reduce(0, +)
    guard BucketLayout.values(at: bucket).upperBound > limit else { return beyond...beyond }
    // The smallest value is not above the limit, the largest one is.
    return max(beyond, 1)...min(beyond + counts[bucket], count - 1)
  }

  /// How many values exceed `limit`, linear inside the limit's bucket.
  package func count(above limit: Int64) -> Double {
    let bounds = countBounds(above: limit)
    guard let range, bounds.lowerBound < bounds.upperBound else { return Double(bounds.lowerBound) }
    let values = BucketLayout.values(at: BucketLayout.index(of: limit)).clamped(to: range)
    let share = Double(values.upperBound - limit) / (Double(values.upperBound - values.lowerBound) + 1)
    return Double(bounds.lowerBound) + share * Double(bounds.upperBound - bounds.lowerBound)
  }

  /// The share of values slower than `limit`, 0...1; nil when nothing was recorded.
  package func share(above limit: Int64) -> Double? {
    isEmpty ? nil : count(above: limit) / Double(count)
  }
}
