import TestSupport
import Testing

@testable import Statistics

struct HistogramTests {
  struct Oracle: Decodable {
    struct Bucket: Decodable {
      let valueUs: Int64
      let index: Int
      let low: Int64
      let high: Int64
    }
    struct Percentile: Decodable {
      let rank: Int
      let low: Int64
      let high: Int64
      let interpolated: Double
      let exact: Double
    }
    let buckets: [Bucket]
    let percentiles: [String: Percentile]
  }

  private static let oracle = Result { try oracles.json("histogram.json", as: Oracle.self) }
  /// 37, 74, … 370,000.
  private static let tenThousand = (1...10_000).map { Int64($0) * 37 }

  @Test func `a value falls where the layout says`() throws {
    for bucket in try Self.oracle.get().buckets {
      let filled = Histogram([bucket.valueUs]).buckets
      #expect(filled.map(\.values) == [bucket.low...bucket.high], "\(bucket.valueUs)")
    }
  }

  @Test func `a quantile is interpolated in its bucket and never beyond the largest value`() throws {
    let histogram = Histogram(Self.tenThousand)
    for (q, expected) in try Self.oracle.get().percentiles {
      let value = histogram.quantile(try #require(Double(q)))
      #expect(isClose(value, min(expected.interpolated, 370_000), relative: 1e-12))
      #expect(isClose(value, expected.exact, relative: 1.0 / 128))
    }
  }

  @Test(arguments: [0, 1, 255, 256, 1 << 20, Int64.max - 1, .max])
  func `every value has a bucket that contains it and is narrow`(value: Int64) throws {
    let bucket = try #require(Histogram([value]).buckets.first)
    let width = Double(bucket.values.upperBound - bucket.values.lowerBound)
    #expect(bucket.values.contains(value) && bucket.count == 1)
    #expect(width <= Double(value) / 128)
    #expect(Histogram([value]).quantile(0.5) == Double(value))
  }

  @Test func `buckets cover all values without a gap`() {
    var next: Int64 = 0
    for index in 0..<BucketLayout.count {
      let values = BucketLayout.values(at: index)
      let ends = [values.lowerBound, values.upperBound].map { BucketLayout.index(of: $0) }
      guard values.lowerBound == next, ends == [index, index] else {
        Issue.record("bucket \(index) is \(values) and its ends fall into \(ends)")
        return
      }
      next = values.upperBound &+ 1
    }
    #expect(next == .min)
  }

  @Test func `nothing recorded means no figure at all`() {
    let empty = Histogram()
    #expect(empty.range == nil && empty.mean == nil && empty.quantile(0.5) == nil && empty.share(above: 0) == nil)
    #expect(empty.buckets.isEmpty && empty.count(above: 5) == 0)
  }

  @Test func `count, sum, mean and range are exact; negative values count as 0`() {
    var histogram = Histogram([-5, 3, 1_000_003])
    histogram.record(10, times: 2)
    #expect(histogram.count == 5 && histogram.sum == 1_000_026 && histogram.range == 0...1_000_003)
    #expect(histogram.mean == 200_005.2)
  }

  @Test func `the sum saturates instead of overflowing`() {
    var histogram = Histogram([.max, .max, .max])
    histogram.merge(histogram)
    #expect(histogram.sum == .max && histogram.count == 6)
  }

  @Test func `parts merge to the histogram of the whole, in any order`() {
    let parts = stride(from: 0, to: 10_000, by: 1_000).map { Histogram(Self.tenThousand[$0..<($0 + 1_000)]) }
    let whole = Histogram(Self.tenThousand)
    #expect(Histogram.merged(parts) == whole)
    #expect(Histogram.merged(parts.reversed() + [Histogram()]) == whole)
    #expect(Histogram.merged(parts.dropFirst()) != whole)
  }

  @Test(arguments: [Int64(-1), 0, 36, 37, 99, 100_000, 200_000, 369_999, 370_000, .max])
  func `the count above a limit is bounded, and interpolated within a bucket`(limit: Int64) throws {
    let histogram = Histogram(Self.tenThousand)
    let truth = Self.tenThousand.count { $0 > limit }
    let bounds = histogram.countBounds(above: limit)
    #expect(bounds.contains(truth))
    #expect(bounds.count - 1 <= 56 && abs(histogram.count(above: limit) - Double(truth)) <= 2)
    #expect(isClose(histogram.share(above: limit), histogram.count(above: limit) / 10_000))
  }

  @Test func `the smallest value is not above a limit, and the largest is, though they share a bucket`() {
    #expect(Histogram([400_000, 400_001]).countBounds(above: 400_000) == 1...1)
    #expect(Histogram([400_000, 400_001, 400_002]).countBounds(above: 400_000) == 1...2)
  }

  @Test func `the upper edge of a bucket is an exact limit`() {
    #expect(Histogram(Self.tenThousand).countBounds(above: 184_319) == 5019...5019)
  }
}
