import Glibc
import Testing

@testable import Statistics

struct RandomSourceTests {
  /// The reference implementation's first outputs.
  @Test func `the generators are the published ones`() {
    var xoshiro = RandomSource(state: (1, 2, 3, 4))
    #expect((0..<4).map { _ in xoshiro.next() } == [11520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
    var split = SplitMix64(state: 1_234_567)
    #expect((0..<2).map { _ in split.next() } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973])
  }

  @Test func `a seed always gives the same draws`() {
    var random = RandomSource(seed: 2026)
    let draws = (0..<3).map { _ in random.exponential(mean: 1).bitPattern }
    #expect(draws == [0x3FEB_4933_D939_7255, 0x3FD5_5A27_49B1_CB82, 0x3FFA_C8D0_3B7D_7F90])
  }

  @Test func `streams and seeds differ`() {
    let sources = [
      RandomSource(seed: 1), RandomSource(seed: 2), RandomSource(seed: 1, stream: 1), RandomSource(seed: 1, stream: 2),
    ]
    let firsts = sources.map { source in
      var source = source
      return source.next()
    }
    #expect(Set(firsts).count == sources.count)
  }

  @Test func `draws have the right mean and stay in range`() {
    var random = RandomSource(seed: 3)
    let n = 100_000
    var sums = [0.0, 0, 0, 0]
    var outside = 0
    for _ in 0..<n {
      let draws = [
        random.uniform(in: 2..<4), random.exponential(mean: 5), Double(random.integer(below: 10)),
        random.coin() ? 1 : 0,
      ]
      for index in draws.indices { sums[index] += draws[index] }
      outside += (2..<4).contains(draws[0]) && draws[1] >= 0 && (0..<10).contains(draws[2]) ? 0 : 1
    }
    // Four standard errors: 0.58/√n, 5/√n, 2.9/√n and 0.5/√n.
    let bounds = [(3.0, 0.0073), (5, 0.0633), (4.5, 0.0364), (0.5, 0.0064)]
    #expect(outside == 0)
    #expect(zip(sums, bounds).allSatisfy { abs($0 / Double(n) - $1.0) < $1.1 }, "\(sums)")
  }

  @Test(arguments: [0...0, -3...3, Int.min...Int.max, Int.max...Int.max])
  func `whole numbers in a range`(range: ClosedRange<Int>) {
    var random = RandomSource(seed: 5)
    let draws = (0..<500).map { _ in random.integer(in: range) }
    #expect(draws.allSatisfy { range.contains($0) })
    #expect(Set(draws).count == (range.count(upTo: 500)))
  }

  @Test(arguments: [1, 0.5, 0x1p-53, 1.4142135623730951, 1.4142135623730954, 0.70710678, 0.999999999, 1e300, 3e-300])
  func `the portable logarithm agrees with the C library's`(x: Double) {
    let difference = abs(portableLog(x) - log(x))
    #expect(difference <= 2 * log(x).ulp)
  }
}

extension ClosedRange<Int> {
  /// How many values, but no more than `most`; a wider range hardly repeats one.
  fileprivate func count(upTo most: Int) -> Int {
    let (width, overflow) = upperBound.subtractingReportingOverflow(lowerBound)
    return overflow || width >= most ? most : width + 1
  }
}
