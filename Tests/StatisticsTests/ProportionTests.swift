import Statistics
import TestSupport
import Testing

struct ProportionTests {
  struct Oracle: Decodable {
    struct One: Decodable {
      let k: Int
      let n: Int
      let wilsonLo: Double
      let wilsonHi: Double
      let clopperLo: Double
      let clopperHi: Double
      let oneSided95UpperCp: Double
    }
    struct Two: Decodable {
      let k1: Int
      let n1: Int
      let k2: Int
      let n2: Int
      let diff: Double
      let lo: Double
      let hi: Double
    }
    let wilson95: [One]
    let newcombe95DiffP1MinusP2: [Two]
  }

  private static let oracle = Result { try oracles.json("proportions.json", as: Oracle.self) }

  @Test func `Wilson and Clopper-Pearson intervals`() throws {
    for row in try Self.oracle.get().wilson95 {
      let proportion = Proportion(row.k, of: row.n)
      let (wilson, exact) = (proportion.wilson(), proportion.clopperPearson())
      let computed = [wilson.low, wilson.high, exact.low, exact.high, proportion.clopperPearsonUpper()]
      let expected = [row.wilsonLo, row.wilsonHi, row.clopperLo, row.clopperHi, row.oneSided95UpperCp]
      #expect(zip(computed, expected).allSatisfy { isClose($0, $1) }, "\(row.k)/\(row.n): \(computed)")
    }
  }

  @Test func `Newcombe's difference`() throws {
    for row in try Self.oracle.get().newcombe95DiffP1MinusP2 {
      let found = try #require(Proportion.difference(Proportion(row.k1, of: row.n1), Proportion(row.k2, of: row.n2)))
      let computed = [found.estimate, found.interval.low, found.interval.high]
      #expect(zip(computed, [row.diff, row.lo, row.hi]).allSatisfy { isClose($0, $1) }, "\(row)")
    }
  }

  @Test func `ends are exact`() {
    #expect(Proportion(0, of: 1000).wilson().low == 0 && Proportion(1000, of: 1000).wilson().high == 1)
    #expect(Proportion(0, of: 9).clopperPearson().low == 0 && Proportion(9, of: 9).clopperPearson().high == 1)
  }

  @Test func `without trials anything is possible`() {
    let none = Proportion(0, of: 0)
    let intervals = [none.wilson(), none.clopperPearson(), ConfidenceSequence(none).interval()]
    #expect(intervals.allSatisfy { $0.low == 0 && $0.high == 1 })
    #expect(none.rate == nil && Proportion.difference(none, none) == nil)
  }

  /// By hand: p = 0.1, each block's n p (1 - p) = 9; ((20-10)² + 2·(5-10)²)/9/2.
  @Test func `the design effect measures bursts`() throws {
    let bursty = [20, 5, 5].map { Proportion($0, of: 100) }
    let effect = try #require(Proportion.designEffect(bursty))
    #expect(isClose(effect, 150.0 / 9 / 2))
    let effective = Proportion.pooled(bursty).effective(designEffect: effect)
    #expect(isClose(effective.trials, 36) && isClose(effective.events, 3.6))
    #expect(effective.wilson().halfWidth > 2 * Proportion.pooled(bursty).wilson().halfWidth)
  }

  @Test(
    arguments: [([], nil), ([3], nil), ([3, 3, 3], 1), ([0, 0], 1), ([100, 100], 1), ([0, 100], 200)]
      as [([Int], Double?)])
  func `the design effect is at least 1 and needs two blocks`(events: [Int], expected: Double?) {
    let blocks = events.map { Proportion($0, of: 100) } + [Proportion(0, of: 0)]
    #expect(isClose(Proportion.designEffect(blocks), expected))
  }
}

struct ConfidenceSequenceTests {
  struct Oracle: Decodable { let rows: [Row] }

  @Test func `intervals valid at all times, and evidence against 1 %`() throws {
    for row in try oracles.json("betabinomial_cs.json", as: Oracle.self).rows {
      let sequence = ConfidenceSequence(Proportion(row.whole("k"), of: row.whole("n")))
      let interval = sequence.interval()
      let computed = [interval.low, interval.high, sequence.logEvidence(against: 0.01)]
      let expected = ["lo", "hi", "log_e_vs_1pct"].map { row.number($0) }
      #expect(zip(computed, expected).allSatisfy { isClose($0, $1) }, "\(row) \(computed)")
    }
  }

  @Test(arguments: [(0.01, 680), (0.05, 116)])
  func `how long without an event excludes a rate`(rate: Double, trials: Int) {
    let excluded = [trials - 1, trials].map {
      ConfidenceSequence(Proportion(0, of: $0)).interval().high < rate
    }
    #expect(excluded == [false, true])
  }
}
