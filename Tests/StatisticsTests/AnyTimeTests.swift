import Statistics
import TestSupport
import Testing

/// Statements that hold whenever one looks.
struct AnyTimeTests {
  @Test(arguments: try oracles.table("anytime_t_boundary.csv"))
  func `by how many standard errors a mean must differ`(row: Row) throws {
    let pairs = row.whole("n_pairs")
    for (column, expected) in row where column.hasPrefix("g") {
      let prior = try #require(Double(column.dropFirst()))
      let boundary = MixtureT.boundary(count: pairs, prior: prior)
      #expect(isClose(boundary ?? .infinity, expected, relative: 1e-7) || boundary == nil && expected == .infinity)
      guard let boundary else { continue }
      // At its boundary the evidence is exactly that of 1 in 20.
      #expect(isClose(MixtureT.logEvidence(t: boundary, count: pairs, prior: prior), 2.995732273553991))
    }
    let fixed = StudentT(degreesOfFreedom: Double(pairs - 1)).quantile(0.975)
    #expect(isClose(fixed, row.number("fixed_n_t975"), relative: 1e-7))
  }

  @Test func `few or equal values exclude nothing, or all but themselves`() {
    #expect(MixtureT.interval([1, 2, 3, 4]) == nil && MixtureT.boundary(count: 1) == nil)
    #expect(MixtureT.interval([3, 3, 3, 3, 3]).map { $0.low == 3 && $0.high == 3 } == true)
    #expect(MixtureT.logEvidence(t: .infinity, count: 9) > 0 && MixtureT.logEvidence(t: 0, count: 1) == -.infinity)
    #expect(SignBetting.evidence([]) == 1 && SignBetting.evidence([0, 0]) == 1)
  }

  @Test func `the sign of all differences does not matter, and sizes have no unit`() {
    let d = [0.3, -0.1, 0.25, 0.4, 0.02, 0.6, 0.11, -0.05]
    let evidence = SignBetting.evidence(d)
    #expect(
      isClose(SignBetting.evidence(d.map { -$0 }), evidence)
        && isClose(SignBetting.evidence(d.map { 1e6 * $0 }), evidence))
    #expect(evidence > 1 && evidence < 20)
  }

  /// All 2^n orders that coins may give to these sizes: no stake wins on average, exactly.
  @Test(arguments: [[0.3, 0.1, 0.25, 0.4, 0.02, 0.6, 0.11], [1.0], [5, 1, 1, 1], [0.0, 2, 0, 2]])
  func `over all orders of the pairs the bets win nothing`(sizes: [Double]) {
    let capitals = (0..<1 << sizes.count).map { signs in
      SignBetting.evidence(sizes.enumerated().map { signs >> $0 & 1 == 1 ? $1 : -$1 })
    }
    #expect(isClose(capitals.reduce(0, +) / Double(capitals.count), 1, relative: 1e-12))
  }

  @Test func `ranks that enclose a quantile at all times`() throws {
    struct Ranks: Decodable {
      let n: Int
      let q: Double
      let lowerRank: Int?
      let upperRank: Int?
    }
    for row in try oracles.json("quantile_cs_ranks.json", as: [Ranks].self) {
      let ranks = QuantileInterval.ranksAtAnyTime(of: row.q, count: row.n)
      #expect(ranks.lower == row.lowerRank && ranks.upper == row.upperRank, "\(row) \(ranks)")
    }
  }

  @Test(arguments: try oracles.table("ar1_neff.csv"))
  func `what successive values that resemble each other are worth`(row: Row) {
    let count = Proportion.effectiveCount(of: row.whole("n"), correlation: row.number("rho"))
    #expect(isClose(count, row.number("n_eff"), relative: 1e-5))
    #expect(isClose((row.number("n") / count).squareRoot(), row.number("se_inflation"), relative: 1e-5))
  }
}

/// Reference simulations, repeated with fewer experiments; the tolerance is four standard errors of both.
struct SequentialSimulationTests {
  /// A normal difference by Box and Muller; with `contaminated`, one in five is six times as large.
  private static func difference(_ random: inout RandomSource, shift: Double, contaminated: Bool = false) -> Double {
    let normal = Normal.quantile(random.uniform(in: 1e-12..<1 - 1e-12))
    return shift + (contaminated && random.uniform() < 0.2 ? 6 : 1) * normal
  }

  private static func isNear(_ count: Int, of experiments: Int, _ expected: Double, reference: Double) -> Bool {
    let variance = expected * (1 - expected)
    let error = (variance / Double(experiments) + variance / reference).squareRoot()
    return abs(Double(count) / Double(experiments) - expected) <= 4 * error + 0.5 / Double(experiments)
  }

  private static func share(_ file: String, _ scheme: String, _ figure: String) throws -> Double {
    let rows = try oracles.json(file, as: [String: Figures].self)
    return try #require(rows[scheme]?.values[figure])
  }

  /// The figures of a scheme; what is no plain number is left out.
  struct Figures: Decodable {
    var values: [String: Double] = [:]
    init(from decoder: any Decoder) throws {
      if let all = try? decoder.singleValueContainer().decode([String: Loose].self) {
        values = all.compactMapValues(\.number)
      }
    }
    struct Loose: Decodable {
      var number: Double?
      init(from decoder: any Decoder) throws { number = try? decoder.singleValueContainer().decode(Double.self) }
    }
  }

  @Test(arguments: [(30, "A/A false positives, normal"), (12, "A/A false positives by n=12, normal")])
  func `looking after every pair with the mixture t, when nothing has changed`(pairs: Int, name: String) throws {
    var random = RandomSource(seed: 21)
    let expected = try Self.share("anytime_simulation.json", name, "anytime g=1")
    let flagged = (0..<4000).count { _ in
      Self.firstLook(pairs, from: 2, { Self.difference(&random, shift: 0) }) {
        MixtureT.interval($0)?.excludesZero ?? false
      }
        != nil
    }
    #expect(Self.isNear(flagged, of: 4000, expected, reference: 40_000), "\(flagged) against \(expected)")
  }

  /// The pair after which the evidence is enough; nil when it never is.
  private static func firstLook(
    _ pairs: Int, from first: Int, _ draw: () -> Double, _ decides: ([Double]) -> Bool
  ) -> Int? {
    var differences: [Double] = []
    return (1...pairs).first { count in
      differences.append(draw())
      return count >= first && decides(differences)
    }
  }

  struct Scheme: Sendable, CustomTestStringConvertible {
    var row: String
    var figure: String
    var shift: Double
    var contaminated = false
    var pairs = 20
    var decides: @Sendable ([Double]) -> Bool
    var testDescription: String { "\(figure), \(row)" }
  }

  private static let betting: @Sendable ([Double]) -> Bool = { SignBetting.evidence($0) >= 20 }
  private static let looks: @Sendable ([Double]) -> Bool = { Looks.standard.interval($0)?.excludesZero ?? false }
  private static let mixture: @Sendable ([Double]) -> Bool = { MixtureT.interval($0)?.excludesZero ?? false }

  static let schemes: [Scheme] = [
    Scheme(row: "A/A normal", figure: "SR looks 8,12,16,20 @.0182", shift: 0, decides: looks),
    Scheme(row: "A/A normal", figure: "sign e-process to 20", shift: 0, decides: betting),
    Scheme(
      row: "A/A contaminated 20% x6", figure: "sign e-process to 20", shift: 0, contaminated: true, decides: betting),
    Scheme(row: "power effect/sd=1.0 normal", figure: "SR_8_12_16_20", shift: 1, decides: looks),
    Scheme(row: "power effect/sd=1.5 normal", figure: "eprocess_by12", shift: 1.5, pairs: 12, decides: betting),
    Scheme(row: "power effect/sd=1.0 normal", figure: "eprocess_by20", shift: 1, decides: betting),
    Scheme(row: "power effect/sd=1.0 normal", figure: "anytime_t_by12", shift: 1, pairs: 12, decides: mixture),
    Scheme(row: "power effect/sd=1.5 normal", figure: "anytime_t_by12", shift: 1.5, pairs: 12, decides: mixture),
  ]

  @Test(arguments: schemes) func `false alarms and power of the ways to stop early`(scheme: Scheme) throws {
    var random = RandomSource(seed: 22)
    let experiments = scheme.shift == 0 ? 2000 : 600
    let rows = try oracles.json("signed_rank_sequential_sim.json", as: [String: Figures].self)
    let key = rows.keys.first { $0 == scheme.row }
    let expected = try #require(key.flatMap { rows[$0]?.values[scheme.figure] }, "\(rows.keys)")
    let found = (0..<experiments).count { _ in
      Self.firstLook(
        scheme.pairs, from: 1,
        { Self.difference(&random, shift: scheme.shift, contaminated: scheme.contaminated) }, scheme.decides) != nil
    }
    #expect(Self.isNear(found, of: experiments, expected, reference: 6000), "\(found) against \(expected)")
  }

  /// Medians of the number of requests until the confidence sequence leaves 1 %.
  @Test(arguments: [("0.0", 0.0, 1), ("0.05", 0.05, 300), ("0.03", 0.03, 150)])
  func `when a rate is told from 1 %`(name: String, rate: Double, experiments: Int) throws {
    struct Oracle: Decodable {
      struct Stopping: Decodable { let median: Double }
      let stoppingNVs1Pct: [String: Stopping]
    }
    let oracle: Oracle = try oracles.json("betabinomial_stopping.json")
    var random = RandomSource(seed: 23)
    let stops = (0..<experiments).map { _ in
      var events = 0
      return (1...20_000).first { trials in
        events += random.uniform() < rate ? 1 : 0
        return ConfidenceSequence(Proportion(events, of: trials)).logEvidence(against: 0.01) >= 2.995732273553991
      } ?? 20_000
    }
    let median = try #require(Summary.median(stops.map { Double($0) }))
    let expected = try #require(oracle.stoppingNVs1Pct[name]?.median)
    #expect(rate == 0 ? median == expected : abs(median / expected - 1) < 0.3, "\(median) against \(expected)")
  }
}

extension ConfidenceInterval {
  fileprivate var excludesZero: Bool { !contains(0) }
}
