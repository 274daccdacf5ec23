import Evidence
import Model
import Testing

@Suite struct GoNoGoTests {
  private static let day: Int64 = 86_400_000_000
  private static let now = Timestamp(microseconds: 100 * day)

  private static func execution(
    _ name: String, _ decision: Decision?, daysAgo: Int64 = 1, outcome: ExecutionOutcome = .kept, digest: String = "aa"
  ) -> Execution {
    Execution(
      id: ExecutionID(experiment: name, number: 3), outcome: outcome,
      started: Timestamp(microseconds: now.microseconds - daysAgo * day), seed: 1, experimentText: "",
      experimentDigest: digest,
      stages: [
        StageRecord(stage: .verify, outcome: .failed, started: now, note: "max_size is still 20")
      ],
      runs: [RunID(12), RunID(13)],
      verdict: decision.map { Verdict(decision: $0, rules: [], reason: "p(95) < 400ms does not hold.") })
  }

  private static func change(_ state: Change.State, of name: String = "peak") -> Change {
    Change(
      id: 1, execution: ExecutionID(experiment: name, number: 3), target: "builtin", locator: "staging/pool.env",
      before: "", after: "", state: state, recorded: now)
  }

  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var decision: Decision
    /// The rule that decides, and what its evidence must say.
    var rule = 0
    var evidence: String
    var spoil: @Sendable (inout GoNoGo.Input) -> Void = { _ in }
  }

  private static var sound: GoNoGo.Input {
    GoNoGo.Input(
      requirements: [
        GoNoGo.Requirement(experiment: "peak"), GoNoGo.Requirement(experiment: "fail-fast", expects: .noGo),
      ],
      newest: ["peak": execution("peak", .go), "fail-fast": execution("fail-fast", .noGo, outcome: .rolledBack)],
      digests: ["peak": "aa", "fail-fast": "aa"], now: now, openUndos: [], runbook: .current)
  }

  static let examples: [Example] = [
    Example(
      testDescription: "sound", decision: .go, evidence: "peak#3 of 1970-04-10T00:00:00Z was GO (run-12, run-13)"),
    Example(testDescription: "a rejected alternative", decision: .go, rule: 1, evidence: "was NO-GO"),
    Example(
      testDescription: "a settled undo", decision: .go, rule: 2, evidence: "no undo",
      spoil: { $0.openUndos = [change(.reverted), change(.kept)] }),
    Example(
      testDescription: "NO-GO", decision: .noGo, evidence: "p(95) < 400ms does not hold",
      spoil: { $0.newest["peak"] = execution("peak", .noGo) }),
    Example(
      testDescription: "inconclusive", decision: .inconclusive, evidence: "was INCONCLUSIVE",
      spoil: { $0.newest["peak"] = execution("peak", .inconclusive) }),
    Example(
      testDescription: "a rejected one that passed", decision: .inconclusive, rule: 1, evidence: "was GO",
      spoil: { $0.newest["fail-fast"] = execution("fail-fast", .go) }),
    Example(
      testDescription: "missing", decision: .inconclusive,
      evidence: "never carried out; type: poolops experiment run peak", spoil: { $0.newest["peak"] = nil }),
    Example(
      testDescription: "30 days", decision: .go, evidence: "was GO",
      spoil: { $0.newest["peak"] = execution("peak", .go, daysAgo: 30) }),
    Example(
      testDescription: "31 days", decision: .inconclusive, evidence: "is 31 days old; evidence counts for 30",
      spoil: { $0.newest["peak"] = execution("peak", .go, daysAgo: 31) }),
    Example(
      testDescription: "an old NO-GO", decision: .inconclusive, evidence: "31 days old",
      spoil: { $0.newest["peak"] = execution("peak", .noGo, daysAgo: 31) }),
    Example(
      testDescription: "from the future", decision: .inconclusive, evidence: "in the future",
      spoil: { $0.newest["peak"] = execution("peak", .go, daysAgo: -1) }),
    Example(
      testDescription: "another file", decision: .inconclusive, evidence: "another experiment file",
      spoil: { $0.digests["peak"] = "bb" }),
    Example(
      testDescription: "no file", decision: .inconclusive, evidence: "file that is gone",
      spoil: { $0.digests["peak"] = nil }),
    Example(
      testDescription: "failed", decision: .inconclusive, evidence: "failed in verify: max_size is still 20",
      spoil: { $0.newest["peak"] = execution("peak", nil, outcome: .failed) }),
    Example(
      testDescription: "running", decision: .inconclusive, evidence: "still running",
      spoil: { $0.newest["peak"] = execution("peak", nil, outcome: .running) }),
    Example(
      testDescription: "unverified rollback", decision: .noGo, evidence: "may not be as it was",
      spoil: { $0.newest["peak"] = execution("peak", .go, outcome: .rollbackUnverified) }),
    Example(
      testDescription: "no verdict", decision: .inconclusive, evidence: "has no verdict",
      spoil: { $0.newest["peak"] = execution("peak", nil) }),
    Example(
      testDescription: "open undo", decision: .noGo, rule: 2, evidence: "an undo of peak#3 is owed on staging/pool.env",
      spoil: { $0.openUndos = [change(.applied)] }),
    Example(
      testDescription: "open undo of what runs", decision: .inconclusive, rule: 2,
      evidence: "poolops experiment recover",
      spoil: {
        $0.newest["peak"] = execution("peak", nil, outcome: .running)
        $0.openUndos = [change(.recorded)]
      }),
    Example(
      testDescription: "stale runbook", decision: .inconclusive, rule: 3,
      evidence: "stale or edited by hand: sizing, verify",
      spoil: { $0.runbook = .disagreeing(["sizing", "verify"]) }),
    Example(
      testDescription: "no runbook", decision: .inconclusive, rule: 3, evidence: "there is none",
      spoil: { $0.runbook = .missing }),
  ]

  @Test(arguments: examples) func `evidence decides as it stands now`(example: Example) {
    var input = Self.sound
    example.spoil(&input)
    let verdict = GoNoGo.decide(input)
    #expect(verdict.decision == example.decision && verdict.rules.count == 4)
    #expect(verdict.rules[example.rule].evidence.contains(example.evidence), "\(verdict.rules)")
    #expect(
      example.decision == .go
        ? verdict.reason == "All 4 rules hold."
        : verdict.reason.contains(verdict.rules[example.rule].rule) || example.rule > 0)
  }

  @Test func `requiring nothing shows nothing`() {
    var input = Self.sound
    input.requirements = []
    #expect(GoNoGo.decide(input).decision == .inconclusive)
  }
}
