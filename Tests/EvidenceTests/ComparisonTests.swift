import Model
import Statistics
import Testing

@testable import Evidence

@Suite struct ComparisonTests {
  private static let plain = Synthetic().run(.baseline, seed: 7)

  private static func compare(
    _ before: Synthetic, _ after: Synthetic, _ metrics: [Metric] = RunFigures.tableMetrics, plan: PairsSpec? = nil
  ) -> Comparison {
    let first = before.isDefault ? Self.plain : before.run(.baseline, seed: 7)
    return Comparison.compare(first, after.run(.retest, seed: 7), metrics: metrics, plan: plan)
  }

  private static func findings(_ comparison: Comparison) -> [Metric: Finding] {
    Dictionary(uniqueKeysWithValues: comparison.rows.map { ($0.metric, $0.finding) })
  }

  @Test func `15 % slower queries regressed, and what did not change is not`() throws {
    let comparison = Self.compare(Synthetic(), Synthetic(query: 0.046))
    let findings = Self.findings(comparison)
    #expect(comparison.design == .pairedBlocks(pairs: 8))
    #expect(comparison.hasRegression)
    for metric in [Metric.latency(50), .latency(95), .query(50)] { #expect(findings[metric] == .regressed) }
    for metric in [Metric.throughput, .goodput, .errorRate, .acquireTimeouts, .backendMemory, .sessionRate] {
      #expect(findings[metric] == .noDifference)
    }
    #expect(findings[.connectionsUsed] == .notJudged)
    let p95 = try #require(comparison.rows.first { $0.metric == .latency(95) })
    let interval = try #require(p95.interval)
    #expect(interval.contains(0.15) && !p95.intervalIsAbsolute && interval.upperBound < 0.25)
  }

  @Test func `a planted 1 % of timeouts regressed, as a difference of rates`() throws {
    let comparison = Self.compare(Synthetic(), Synthetic(timeouts: 0.01), [.errorRate, .acquireTimeouts, .latency(95)])
    let row = comparison.rows[0]
    #expect(comparison.rows.map(\.finding).prefix(2) == [.regressed, .regressed])
    #expect(row.intervalIsAbsolute && row.relative == nil)
    #expect(try #require(row.interval).contains(0.01))
    #expect(try #require(comparison.rows[1].interval).contains(160))
  }

  @Test func `larger throughput improved`() {
    let comparison = Self.compare(Synthetic(), Synthetic(rate: 120), [.throughput, .serverCPU, .cpuPerThousand])
    #expect(comparison.rows[0].finding == .improved)
    #expect(comparison.rows[0].relative.map { abs($0 - 0.2) < 1e-6 } ?? false)
    #expect(comparison.rows[2].finding == .improved)
  }

  @Test func `more CPU at more throughput is not held against a change`() {
    let rows = Self.compare(Synthetic(), Synthetic(rate: 120, serverCPU: 0.4), [.throughput, .serverCPU]).rows
    #expect(rows[1].finding == .notJudged)
    let equal = Self.compare(Synthetic(), Synthetic(serverCPU: 0.4), [.throughput, .serverCPU]).rows
    #expect(equal[1].finding == .regressed)
  }

  /// A seed of which p99.9 alone would be called different although nothing was changed.
  @Test func `a difference that many looks at noise would find is taken back`() throws {
    let load = Synthetic(seconds: 10, noise: 0.03)
    let rows = Comparison.compare(load.run(.baseline, seed: 1), load.run(.retest, seed: 1)).rows
    let row = try #require(rows.first { $0.metric == .latency(99.9) })
    #expect(try #require(row.interval).contains(0) == false)
    #expect(row.finding == .inconclusive && row.note.contains("clear alone, but not among"))
    #expect(!rows.contains { $0.finding == .improved || $0.finding == .regressed })
  }

  @Test(arguments: [(1, "plain before and after"), (2, "needs 6 pairs, has 2"), (5, "needs 6 pairs, has 5")])
  func `fewer than 6 pairs give no finding, but values`(pairs: Int, note: String) {
    let comparison = Self.compare(
      Synthetic(blocks: pairs), Synthetic(blocks: pairs, query: 0.080), [.latency(95), .throughput])
    #expect(comparison.rows.allSatisfy { $0.finding == .inconclusive && $0.note.contains(note) })
    #expect(comparison.rows.allSatisfy { $0.before != nil && $0.after != nil && $0.change != nil })
  }

  @Test func `runs of different executions are a plain before and after`() {
    let comparison = Comparison.compare(
      Synthetic().run(.baseline), Synthetic(query: 0.080).run(.retest, execution: "peak#2"), metrics: [.latency(95)])
    #expect(comparison.design == .beforeAfter)
    #expect(comparison.rows[0].finding == .inconclusive)
  }

  @Test func `looking several times asks for more than looking once`() throws {
    let once = Self.compare(Synthetic(), Synthetic(query: 0.046), [.latency(95)], plan: PairsSpec(count: 8))
    let often = Self.compare(Synthetic(), Synthetic(query: 0.046), [.latency(95)], plan: PairsSpec(count: 20))
    let widths = try [once, often].map { try #require($0.rows[0].interval) }.map { $0.upperBound - $0.lowerBound }
    #expect(widths[1] > widths[0])
  }

  /// Before 4 %, after 0 %, and the other way round: what is censored can only be larger.
  @Test(arguments: [
    (0.06, 0.040, 0.0, 0.020, Finding.improved), (0.06, 0.020, 0.0, 0.040, .inconclusive),
    (0.0, 0.040, 0.06, 0.020, .inconclusive), (0.0, 0.020, 0.06, 0.040, .regressed),
  ]) func `a censored percentile supports only what stays true when it is larger`(
    timeoutsBefore: Double, queryBefore: Double, timeoutsAfter: Double, queryAfter: Double, expected: Finding
  ) {
    let row = Self.compare(
      Synthetic(seconds: 10, query: queryBefore, timeouts: timeoutsBefore),
      Synthetic(seconds: 10, query: queryAfter, timeouts: timeoutsAfter),
      [.latency(95)]
    ).rows[0]
    #expect(row.finding == expected && row.note.contains("cut off by timeouts"))
  }

  @Test func `settings and everything else that differs are listed`() {
    var changed = Synthetic(blocks: 7, seconds: 30, maxSize: 50)
    changed.environment = ["cores": "4", "postgres_version": "16.4", "kernel": "6.1"]
    let comparison = Self.compare(Synthetic(), changed, [.throughput])
    #expect(comparison.settings == [Difference(name: "max_size", before: "20", after: "50")])
    let others = comparison.otherDifferences.map { "\($0.name) \($0.before) \($0.after)" }
    #expect(others == ["cores 2 4", "kernel unknown 6.1", "blocks 8 7", "seconds per block 20 30"])
    #expect(comparison.design == .pairedBlocks(pairs: 7))
  }

  /// `oracles/paired_blocks_example.json`.
  @Test func `the estimate and its interval are the reference's`() throws {
    let before = [143.2, 146.9, 141.0, 149.5, 150.3, 144.8, 147.7, 152.1, 145.5, 148.0]
    let after = [156.8, 158.1, 157.9, 161.0, 167.2, 154.9, 166.0, 163.3, 160.7, 161.5]
    let ratios = zip(before, after).map { logarithm($1 / $0) }
    let difference = try #require(
      PairedDifference(scale: .ratio, differences: ratios, margin: logarithm(1.05), level: .once))
    let interval = try #require(difference.interval)
    #expect(abs(difference.estimate - 0.0903141) < 1e-7)
    #expect(abs(interval.lowerBound - 0.0737918) < 1e-7 && abs(interval.upperBound - 0.1037667) < 1e-7)
    #expect(difference.finding(.lowerIsBetter) == .regressed)
  }

  /// Steps 1 to 4 of the decision, on a margin of 0.05: interval ends, and the finding when lower is better.
  @Test(arguments: [
    (-0.04, 0.04, Finding.noDifference), (0.01, 0.04, .noDifference), (0.01, 0.06, .regressed),
    (0.06, 0.09, .regressed),
    (-0.09, -0.01, .improved), (-0.02, 0.06, .inconclusive), (-0.06, 0.06, .inconclusive),
  ]) func `a finding follows from where the interval lies`(low: Double, high: Double, expected: Finding) throws {
    // Six pairs: the interval is the smallest and the largest difference.
    let differences = [low, high] + [0.3, 0.4, 0.6, 0.7].map { low + $0 * (high - low) }
    let difference = try #require(
      PairedDifference(scale: .absolute, differences: differences, margin: 0.05, level: .once))
    #expect(difference.finding(.lowerIsBetter) == expected)
    let opposite: [Finding: Finding] = [.improved: .regressed, .regressed: .improved]
    #expect(difference.finding(.higherIsBetter) == opposite[expected] ?? expected)
  }

  /// 8 pairs, half-width about 0.05, estimate 0.024 and margin 0.05: 8 x (0.05 / 0.024)^2 - 8 = 27 more, beyond the cap.
  @Test func `how many pairs are missing is estimated, up to what 20 can resolve`() throws {
    let spread = [-4, -3, -2, -1, 1, 2, 3, 4].map { Double($0) }
    let near = try #require(
      PairedDifference(scale: .absolute, differences: spread.map { 0.02 * $0 + 0.024 }, margin: 0.05, level: .once))
    #expect(near.pairsMissing(cap: 1000) ?? 0 > 0)
    #expect(near.pairsMissing() == nil)
    let clear = try #require(
      PairedDifference(scale: .absolute, differences: spread.map { 0.01 * $0 + 0.0248 }, margin: 0.05, level: .once))
    #expect(clear.pairsMissing(cap: 20).map { $0 >= 1 && $0 <= 12 } ?? false)
  }
}

@Suite struct FalsePositiveTests {
  /// Differences of `metrics` metrics over `pairs` pairs: partly common to all metrics, as in a real system.
  private static func noise(_ pairs: Int, metrics: Int, shift: [Double] = [], _ random: inout RandomSource)
    -> [[Double]]
  {
    let normal = { (random: inout RandomSource) in Normal.quantile(random.uniform(in: 1e-6..<1 - 1e-6)) }
    let common = (0..<pairs).map { _ in normal(&random) }
    return (0..<metrics).map { metric in
      common.map { 0.02 * ($0 + normal(&random)) + (metric < shift.count ? shift[metric] : 0) }
    }
  }

  @Test func `without a change, p95 is called different in at most 5 % of experiments`() {
    var random = RandomSource(seed: 3)
    let flagged = (0..<1500).count { _ in
      let differences = Self.noise(8, metrics: 1, &random)[0]
      let difference = PairedDifference(scale: .ratio, differences: differences, margin: 0.001, level: .once)
      return difference?.isClear ?? false
    }
    // Exact level for 8 pairs: 3.9 %; three standard errors are 1.5 %.
    #expect((36...82).contains(flagged), "\(flagged)")
  }

  @Test(arguments: [8, 12]) func `without a change, any of 12 metrics differs in at most 5 % of experiments`(pairs: Int)
  {
    var random = RandomSource(seed: 5)
    let experiments = pairs == 8 ? 400 : 30
    let flagged = (0..<experiments).count { _ in
      ManyMetrics.adjusted(Self.noise(pairs, metrics: 12, &random)).contains { $0 <= 0.05 }
    }
    #expect(Double(flagged) <= 0.05 * Double(experiments) + 3 * (0.0475 * Double(experiments)).squareRoot())
  }

  @Test func `8 pairs suffice for 12 metrics when the change is plain, and the others stay silent`() {
    var random = RandomSource(seed: 11)
    let differences = Self.noise(8, metrics: 12, shift: [0.3, -0.3, 0.3, 0.3], &random)
    let adjusted = ManyMetrics.adjusted(differences)
    #expect(adjusted.prefix(4).allSatisfy { $0 <= 0.05 } && adjusted.suffix(8).allSatisfy { $0 > 0.05 }, "\(adjusted)")
    // One metric alone: only the observed signs, and all of them turned, are as extreme.
    #expect(ManyMetrics.adjusted([[1, 1.1, 1.2, 1.3, 0.9, 0.8, 1, 1.05]]) == [1.0 / 128])
    #expect(ManyMetrics.adjusted([[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 2.0]]) == [1.0 / 128])
  }
}
