/// Names an execution: `peak#3`.
package struct ExecutionID: Hashable, Sendable, CustomStringConvertible {
  package var experiment: String
  /// Counted per experiment, from 1.
  package var number: Int
  package init(experiment: String, number: Int) {
    self.experiment = experiment
    self.number = number
  }
  package init?(text: String) {
    guard let mark = text.lastIndex(of: "#"), mark > text.startIndex,
      let number = Int(text[text.index(after: mark)...]), number > 0
    else { return nil }
    self.init(experiment: String(text[..<mark]), number: number)
  }
  package var description: String { "\(experiment)#\(number)" }
}

/// The stages of an execution, in the order of the plain before and after.
package enum Stage: String, CaseIterable, Hashable, Sendable {
  /// Is this staging? Is the target free, and what does it hold now? Nothing is changed.
  case preflight
  /// The change is applied and put back once, each read back, before any load is on.
  case rehearse
  /// A short block at one step of the way to the change, and its checks.
  case rollout
  /// A block under the baseline's settings.
  case baseline
  /// The change is written to the target, after its inverse is in the journal.
  case apply
  /// The effective values are read back and compared with the wanted ones.
  case verify
  /// A block under the changed settings.
  case retest
  /// One block of a sweep.
  case cell
  /// A load that grows until a request fails, with the alert armed.
  case ramp
  /// Checks and comparison, or the lead of the alert, give the verdict.
  case judge
  /// What was there before the execution is put back.
  case rollback
  /// The effective values are read back once more, after keeping or rolling back.
  case confirm
}

package enum StageOutcome: String, CaseIterable, Hashable, Sendable { case running, passed, failed, interrupted }

package struct StageRecord: Hashable, Sendable {
  package var stage: Stage
  package var outcome: StageOutcome
  package var started: Timestamp
  package var ended: Timestamp?
  /// One line of what was found, or why it failed.
  package var note: String
  package init(stage: Stage, outcome: StageOutcome, started: Timestamp, ended: Timestamp? = nil, note: String = "") {
    self.stage = stage
    self.outcome = outcome
    self.started = started
    self.ended = ended
    self.note = note
  }
}

/// How an execution ended.
package enum ExecutionOutcome: String, CaseIterable, Hashable, Sendable {
  case running
  /// Judged, and the change kept.
  case kept
  /// Judged, and the change put back.
  case rolledBack = "rolled_back"
  /// Not judged: a stage failed, a guard tripped, or a person interrupted; staging was put back and confirmed.
  case failed
  /// Staging may not be as it was.
  case rollbackUnverified = "rollback_unverified"
}

package struct Execution: Hashable, Sendable {
  package var id: ExecutionID
  package var kind: ExecutionKind
  package var outcome: ExecutionOutcome
  package var started: Timestamp
  package var ended: Timestamp?
  package var seed: UInt64
  /// The experiment file as it was, and its SHA-256, hexadecimal.
  package var experimentText: String
  package var experimentDigest: String
  package var stages: [StageRecord]
  package var runs: [RunID]
  /// Those of a rollout's steps; they are on neither side of the comparison.
  package var rollout: [RunID]
  package var verdict: Verdict?
  package init(
    id: ExecutionID, outcome: ExecutionOutcome, started: Timestamp, ended: Timestamp? = nil, seed: UInt64,
    experimentText: String, experimentDigest: String, stages: [StageRecord] = [], runs: [RunID] = [],
    verdict: Verdict? = nil, kind: ExecutionKind = .experiment, rollout: [RunID] = []
  ) {
    self.id = id
    self.rollout = rollout
    self.kind = kind
    self.outcome = outcome
    self.started = started
    self.ended = ended
    self.seed = seed
    self.experimentText = experimentText
    self.experimentDigest = experimentDigest
    self.stages = stages
    self.runs = runs
    self.verdict = verdict
  }
}

extension Execution {
  /// Whether the change was applied and put back once before it was measured, both read back.
  package var wasRehearsed: Bool { stages.contains { $0.stage == .rehearse && $0.outcome == .passed } }
}

package enum Decision: String, CaseIterable, Hashable, Sendable {
  case go = "GO"
  case noGo = "NO-GO"
  case inconclusive = "INCONCLUSIVE"
}

/// How one rule came out, with what it rests on.
package struct RuleOutcome: Hashable, Sendable {
  package enum Status: String, CaseIterable, Hashable, Sendable { case passed, failed, undecided }
  /// The rule as a person wrote it: `p(95) < 400ms`.
  package var rule: String
  package var status: Status
  /// The figure, its interval, the number of samples and the run: `145 ms (142 to 149, 8 blocks, run-13)`.
  package var evidence: String
  package init(rule: String, status: Status, evidence: String) {
    self.rule = rule
    self.status = status
    self.evidence = evidence
  }
}

package struct Verdict: Hashable, Sendable {
  package var decision: Decision
  package var rules: [RuleOutcome]
  /// The sentence that says why.
  package var reason: String
  package init(decision: Decision, rules: [RuleOutcome], reason: String) {
    self.decision = decision
    self.rules = rules
    self.reason = reason
  }
}
