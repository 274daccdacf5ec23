import Glibc
import Statistics
import TestSupport
import Testing

struct PairedPowerTests {
  /// By scipy's noncentral t; "equivalent within" by integration over the estimated deviation.
  @Test(arguments: try oracles.table("pairs_needed.csv"))
  func `pairs for 90 % power`(row: Row) throws {
    let deviation = row.number("sd_of_paired_log_ratio")
    for (column, expected) in row where column != "sd_of_paired_log_ratio" {
      let percent = try #require(Double(column.filter(\.isNumber)))
      let size = log(1 + percent / 100) / deviation
      let pairs =
        column.hasPrefix("detect") ? PairedPower.pairs(difference: size) : PairedPower.pairs(margin: size)
      #expect(pairs == Int(expected), "\(column) at \(deviation)")
    }
  }

  /// scipy.stats.nct, both tails.
  @Test(arguments: [(8, 1.9062036, 0.9953774), (2, 5, 0.4209614), (5, 0.5, 0.1405167)] as [(Int, Double, Double)])
  func `the power of a difference`(pairs: Int, difference: Double, power: Double) {
    #expect(isClose(PairedPower.power(pairs: pairs, difference: difference), power, relative: 1e-5))
  }

  @Test(arguments: [3, 8, 20, 200]) func `the smallest difference is the one that has the power`(pairs: Int) {
    let difference = PairedPower.difference(pairs: pairs)
    #expect(isClose(PairedPower.power(pairs: pairs, difference: difference), 0.9, relative: 1e-9))
    #expect(PairedPower.pairs(difference: difference * 1.0001) == pairs)
    #expect(isClose(PairedPower.power(pairs: pairs, difference: 0), 0.05, relative: 1e-6))
  }

  @Test func `what no number of pairs shows is not promised`() {
    #expect(PairedPower.pairs(difference: 1e-3) == nil)
    #expect(PairedPower.pairs(difference: 1e-3, most: 100_000_000) ?? 0 > 10_000_000)
    #expect(PairedPower.pairs(margin: 1e-3) == nil)
  }
}
