import Model
import Statistics
import Testing

@testable import Evidence

/// Several runs taken as one, and comparisons that are refused.
@Suite struct GroupTests {
  private static let load = Synthetic(blocks: 5, seconds: 10)
  private static let slower = Synthetic(blocks: 5, seconds: 10, query: 0.046)

  /// Five pairs of each execution: too few alone, enough together.
  private static let executions: [(RecordedRun, RecordedRun)] = (1...3).map { number in
    (
      load.run(.baseline, seed: UInt64(number), execution: "peak#\(number)", number: 2 * number),
      slower.run(.retest, seed: UInt64(number), execution: "peak#\(number)", number: 2 * number + 1)
    )
  }

  private static func compare(_ before: [RecordedRun], _ after: [RecordedRun]) -> Comparison {
    Comparison.compare(group: before, with: after, metrics: [.latency(95), .throughput])
  }

  @Test func `blocks stay paired within their execution, and together they tell what one could not`() throws {
    let (first, second) = (Self.executions[0], Self.executions[1])
    #expect(Self.compare([first.0], [first.1]).rows[0].finding == .inconclusive)
    // The second group is named in another order: who belongs to whom follows from the executions.
    let both = Self.compare([first.0, second.0], [second.1, first.1])
    #expect(both.design == .pairedBlocks(pairs: 10) && both.executions.count == 2)
    #expect(both.before.name == "run-2,run-4" && both.after.name == "run-5,run-3")
    #expect(both.rows.map(\.finding) == [.regressed, .noDifference])
    #expect(both.before.blocks == 10 && both.refusals == [] && both.otherDifferences == [])
    #expect(both.before.due == first.0.due + second.0.due)
  }

  @Test(arguments: [([0], [1]), ([0, 1], [1, 2]), ([0, 1], [0]), ([0], [0, 1])])
  func `runs without a partner of their execution are a plain before and after`(before: [Int], after: [Int]) {
    let comparison = Self.compare(before.map { Self.executions[$0].0 }, after.map { Self.executions[$0].1 })
    #expect(comparison.design == .beforeAfter && comparison.refusals == [])
    #expect(comparison.rows.allSatisfy { $0.finding == .inconclusive && $0.note.contains("plain before and after") })
    #expect(comparison.rows.allSatisfy { $0.before != nil && $0.after != nil })
  }

  @Test func `a group whose runs are no repetitions of each other is refused`() {
    var odd = Self.executions[1].0
    odd.run.wanted.maxSize = 21
    odd.run.environment["kernel"] = "6.1"
    let comparison = Self.compare([Self.executions[0].0, odd], [Self.executions[0].1, Self.executions[1].1])
    #expect(comparison.refusals.first?.contains("max_size (20, 21), kernel (6.1, unknown)") == true)
    #expect(comparison.rows.allSatisfy { $0.finding == .inconclusive } && comparison.isUndecided)
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var after: Synthetic
    var says: String
    var shape: LoadShape?
  }

  private static var elsewhere: Synthetic {
    var load = Synthetic(seconds: 10, query: 0.08)
    load.environment["cores"] = "4"
    return load
  }

  static let refused: [Refused] = [
    Refused(testDescription: "another machine", after: elsewhere, says: "differ in more than the change: cores"),
    Refused(
      testDescription: "longer blocks", after: Synthetic(seconds: 20, query: 0.08), says: "seconds per block"),
    Refused(
      testDescription: "a late generator", after: Synthetic(seconds: 10, query: 0.08, slip: 0.02),
      says: "run-13: the load generator was late"),
    Refused(
      testDescription: "a stolen CPU", after: Synthetic(seconds: 10, query: 0.08, steal: 0.1), says: "hypervisor"),
    Refused(
      testDescription: "not in force", after: Synthetic(seconds: 10, query: 0.08, effectiveMaxSize: 7),
      says: "max_size was 7 in a block, not 20 as wanted"),
  ]

  @Test(arguments: refused) func `nothing is concluded where something else may be the cause`(example: Refused) {
    let before = Synthetic(seconds: 10).run(.baseline)
    let comparison = Comparison.compare(before, example.after.run(.retest), metrics: [.latency(95), .throughput])
    #expect(comparison.refusals.contains { $0.contains(example.says) }, "\(comparison.refusals)")
    #expect(comparison.rows.allSatisfy { $0.finding == .inconclusive && $0.change != nil })
    #expect(!comparison.hasRegression && comparison.hasOpenQuestion)
  }

  @Test func `an open load whose generator fell behind is refused`() {
    var after = Synthetic(seconds: 10).run(.retest)
    for block in after.blocks.indices { after.blocks[block].slices[5].due += 100 }
    let shape = LoadShape.arrivalRate(rate: 100, spacing: .even, warmUp: .seconds(2), duration: .seconds(10))
    let comparison = Comparison.compare(
      Synthetic(seconds: 10).run(.baseline), after, metrics: [.latency(95)], shape: shape)
    #expect(comparison.refusals.contains { $0.contains("of the offered requests were finished in time") })
  }

  @Test(arguments: [(0.05, Finding.regressed), (0.30, .noDifference)])
  func `what counts as a difference is a parameter`(margin: Double, expected: Finding) {
    let comparison = Comparison.compare(
      Synthetic(seconds: 10).run(.baseline, seed: 7), Synthetic(seconds: 10, query: 0.046).run(.retest, seed: 7),
      metrics: [.latency(95)], margin: Margin(relative: margin))
    #expect(comparison.rows[0].finding == expected && comparison.margin.relative == margin)
  }

  @Test func `an open question says how much longer it would take`() throws {
    // Blocks of 12 s each: two of them are a pair.
    let noisy = Synthetic(seconds: 10, noise: 0.25)
    let comparison = Comparison.compare(
      noisy.run(.baseline, seed: 4), noisy.run(.retest, seed: 4), metrics: [.latency(95)])
    let row = try #require(comparison.rows.first)
    #expect(row.finding == .inconclusive)
    #expect(row.note.contains("to see a difference of the margin takes about"), "\(row.note)")
    #expect(row.note.contains(" more pairs (") && row.note.hasSuffix("min)") || row.note.hasSuffix("h)"), "\(row.note)")
  }
}

/// Looking after every pair.
@Suite struct AnyTimeTests {
  private static let plan = PairsSpec(count: 20, stopping: .anyTime)

  @Test func `a plain change is found at any time, and what did not change is not`() throws {
    let before = Synthetic(seconds: 10).run(.baseline, seed: 7)
    let after = Synthetic(seconds: 10, query: 0.056).run(.retest, seed: 7)
    let metrics: [Metric] = [.latency(95), .latency(50), .throughput]
    let comparison = Comparison.compare(before, after, metrics: metrics, plan: Self.plan)
    #expect(comparison.rows.map(\.finding) == [.regressed, .regressed, .noDifference])
    let once = Comparison.compare(before, after, metrics: metrics)
    let widths = try [once, comparison].map { try #require($0.rows[0].interval) }.map { $0.upperBound - $0.lowerBound }
    #expect(widths[1] > widths[0], "looking at any time has its price")
  }

  @Test func `checks count it, and failures still need 8 blocks`() throws {
    let judge = { (blocks: Int) in
      Judgement.judge(
        checks: try ["p(95) < 400ms", "p(95) <= baseline * 1.5", "error_rate < 1%"].map { try Condition(parsing: $0) },
        plan: Self.plan, baseline: Synthetic(blocks: blocks, seconds: 10).run(.baseline),
        retest: Synthetic(blocks: blocks, seconds: 10).run(.retest))
    }
    let early = try judge(6)
    #expect(early.rules.map(\.status) == [.passed, .passed, .undecided], "\(early)")
    #expect(early.rules[0].evidence.contains("at any time") && early.rules[2].evidence.contains("needs 8 blocks"))
    #expect(try judge(8).decision == .go)
  }

  /// Ever by the twentieth pair, with the order of each pair drawn by a coin.
  @Test func `without a change, looking after every pair calls p95 different in at most 5 %`() {
    var random = RandomSource(seed: 9)
    let experiments = 1_000
    let flagged = (0..<experiments).count { _ in
      var differences: [Double] = []
      return (0..<20).contains { _ in
        differences.append((random.exponential(mean: 1) + 0.1) * (random.coin() ? 1 : -1))
        guard differences.count >= 5 else { return false }
        let level = Level(alpha: 0.05, isAnyTime: true)
        return PairedDifference(scale: .ratio, differences: differences, margin: 0.001, level: level)?.isClear ?? false
      }
    }
    #expect(flagged <= 50, "\(flagged)")
  }
}

extension RecordedRun {
  fileprivate var due: Int {
    blocks.flatMap(\.slices).filter { !$0.isWarmUp }.reduce(0) { $0 + $1.due }
  }
}
