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

  private static func again(_ decisions: [String: Decision]) -> [ExecutionID: GoNoGo.Rejudgement] {
    Dictionary(
      uniqueKeysWithValues: decisions.map { name, decision in
        let verdict = Verdict(decision: decision, rules: [], reason: "p(95) < 400ms does not hold.")
        return (ExecutionID(experiment: name, number: 3), GoNoGo.Rejudgement.verdict(verdict))
      })
  }

  private static let grow = [SettingChange(key: .maxSize, before: .count(20), after: .count(50))]

  private static func attempt(
    _ outcome: ExecutionOutcome, _ stages: [(Stage, StageOutcome)], changes: [SettingChange] = grow, daysAgo: Int64 = 2
  ) -> GoNoGo.Attempt {
    var execution = execution("baseline", .go, daysAgo: daysAgo, outcome: outcome)
    execution.stages = stages.map { StageRecord(stage: $0.0, outcome: $0.1, started: now, note: "\($0.0) said so") }
    return GoNoGo.Attempt(execution: execution, changes: changes)
  }

  private static let confirmed: [(Stage, StageOutcome)] = [(.rollback, .passed), (.confirm, .passed)]

  private static func signed(
    _ subject: String = "d1", daysAgo: Int64 = 1, by: String? = "Ada Lovelace", note: String = ""
  ) -> GoNoGo.ManualItem {
    let at = Timestamp(microseconds: now.microseconds - daysAgo * day)
    let signature = by.map {
      SignOff(item: "on-call", signedBy: $0, date: "1970-04-10", subject: subject, note: note, at: at)
    }
    return GoNoGo.ManualItem(
      id: "on-call", text: "The engineer on call knows.", subject: "d1", maxAge: .seconds(7 * 86_400),
      signature: signature)
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
        GoNoGo.Requirement(experiment: "peak", changes: grow),
        GoNoGo.Requirement(experiment: "fail-fast", expects: .noGo),
      ],
      newest: ["peak": execution("peak", .go), "fail-fast": execution("fail-fast", .noGo, outcome: .rolledBack)],
      judgedAgain: again(["peak": .go, "fail-fast": .noGo]), digests: ["peak": "aa", "fail-fast": "aa"], now: now,
      openUndos: [], runbook: .current)
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
      spoil: {
        $0.newest["peak"] = execution("peak", .noGo)
        $0.judgedAgain.merge(again(["peak": .noGo])) { $1 }
      }),
    Example(
      testDescription: "inconclusive", decision: .inconclusive, evidence: "was INCONCLUSIVE",
      spoil: {
        $0.newest["peak"] = execution("peak", .inconclusive)
        $0.judgedAgain.merge(again(["peak": .inconclusive])) { $1 }
      }),
    Example(
      testDescription: "a rejected one that passed", decision: .inconclusive, rule: 1, evidence: "was GO",
      spoil: {
        $0.newest["fail-fast"] = execution("fail-fast", .go)
        $0.judgedAgain.merge(again(["fail-fast": .go])) { $1 }
      }),
    Example(
      testDescription: "missing", decision: .inconclusive,
      evidence: "never carried out; type: poolops experiment run peak", spoil: { $0.newest["peak"] = nil }),
    Example(
      testDescription: "30 days", decision: .go, evidence: "was GO",
      spoil: { $0.newest["peak"] = execution("peak", .go, daysAgo: 30) }),
    Example(
      testDescription: "31 days", decision: .inconclusive, evidence: "is 31 days old; evidence counts for 30 days",
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
      testDescription: "an age of its own", decision: .inconclusive,
      evidence: "is 2 days old; evidence counts for 1 day",
      spoil: {
        $0.requirements[0].maxAge = .seconds(86_400)
        $0.newest["peak"] = execution("peak", .go, daysAgo: 2)
      }),
    Example(
      testDescription: "a record that was changed", decision: .inconclusive,
      evidence: "peak#3 is recorded as GO, but what was measured (run-12, run-13) gives NO-GO: p(95) < 400ms does not",
      spoil: { $0.judgedAgain.merge(again(["peak": .noGo])) { $1 } }),
    Example(
      testDescription: "a NO-GO that was written over", decision: .inconclusive, rule: 1,
      evidence: "recorded as NO-GO, but what was measured (run-12, run-13) gives GO",
      spoil: { $0.judgedAgain.merge(again(["fail-fast": .go])) { $1 } }),
    Example(
      testDescription: "runs that are gone", decision: .inconclusive,
      evidence: "peak#3 cannot be judged again: its baseline is not recorded",
      spoil: {
        $0.judgedAgain[ExecutionID(experiment: "peak", number: 3)] = .impossible("its baseline is not recorded")
      }
    ),
    Example(
      testDescription: "stale runbook", decision: .inconclusive, rule: 3,
      evidence: "pool.md: sizing is stale, pool.md: verify was edited by hand; type: poolops runbook check",
      spoil: { $0.runbook = .disagreeing(["pool.md: sizing is stale", "pool.md: verify was edited by hand"]) }),
    Example(
      testDescription: "no runbook", decision: .inconclusive, rule: 3, evidence: "there is none",
      spoil: { $0.runbook = .missing }),
  ]

  /// Rules that only a policy asks for: each stands in front of `staging is as it was`, or at the end.
  static let asked: [Example] = [
    Example(
      testDescription: "the same code", decision: .go, rule: 2,
      evidence: "Sources/** as in commit 49e0 (peak#3, fail-fast#3)",
      spoil: { input in codes(&input, .same("Sources/** as in commit 49e0"), .same("Sources/** as in commit 49e0")) }),
    Example(
      testDescription: "other code", decision: .inconclusive, rule: 2,
      evidence: "Sources/a.swift changed since commit 49e0; measure again (peak#3)",
      spoil: { input in codes(&input, .changed("Sources/a.swift changed since commit 49e0"), .same("the same")) }),
    Example(
      testDescription: "code of which nothing is known", decision: .inconclusive, rule: 2,
      evidence: "cannot be told: there is no git (fail-fast#3)",
      spoil: { input in codes(&input, .same("the same"), .unknown("there is no git")) }),
    Example(
      testDescription: "a rehearsed rollback", decision: .go, rule: 2,
      evidence: "baseline#3 of 1970-04-09T00:00:00Z put it back and confirmed it: confirm said so",
      spoil: { $0.attempts = [attempt(.rolledBack, confirmed)] }),
    Example(
      testDescription: "a rollback after a failure", decision: .go, rule: 2, evidence: "put it back and confirmed it",
      spoil: { $0.attempts = [attempt(.failed, confirmed)] }),
    Example(
      testDescription: "no rollback of this change", decision: .inconclusive, rule: 2,
      evidence: "no execution put this change back",
      spoil: { $0.attempts = [attempt(.rolledBack, confirmed, changes: []), attempt(.kept, [(.confirm, .passed)])] }),
    Example(
      testDescription: "a rollback that was not confirmed", decision: .inconclusive, rule: 2,
      evidence: "no execution put",
      spoil: { $0.attempts = [attempt(.rolledBack, [(.rollback, .passed), (.confirm, .failed)])] }),
    Example(
      testDescription: "an old rollback", decision: .inconclusive, rule: 2,
      evidence: "but is 31 days old; a rehearsal counts for 30 days",
      spoil: { $0.attempts = [attempt(.rolledBack, confirmed, daysAgo: 31)] }),
    Example(
      testDescription: "a rollback that went wrong since", decision: .noGo, rule: 2,
      evidence: "could not confirm its rollback",
      spoil: {
        $0.attempts = [
          attempt(.rollbackUnverified, [(.rollback, .failed)], daysAgo: 1), attempt(.rolledBack, confirmed, daysAgo: 3),
        ]
      }),
    Example(
      testDescription: "signed", decision: .go, rule: 4,
      evidence: "signed by Ada Lovelace at 1970-04-10T00:00:00Z: told in the channel",
      spoil: { $0.manual = [signed(note: "told in the channel")] }),
    Example(
      testDescription: "not signed", decision: .inconclusive, rule: 4,
      evidence: "nobody has signed; type: poolops go-no-go sign on-call --by NAME",
      spoil: { $0.manual = [signed(by: nil)] }),
    Example(
      testDescription: "signed for other words", decision: .inconclusive, rule: 4, evidence: "for other words",
      spoil: { $0.manual = [signed("d0")] }),
    Example(
      testDescription: "signed long ago", decision: .inconclusive, rule: 4,
      evidence: "which is 8 days old; it counts for 7 days",
      spoil: { $0.manual = [signed(daysAgo: 8)] }),
    Example(
      testDescription: "signed tomorrow", decision: .inconclusive, rule: 4, evidence: "lies in the future",
      spoil: { $0.manual = [signed(daysAgo: -1)] }),
  ]

  private static func codes(_ input: inout GoNoGo.Input, _ peak: GoNoGo.CodeState, _ quick: GoNoGo.CodeState) {
    input.code = [
      ExecutionID(experiment: "peak", number: 3): peak, ExecutionID(experiment: "fail-fast", number: 3): quick,
    ]
  }

  @Test(arguments: asked) func `what only a policy asks for is one more rule`(example: Example) {
    var input = Self.sound
    example.spoil(&input)
    let verdict = GoNoGo.decide(input)
    #expect(verdict.decision == example.decision && verdict.rules.count == 5, "\(verdict)")
    #expect(verdict.rules[example.rule].evidence.contains(example.evidence), "\(verdict.rules)")
  }

  @Test func `the way back is asked for once a change, and not of what is only an alternative`() {
    var input = Self.sound
    input.requirements.append(GoNoGo.Requirement(experiment: "peak", changes: Self.grow))
    input.requirements[1].changes = [SettingChange(key: .maxSize, before: .count(20), after: .count(5))]
    input.attempts = []
    let rules = GoNoGo.decide(input).rules.filter { $0.rule.contains("rehearsed") }
    #expect(rules.map(\.rule) == ["the way back from max_size 20 -> 50 was rehearsed"])
  }

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
