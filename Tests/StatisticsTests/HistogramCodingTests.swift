import Statistics
import Testing

struct HistogramCodingTests {
  private static let samples: [Histogram] = [
    Histogram(), Histogram([0]), Histogram([.max, .max, .max]), Histogram((1...3_000).map { $0 * $0 * 37 }),
    Histogram([255, 256, 257, 1 << 40]),
  ]

  @Test(arguments: samples)
  func `a stored histogram is read back`(histogram: Histogram) {
    #expect(Histogram(encoded: histogram.encoded()) == histogram)
  }

  @Test func `the stored form is small and does not change`() {
    #expect(Histogram([5, 5, 300]).encoded() == [1, 2, 5, 172, 2, 182, 2, 5, 2, 145, 2, 1])
    #expect(Histogram().encoded() == [1, 0])
  }

  /// [version, filled, smallest, largest, sum, first bucket, count, …]
  private static let hostile: [[UInt8]] = [
    [], [1], [0, 0], [2, 0], [1, 0, 0], [1, 1], [1, 1, 5, 5, 5, 5], [1, 1, 5, 5, 5, 5, 0], [1, 1, 5, 5, 6, 5, 1],
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
        guard histogram.encoded() == bytes else { Issue.record("two forms of one histogram: \(bytes)"); return }
        _ = (histogram.quantile(0.99), histogram.count(above: 300), histogram.mean)
      } else {
        refused += 1
      }
    }
    #expect(refused > 3_000)
  }
}
