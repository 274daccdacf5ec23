import Statistics
import Testing

struct HistogramCodingTests {
  private static let samples: [Histogram] = [
    Histogram(), Histogram([0]), Histogram([.max, .max, .max]), Histogram((1...3_000).map { $0 * $0 * 37 }),
    Histogram([255, 256, 257, 1 << 40]), heavy([(0, 1 << 40), (7, 3), (1 << 50, 1 << 44)]), spread(seed: 1, 400),
    spread(seed: 2, 30_000), heavy([(0, 1 << 39)] + (1...40).map { (300 * $0, 40_000) }),
    heavy([(0, 380), (2_000_000, 1), (2_100_000, 19)]),
  ]

  private static func heavy(_ values: [(Int64, Int)]) -> Histogram {
    var histogram = Histogram()
    for (value, times) in values { histogram.record(value, times: times) }
    return histogram
  }

  /// A second of a load, exponential around 48 ms.
  private static func spread(seed: UInt64, _ count: Int) -> Histogram {
    var random = RandomSource(seed: seed)
    return Histogram((0..<count).map { _ in Int64(random.exponential(mean: 48e6)) }.sorted(by: >))
  }

  @Test(arguments: samples)
  func `a stored histogram is read back`(histogram: Histogram) {
    #expect(Histogram(encoded: histogram.encoded()) == histogram)
  }

  /// Two buckets, orders 7 and 0: a count of 2 less 1 as 010, the distance of 273 less 1 as 0 110010000, a count of 1 as 1.
  @Test func `the stored form is small and does not change`() {
    #expect(Histogram([5, 5, 300]).encoded() == [2, 2, 5, 172, 2, 182, 2, 7, 76, 132])
    #expect(Histogram().encoded() == [2, 0])
    #expect(Self.spread(seed: 1, 400).encoded().count < 230)
  }

  @Test func `the form of version 1 is read`() {
    #expect(Histogram(encoded: [1, 2, 5, 172, 2, 182, 2, 5, 2, 145, 2, 1]) == Histogram([5, 5, 300]))
    #expect(Histogram(encoded: [1, 0]) == Histogram())
  }

  @Test func `merging stored forms, in any order, is the histogram of all values`() {
    let parts = (0..<6).map { Self.spread(seed: 10 + $0, 200 * Int($0) + 1) }
    var merged = Histogram()
    let areRead = parts.reversed().map { merged.merge(encoded: $0.encoded()) }
    #expect(!areRead.contains(false) && merged == Histogram.merged(parts))
  }

  /// [1, filled, smallest, largest, sum, first bucket, count, …] and [2, filled, smallest, largest, sum, orders, bits …]
  private static let hostile: [[UInt8]] = [
    [], [1], [0, 0], [3, 0], [1, 0, 0], [2], [2, 0, 0], [2, 1, 5, 5, 5], [2, 1, 5, 5, 5, 0], [2, 1, 5, 5, 5, 0, 0],
    [2, 1, 5, 5, 5, 0, 0xC0], [2, 1, 5, 5, 5, 0, 0x80, 0], [2, 1, 5, 5, 10, 0, 0x80], [2, 1, 5, 6, 11, 0, 0x40],
    [2, 2, 5, 5, 5, 0, 0x80], [2, 1, 5, 5, 5, 0] + [UInt8](repeating: 0, count: 20), [1, 1], [1, 1, 5, 5, 5, 5],
    [1, 1, 5, 5, 5, 5, 0], [1, 1, 5, 5, 6, 5, 1],
    [1, 1, 6, 5, 5, 5, 1], [1, 1, 4, 5, 5, 5, 1], [1, 1, 5, 6, 5, 5, 1], [1, 1, 5, 5, 5, 6, 1],
    [1, 1, 5, 5, 5, 5, 1, 0],
    [1, 2, 5, 5, 10, 5, 1, 0, 1], [1, 0x80, 0], [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
    [1, 1, 5, 5, 5, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1],
    [1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 5, 5, 5, 1],
    [UInt8](repeating: 0xFF, count: 64), [1] + [UInt8](repeating: 0x80, count: 64),
  ]

  @Test(arguments: hostile)
  func `bytes that no histogram makes are refused`(bytes: [UInt8]) {
    #expect(Histogram(encoded: bytes) == nil)
  }

  @Test func `a shortened form is refused`() {
    let bytes = Self.samples[3].encoded()
    #expect(bytes.indices.allSatisfy { Histogram(encoded: Array(bytes[..<$0])) == nil })
  }

  @Test func `damaged bytes are refused or mean exactly what they say`() {
    var random = RandomSource(seed: 42)
    var refused = 0
    for _ in 0..<4_000 {
      var bytes = Self.samples[random.integer(below: Self.samples.count)].encoded()
      bytes = Array(bytes.prefix(40))
      for _ in 0...random.integer(below: 3) {
        bytes[random.integer(below: bytes.count)] = UInt8(random.integer(below: 256))
      }
      if let histogram = Histogram(encoded: bytes) {
        guard Histogram(encoded: histogram.encoded()) == histogram,
          histogram.buckets.map(\.count).reduce(0, +) == histogram.count
        else { Issue.record("not what it says: \(bytes)"); return }
        _ = (histogram.quantile(0.99), histogram.count(above: 300), histogram.mean)
      } else {
        refused += 1
      }
    }
    #expect(refused > 3_000)
  }
}
