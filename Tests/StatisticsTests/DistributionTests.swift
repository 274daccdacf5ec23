import Statistics
import TestSupport
import Testing

struct DistributionTests {
  @Test(arguments: try oracles.table("t_quantiles.csv"))
  func `Student's t quantiles, and back`(row: Row) throws {
    let t = StudentT(degreesOfFreedom: row.number("df"))
    for (column, expected) in row where column != "df" {
      let p = try #require(Double(column.dropFirst()))
      let quantile = t.quantile(p)
      let back = [t.cumulative(quantile), 1 - t.cumulative(-quantile), 1 - t.twoSidedP(quantile) / 2]
      #expect(isClose(quantile, expected, relative: 1e-9) && t.quantile(1 - p) == -quantile)
      #expect(back.allSatisfy { isClose($0, p, relative: 1e-12) })
    }
  }

  /// Published quantiles.
  @Test(
    arguments: [
      (0.5, 0), (0.975, 1.959963984540054), (0.95, 1.6448536269514722), (0.999, 3.090232306167813),
      (1e-10, -6.361340902404056), (0.025, -1.959963984540054),
    ] as [(Double, Double)])
  func `normal quantiles, and back`(p: Double, z: Double) {
    #expect(isClose(Normal.quantile(p), z, relative: 1e-12))
    #expect(isClose(Normal.cumulative(z), p, relative: 1e-12, absolute: 0))
  }

  @Test func `a mean of fewer than two values has no interval`() {
    #expect(StudentT.meanInterval([]) == nil && StudentT.meanInterval([3]) == nil)
    #expect(StudentT.meanInterval([3, 3, 3])?.halfWidth == 0)
  }
}

struct SummaryTests {
  @Test(arguments: [([], nil), ([4], 4), ([9, 1], 5), ([3, 1, 2], 2), ([4, 1, 3, 2], 2.5)] as [([Double], Double?)])
  func `the median`(values: [Double], median: Double?) {
    #expect(Summary.median(values) == median)
  }

  @Test(arguments: [(0.0, 1.0), (0.05, 1), (0.051, 2), (0.95, 19), (0.951, 20), (1, 20)] as [(Double, Double)])
  func `a quantile of a sample`(q: Double, expected: Double) {
    #expect(Summary.quantile(q, of: (1...20).map { Double($0) }.reversed()) == expected)
    #expect(Summary.quantile(q, of: []) == nil)
  }

  @Test func `mean and deviation`() {
    #expect(Summary.mean([]) == nil && Summary.standardDeviation([1]) == nil)
    #expect(Summary.mean([2, 4, 9]) == 5 && Summary.standardDeviation([2, 4, 9]) == 13.0.squareRoot())
  }
}
