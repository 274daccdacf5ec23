import Statistics
import TestSupport
import Testing

struct SignedRankTests {
  struct Critical: Decodable, Sendable {
    let n: Int
    let k: Int?
    let conf: Double?
    let minTwoSidedP: Double
  }

  struct Example: Decodable {
    let logRatio: [Double]
    let mean: Double
    let sd: Double
    let ciLog: [Double]
    let hlPaired: Double
    let hlCi: [Double]
    let wilcoxonP: Double
  }

  @Test func `critical values and their exact confidence`() throws {
    for row in try oracles.json("signed_rank_ci_indices.json", as: [Critical].self) {
      let differences = (1...row.n).map { Double($0) }
      #expect(SignedRank.criticalValue(pairs: row.n, alpha: 0.05) == row.k, "\(row.n) pairs")
      #expect(isClose(SignedRank.interval(differences)?.confidence, row.conf, relative: 1e-12))
      #expect(isClose(SignedRank.twoSidedP(differences), row.minTwoSidedP, relative: 1e-12))
    }
  }

  @Test func `critical values at the levels of group-sequential looks`() throws {
    for row in try oracles.json("signed_rank_k_by_alpha.json", as: [[String: Int]].self) {
      for (column, k) in row where column != "n" {
        let alpha = try #require(Double(column.dropFirst("k_alpha_".count)))
        let pairs = try #require(row["n"])
        #expect(SignedRank.criticalValue(pairs: pairs, alpha: alpha) ?? -1 == k, "\(pairs) pairs at \(alpha)")
      }
    }
  }

  @Test func `the worked example of ten pairs`() throws {
    let example: Example = try oracles.json("paired_blocks_example.json")
    let d = example.logRatio
    let exact = try #require(SignedRank.interval(d))
    let byT = try #require(StudentT.meanInterval(d))
    let computed: [Double?] = [
      SignedRank.hodgesLehmann(d), exact.low, exact.high, SignedRank.twoSidedP(d), Summary.mean(d),
      Summary.standardDeviation(d), byT.low, byT.high,
    ]
    let expected: [Double] =
      [example.hlPaired] + example.hlCi + [example.wilcoxonP, example.mean, example.sd] + example.ciLog
    #expect(zip(computed, expected).allSatisfy { isClose($0, $1, relative: 1e-9) }, "\(computed)")
    #expect(computed.count == expected.count)
  }

  /// p by listing all signs by hand: zeros are left out, ties share ranks.
  @Test(
    arguments: [
      ([], 1), ([0, 0], 1), ([1], 1), ([1, 2, 3], 0.25), ([1, -1], 1), ([1, 1, 1], 0.25), ([1, 1, -2], 1),
      ([0, 1, 2, 3], 0.25), ([-1, 2, 2, 3], 0.25), ([1, 2, 3, 4, 5], 0.0625),
    ] as [([Double], Double)])
  func `p with ties and zeros`(differences: [Double], p: Double) {
    #expect(isClose(SignedRank.twoSidedP(differences), p))
    #expect(isClose(SignedRank.twoSidedP(differences.map { -$0 }), p))
  }

  @Test func `the interval is reversed with the sign and moves with the values`() throws {
    let d = [0.3, -0.1, 0.25, 0.4, 0.02, 0.6, 0.11, -0.05]
    let plain = try #require(SignedRank.interval(d))
    let mirrored = try #require(SignedRank.interval(d.map { 1 - $0 }))
    #expect(isClose(mirrored.low, 1 - plain.high) && isClose(mirrored.high, 1 - plain.low))
    #expect(isClose(SignedRank.hodgesLehmann(d.map { 1 - $0 }), SignedRank.hodgesLehmann(d).map { 1 - $0 }))
    #expect(SignedRank.hodgesLehmann(d).map(plain.contains) == true && !plain.contains(plain.high + 1e-9))
  }

  @Test func `too few pairs give no interval`() {
    #expect(SignedRank.interval([]) == nil && SignedRank.hodgesLehmann([]) == nil)
    #expect(SignedRank.interval([1, 2, 3, 4, 5]) == nil)
    #expect(SignedRank.interval([1, 2, 3, 4, 5, 6], alpha: 0.0182) == nil)
  }
}

struct LooksTests {
  @Test(arguments: zip([8, 12, 16, 20], [1, 9, 22, 42]))
  func `the standard looks`(pairs: Int, k: Int) throws {
    let differences = (1...pairs).map { Double($0) }
    let averages = differences.indices.flatMap { i in differences[i...].map { (differences[i] + $0) / 2 } }.sorted()
    let interval = try #require(Looks.standard.interval(differences))
    #expect(Looks.standard.alpha == 0.0182)
    #expect(interval.low == averages[k] && interval.high == averages[averages.count - 1 - k])
    #expect(interval.confidence >= 1 - 0.0182)
  }

  @Test func `nobody looks in between`() {
    #expect(Looks.standard.interval([Double](repeating: 1, count: 9)) == nil)
    #expect([0, 8, 9, 20].map { Looks.standard.next(after: $0) } == [8, 12, 12, nil])
    #expect(Looks.single(pairs: 10).alpha == 0.05)
  }

  @Test(arguments: [[], [8, 8], [12, 8], [0, 8], [1, 2, 3, 4, 5, 6]])
  func `impossible plans are refused`(pairs: [Int]) {
    #expect(Looks(pairs: pairs) == nil)
  }

  @Test func `the looks together keep 5 % when nothing has changed`() {
    var random = RandomSource(seed: 1)
    let experiments = 1_500
    let flagged = (0..<experiments).count { _ in
      var d: [Double] = []
      return (0..<20).contains { _ in
        d.append((random.exponential(mean: 1) + 0.1) * (random.coin() ? 1 : -1))
        return Looks.standard.interval(d).map { !$0.contains(0) } ?? false
      }
    }
    // Expected 4.5 %, standard error 0.54 %.
    #expect((0.025...0.065).contains(Double(flagged) / Double(experiments)))
  }
}
