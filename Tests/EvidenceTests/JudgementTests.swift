import Model
import Statistics
import Testing

@testable import Evidence

@Suite struct JudgementTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var check: String
    var expected: RuleOutcome.Status
    var evidence: String = ""
    var runs = "plain"
    var testDescription: String { "\(check) on \(runs)" }
  }

  /// Baseline and retest, by name.
  private static let recorded: [String: (RecordedRun, RecordedRun)] = [
    "plain": pair(Synthetic(), Synthetic(maxSize: 50)),
    "slower": pair(Synthetic(), Synthetic(query: 0.046)),
    "timeouts": pair(Synthetic(), Synthetic(timeouts: 0.01)),
    "cut off": pair(Synthetic(), Synthetic(query: 0.02, timeouts: 0.06)),
    "two pairs": pair(Synthetic(blocks: 2), Synthetic(blocks: 2)),
    "five pairs": pair(Synthetic(blocks: 5), Synthetic(blocks: 5)),
    "stalls": pair(Synthetic(), stalled(blocks: 8)), "a stall": pair(Synthetic(), stalled(blocks: 1, seconds: [8])),
    "some stalls": pair(Synthetic(), stalled(blocks: 4)),
    "all given up": pair(Synthetic(), Synthetic(timeouts: 1)),
    "empty": pair(Synthetic(), Synthetic(status: .aborted)), "frozen": pair(Synthetic(), frozen()),
    "frozen before": (frozen(.baseline), Synthetic().run(.retest)), "blind": pair(Synthetic(), blind()),
    "stuck": pair(Synthetic(), stuck()), "a few stuck": pair(Synthetic(), stuck(from: 15, blocks: 1, each: 3)),
    "nothing answered": pair(Synthetic(), stuck(from: 0)),
  ]

  /// Measuring is slow in debug builds, so each pair of runs is measured once.
  private static let judges = recorded.mapValues { before, after in
    let metrics = examples.compactMap { try? Condition(parsing: $0.check).metric }
    let (first, second) = (Measurement(before, metrics: metrics), Measurement(after, metrics: metrics))
    return CheckJudge(before: first, after: second, pairs: Pair.of(first, second), level: .once, isPlain: false)
  }

  private static func pair(_ before: Synthetic, _ after: Synthetic) -> (RecordedRun, RecordedRun) {
    (before.run(.baseline), after.run(.retest))
  }

  private static func pair(_ before: Synthetic, _ after: RecordedRun) -> (RecordedRun, RecordedRun) {
    (before.run(.baseline), after)
  }

  /// Two of twenty seconds, or those given, of the first blocks answer after 900 ms.
  private static func stalled(blocks: Int, seconds: [Int] = [8, 9]) -> RecordedRun {
    var run = Synthetic().run(.retest)
    for block in 0..<blocks {
      for slice in seconds {
        run.blocks[block].slices[slice].histograms[.latency] =
          Histogram([Int64](repeating: 900_000_000, count: 100)).encoded()
      }
    }
    return run
  }

  /// In the first block the server answers nothing, and no time limit has passed when it ends.
  private static func frozen(_ arm: Arm = .retest) -> RecordedRun {
    var run = Synthetic().run(arm)
    for index in run.blocks[0].slices.indices where run.blocks[0].slices[index].second >= 0 {
      run.blocks[0].slices[index].due = 0
      run.blocks[0].slices[index].completed = 0
      run.blocks[0].slices[index].histograms = [:]
    }
    return run
  }

  /// In each block the server answers nothing any more from the eleventh second on; no time limit passes before the end.
  private static func stuck(from second: Int = 10, blocks: Int = 8, each due: Int? = nil) -> RecordedRun {
    var run = Synthetic().run(.retest)
    for block in 0..<blocks {
      for index in run.blocks[block].slices.indices where run.blocks[block].slices[index].second >= second {
        if run.blocks[block].slices[index].second > second { run.blocks[block].slices[index].due = 0 }
        if let due, run.blocks[block].slices[index].second == second { run.blocks[block].slices[index].due = due }
        run.blocks[block].slices[index].completed = 0
        run.blocks[block].slices[index].histograms = [:]
      }
    }
    return run
  }

  /// In the first block no probe answered.
  private static func blind() -> RecordedRun {
    var run = Synthetic().run(.retest)
    run.blocks[0].samples = []
    return run
  }

  static let examples: [Example] = [
    Example(check: "p(95) < 400ms", expected: .passed, evidence: "8 blocks, run-13)"),
    Example(check: "p(95) <= 152ms", expected: .undecided),
    Example(check: "p(95) < 100ms", expected: .failed),
    Example(check: "p(95) > 100ms", expected: .passed),
    Example(check: "p(95) > 400ms", expected: .failed),
    Example(check: "p(97.5) < 400ms", expected: .passed),
    Example(check: "throughput >= 100", expected: .passed, evidence: "100.0 /s (100.0 to 100.0, 8 blocks, run-13)"),
    Example(check: "throughput > 100", expected: .failed),
    Example(check: "throughput == 100", expected: .passed),
    Example(check: "throughput == 101", expected: .failed),
    Example(check: "server_cpu < 50%", expected: .passed),
    Example(check: "server_cpu < 30%", expected: .undecided),
    Example(check: "error_rate < 1%", expected: .passed, evidence: "0.00 % (0.00 to 0.02, 8 blocks, run-13)"),
    Example(check: "error_rate < 1%", expected: .undecided, runs: "timeouts"),
    Example(check: "error_rate < 0.5%", expected: .failed, runs: "timeouts"),
    Example(check: "error_rate < 5%", expected: .passed, runs: "timeouts"),
    Example(check: "error_rate < 1%", expected: .undecided, evidence: "needs 8 blocks", runs: "five pairs"),
    Example(
      check: "acquire_timeouts == 0", expected: .passed,
      evidence: "0 of 16000 requests, a rate of at most 0.019 % (8 blocks, run-13)"),
    Example(check: "acquire_timeouts == 0", expected: .failed, runs: "timeouts"),
    Example(check: "acquire_timeouts < 1000", expected: .passed, runs: "timeouts"),
    Example(check: "acquire_timeouts == 0", expected: .undecided, runs: "five pairs"),
    Example(check: "error_rate == 0%", expected: .passed, evidence: "a rate of at most 0.019 %"),
    Example(check: "error_rate == 0%", expected: .failed, runs: "timeouts"),
    Example(check: "p(95) < 400ms", expected: .undecided, evidence: "no data", runs: "all given up"),
    Example(check: "p(95) < 340ms", expected: .failed, evidence: "100.0 % of all requests", runs: "all given up"),
    Example(check: "p(95) < 330ms", expected: .failed, evidence: "were given up", runs: "cut off"),
    Example(check: "connections_used <= 25", expected: .passed),
    Example(check: "connections_used < 25", expected: .failed),
    Example(check: "p(95) <= baseline * 1.10", expected: .passed, evidence: "against", runs: "plain"),
    Example(check: "p(95) <= baseline * 1.03", expected: .failed, evidence: "ratio 1.", runs: "slower"),
    Example(check: "p(95) <= baseline * 1.15", expected: .undecided, runs: "slower"),
    Example(check: "p(95) <= baseline * 1.10 + 30ms", expected: .passed, runs: "slower"),
    Example(
      check: "p(95) <= baseline * 1.10", expected: .undecided, evidence: "needs 6 pairs, has 5", runs: "five pairs"),
    Example(check: "throughput >= baseline", expected: .passed),
    Example(check: "error_rate <= baseline + 0.5%", expected: .failed, evidence: "excess", runs: "timeouts"),
    Example(check: "error_rate <= baseline + 3%", expected: .passed, runs: "timeouts"),
    Example(check: "acquire_timeouts <= baseline + 800", expected: .passed, runs: "timeouts"),
    Example(check: "acquire_timeouts <= baseline + 80", expected: .failed, runs: "timeouts"),
    Example(check: "p(95) < 400ms", expected: .undecided, evidence: "cut off by timeouts", runs: "cut off"),
    Example(check: "p(95) < 10ms", expected: .failed, evidence: "cut off by timeouts", runs: "cut off"),
    Example(check: "p(95) <= baseline", expected: .undecided, evidence: "cut off by timeouts", runs: "cut off"),
    Example(check: "p(95) < 400ms", expected: .undecided, evidence: "needs 3 blocks", runs: "two pairs"),
    Example(check: "p(95) < 100ms", expected: .failed, runs: "two pairs"),
    Example(check: "p(95) < 400ms", expected: .failed, evidence: "10.0 % of all requests took longer", runs: "stalls"),
    Example(check: "p(95) < 400ms", expected: .undecided, evidence: "5.03 % of all requests", runs: "some stalls"),
    Example(check: "p(95) < 400ms", expected: .passed, runs: "a stall"),
    Example(check: "p(50) < 400ms", expected: .passed, runs: "stalls"),
    Example(check: "p(95) < 400ms", expected: .undecided, evidence: "no data on latency p95 in run-13", runs: "empty"),
    Example(check: "acquire_timeouts == 0", expected: .undecided, evidence: "no data", runs: "empty"),
    Example(check: "error_rate <= baseline", expected: .undecided, evidence: "no data", runs: "empty"),
    Example(check: "p(95) < 400ms", expected: .undecided, evidence: "no data in 1 of 8 blocks", runs: "frozen"),
    Example(check: "p(95) < 100ms", expected: .failed, runs: "frozen"),
    Example(check: "error_rate < 1%", expected: .undecided, evidence: "no data in 1 of 8 blocks", runs: "frozen"),
    Example(check: "acquire_timeouts == 0", expected: .undecided, evidence: "1 of 8 blocks", runs: "frozen"),
    Example(check: "errors <= baseline", expected: .undecided, evidence: "1 of 8 blocks", runs: "frozen"),
    Example(check: "p(95) <= baseline * 1.5", expected: .undecided, evidence: "1 of 8 blocks", runs: "frozen"),
    Example(check: "p(95) <= baseline * 1.5", expected: .undecided, evidence: "run-12", runs: "frozen before"),
    Example(check: "p(95) < 400ms", expected: .failed, evidence: "% of all requests", runs: "stuck"),
    Example(check: "p(95) < 9.5s", expected: .passed, runs: "stuck"),
    Example(check: "p(95) <= baseline * 1.5", expected: .failed, evidence: "% of all requests", runs: "stuck"),
    Example(check: "p(95) <= baseline * 70", expected: .passed, runs: "stuck"),
    Example(check: "p(50) <= baseline * 1.5", expected: .passed, runs: "stuck"),
    Example(check: "p(95) <= baseline * 1.5", expected: .passed, runs: "a few stuck"),
    Example(check: "p(95) <= baseline * 1.5", expected: .failed, evidence: "no data on", runs: "nothing answered"),
    Example(check: "connections_used <= 80%", expected: .passed, evidence: "80 % of max_size 50 is 40"),
    Example(check: "connections_used <= 40%", expected: .failed, evidence: "40 % of max_size 50 is 20"),
    Example(check: "connections_used <= 80%", expected: .undecided, evidence: "no data", runs: "empty"),
    Example(check: "server_cpu < 50%", expected: .undecided, evidence: "no data in 1 of 8 blocks", runs: "blind"),
    Example(check: "backend_memory < 9MB", expected: .passed, runs: "blind"),
  ]

  @Test(arguments: examples) func `a check counts its uncertainty`(example: Example) throws {
    let judge = try #require(Self.judges[example.runs])
    let rule = judge.outcome(try Condition(parsing: example.check))
    #expect(rule.rule == example.check)
    #expect(
      rule.status == example.expected && (example.evidence.isEmpty || rule.evidence.contains(example.evidence)),
      "\(rule)")
  }

  private static func verdict(
    _ checks: [String], _ before: RecordedRun, _ after: RecordedRun, pairs: Int = 8
  ) throws -> Verdict {
    try Judgement.judge(
      checks: checks.map { try Condition(parsing: $0) }, plan: PairsSpec(count: pairs), baseline: before, retest: after)
  }

  @Test(arguments: [
    (["p(95) < 400ms", "throughput > 90"], Decision.go, "run-13 keeps all 2 checks over 8 blocks."),
    (["p(95) < 400ms", "p(95) <= 152ms"], .inconclusive, "p(95) <= 152ms is not decided: "),
    (["p(95) <= 152ms", "p(95) < 100ms", "p(50) < 1ms"], .noGo, "p(95) < 100ms does not hold, and 1 more: "),
    ([], .inconclusive, "The experiment has no checks."),
  ]) func `failed is NO-GO, undecided INCONCLUSIVE, all passed GO`(
    checks: [String], decision: Decision, reason: String
  ) throws {
    let (before, after) = try #require(Self.recorded["plain"])
    let verdict = try Self.verdict(checks, before, after)
    #expect(verdict.decision == decision && verdict.reason.hasPrefix(reason), "\(verdict)")
  }

  @Test(arguments: [true, false]) func `an objection to either run is INCONCLUSIVE, whatever the checks say`(
    isBaseline: Bool
  ) throws {
    let (before, after) = try #require(Self.recorded["plain"])
    let late = Synthetic(blocks: 1, slip: 0.02)
    for check in ["p(95) < 400ms", "p(95) < 1ms"] {
      let verdict = try Self.verdict(
        [check], isBaseline ? late.run(.baseline) : before, isBaseline ? after : late.run(.retest))
      let run = isBaseline ? "run-12" : "run-13"
      #expect(verdict.decision == .inconclusive)
      #expect(verdict.reason.contains("cannot support a verdict: \(run): the load generator was late"))
    }
  }

  @Test(arguments: [
    (400, Decision.inconclusive, RuleOutcome.Status.passed), (100, .noGo, .failed),
  ]) func `a plain before and after is never GO`(limit: Int, decision: Decision, status: RuleOutcome.Status) throws {
    let (before, after) = (Synthetic(blocks: 1).run(.baseline), Synthetic(blocks: 1).run(.retest))
    let checks = ["p(95) < \(limit)ms", "acquire_timeouts == 0", "error_rate < 1%", "p(95) <= baseline * 1.5"]
    let verdict = try Self.verdict(checks, before, after, pairs: 1)
    #expect(verdict.decision == decision && verdict.rules[0].status == status)
    #expect(verdict.rules.dropFirst().allSatisfy { $0.status == .passed }, "\(verdict)")
    #expect(decision == .noGo || verdict.reason.contains("plain before and after (1 pair)"))
  }

  @Test func `several looks widen the intervals, and the evidence says so`() throws {
    let (before, after) = try #require(Self.recorded["plain"])
    let verdict = try Self.verdict(["p(95) < 400ms"], before, after, pairs: 20)
    #expect(verdict.rules[0].evidence.contains(" at 98.2 %, 8 blocks, run-13)"), "\(verdict)")
  }
}

@Suite struct LookTests {
  @Test func `at any time means after every pair from the fifth on, up to the planned count`() {
    let plans = [4, 5, 8].map { PairsSpec(count: $0, stopping: .anyTime) }
    #expect(plans.map(Look.points) == [[4], [5], [5, 6, 7, 8]])
    #expect(Look.level(of: plans[2]) == Level(alpha: 0.05, isAnyTime: true))
  }

  @Test func `executions that are pooled are judged by the strictest of their plans`() {
    let plans = [PairsSpec(count: 8), PairsSpec(count: 20), PairsSpec(count: 20, stopEarly: false)]
    #expect(Look.level(of: plans) == Level(alpha: 0.0182))
    #expect(Look.level(of: plans + [PairsSpec(count: 9, stopping: .anyTime)]).isAnyTime)
    #expect(Look.level(of: [PairsSpec]()) == .once)
  }

  @Test(arguments: [
    (1, true, [1]), (6, true, [6]), (8, true, [8]), (10, true, [8, 10]), (20, true, [8, 12, 16, 20]),
    (24, true, [8, 12, 16, 20, 24]), (20, false, [20]),
  ]) func `looks are few and planned`(count: Int, stopEarly: Bool, points: [Int]) {
    #expect(Look.points(of: PairsSpec(count: count, stopEarly: stopEarly)) == points)
  }

  @Test(arguments: [(8, true, 0.05), (12, true, 0.0294), (20, true, 0.0182), (20, false, 0.05)])
  func `each look pays for the others`(count: Int, stopEarly: Bool, alpha: Double) {
    #expect(Look.level(of: PairsSpec(count: count, stopEarly: stopEarly)) == Level(alpha: alpha))
  }
}
