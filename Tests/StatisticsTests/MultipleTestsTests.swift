import Statistics
import TestSupport
import Testing

struct HolmTests {
  struct Oracle: Decodable {
    let p: [Double]
    let holmAdjusted: [Double]
  }

  @Test func `adjusted p values, in any order`() throws {
    let oracle: Oracle = try oracles.json("holm.json")
    let reversed = Array(Holm.adjusted(oracle.p.reversed()).reversed())
    for adjusted in [Holm.adjusted(oracle.p), reversed] {
      #expect(zip(adjusted, oracle.holmAdjusted).allSatisfy { isClose($0, $1) })
    }
    #expect(Holm.adjusted([]) == [] && Holm.adjusted([0.7, 0.6]) == [1, 1])
  }
}

struct MannWhitneyTests {
  struct Oracle: Decodable {
    struct Smallest: Decodable {
      let n: Int
      let minTwoSidedP: Double
    }
    let minP: [Smallest]
    let exact: [[String: Double]]
  }

  @Test func `exact p values`() throws {
    let oracle: Oracle = try oracles.json("mann_whitney.json")
    for row in oracle.minP {
      #expect(isClose(MannWhitney.exactTwoSidedP(u: row.n * row.n, row.n, row.n), row.minTwoSidedP))
    }
    for row in oracle.exact {
      let p = MannWhitney.exactTwoSidedP(u: row.whole("U"), row.whole("n1"), row.whole("n2"))
      #expect(isClose(p, row.number("p_two_sided")))
    }
  }

  @Test func `U counts the pairs with the first above the second`() throws {
    let test = try #require(MannWhitney([1, 5, 6], [2, 3]))
    #expect(test.u == 4 && test.isExact && isClose(test.twoSidedP, 0.8))
    #expect(MannWhitney([], [1]) == nil)
  }

  /// scipy.stats.mannwhitneyu([1, 2, 2, 3, 5], [2, 4, 6, 7, 8], method="asymptotic").
  @Test func `ties call for the normal approximation`() throws {
    let test = try #require(MannWhitney([1, 2, 2, 3, 5], [2, 4, 6, 7, 8]))
    #expect(test.u == 4 && !test.isExact)
    #expect(isClose(test.twoSidedP, 0.09068836617120415))
    #expect(MannWhitney([3, 3], [3, 3])?.twoSidedP == 1)
  }

  /// scipy.stats.mannwhitneyu of 0…59 and 10.5…69.5, asymptotic and exact.
  @Test func `large samples call for the normal approximation`() throws {
    let first = (0..<60).map { Double($0) }
    let second = first.map { $0 + 10.5 }
    let test = try #require(MannWhitney(first, second))
    #expect(test.u == 1225 && !test.isExact && isClose(test.twoSidedP, 0.0025668879435241754))
    #expect(isClose(MannWhitney.exactTwoSidedP(u: 1225, 60, 60), 0.0023702780925378935))
    #expect(MannWhitney.shift(from: first, to: second) == 10.5)
  }
}
