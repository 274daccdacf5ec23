import Statistics
import TestSupport
import Testing

struct QuantileIntervalTests {
  struct Ranks: Decodable {
    let n: Int
    let q: Double
    let lowerRank: Int?
    let upperRank: Int?
    let coverage: Double
    let pointRank: Int
  }

  @Test func `ranks that enclose a quantile`() throws {
    for row in try oracles.json("quantile_order_stat_ci.json", as: [Ranks].self) {
      let interval = QuantileInterval(of: row.q, count: row.n)
      #expect(interval.lowerRank == row.lowerRank && interval.upperRank == row.upperRank, "\(row)")
      #expect(isClose(interval.coverage, row.coverage))
      #expect(QuantileInterval.rank(of: row.q, count: row.n) == row.pointRank)
    }
  }

  @Test(
    arguments: [(0.07, 100, 7), (0.29, 100, 29), (0.999, 1_000_000_000, 999_000_000), (1, 7, 7), (0, 7, 1)]
      as [(Double, Int, Int)])
  func `rounding errors do not raise a rank`(q: Double, count: Int, rank: Int) {
    #expect(QuantileInterval.rank(of: q, count: count) == rank)
  }

  @Test(arguments: [0, 1, 2])
  func `tiny samples bound nothing`(count: Int) {
    let interval = QuantileInterval(of: 0.95, count: count)
    #expect(interval.upperRank == nil)
  }
}
