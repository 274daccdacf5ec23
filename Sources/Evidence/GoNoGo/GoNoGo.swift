import Model

/// Whether the recorded evidence, as it stands now, allows the change to go to production.
package enum GoNoGo {
  /// An experiment that must have been carried out, and what its verdict is to be.
  ///
  /// Most must be GO. An alternative that was tried in order to be rejected is good evidence when it is NO-GO.
  package struct Requirement: Hashable, Sendable {
    package var experiment: String
    package var expects: Decision
    package var maxAge: Duration
    /// What the experiment changes; with GO it is what goes to production.
    package var changes: [SettingChange]
    package init(
      experiment: String, expects: Decision = .go, maxAge: Duration = GoNoGoPolicy.defaultMaxAge,
      changes: [SettingChange] = []
    ) {
      self.experiment = experiment
      self.expects = expects
      self.maxAge = maxAge
      self.changes = changes
    }
  }

  /// A verdict made anew from what was measured. The recorded one is only what somebody wrote down.
  package enum Rejudgement: Hashable, Sendable {
    case verdict(Verdict)
    /// Why there is none, as the end of a sentence.
    case impossible(String)
  }

  /// The files that the policy calls code, against those that were measured.
  package enum CodeState: Hashable, Sendable {
    /// What was compared: `Sources/** as in commit 49e0ac2`.
    case same(String)
    /// What differs, as a sentence without its full stop.
    case changed(String)
    /// Why it cannot be told.
    case unknown(String)
  }

  /// An execution, and what its experiment changed: where a rollback is looked for.
  package struct Attempt: Hashable, Sendable {
    package var execution: Execution
    package var changes: [SettingChange]
    package init(execution: Execution, changes: [SettingChange]) {
      self.execution = execution
      self.changes = changes
    }
  }

  /// An item of the policy that a person signs.
  package struct ManualItem: Hashable, Sendable {
    package var id: String
    package var text: String
    /// What a signature must have been given for: the digest of the text.
    package var subject: String
    package var maxAge: Duration
    package var signature: SignOff?
    package init(id: String, text: String, subject: String, maxAge: Duration, signature: SignOff?) {
      self.id = id
      self.text = text
      self.subject = subject
      self.maxAge = maxAge
      self.signature = signature
    }
  }

  package enum RunbookState: Hashable, Sendable {
    /// Every region is what the evidence renders to.
    case current
    /// What is not as it should be, each in a few words: `connection-pool.md: verify edited by hand`.
    case disagreeing([String])
    case missing
  }

  package struct Input: Sendable {
    package var requirements: [Requirement]
    /// The newest execution of each experiment, by its name.
    package var newest: [String: Execution]
    package var judgedAgain: [ExecutionID: Rejudgement]
    /// SHA-256 of each experiment file as it is now; none where the file is gone.
    package var digests: [String: String]
    package var now: Timestamp
    /// Changes of which an undo is still owed.
    package var openUndos: [Change]
    package var runbook: RunbookState
    /// Of each required execution; empty where the policy names no code.
    package var code: [ExecutionID: CodeState]
    /// Every execution there is; nil where the policy does not ask for a rehearsed rollback.
    package var attempts: [Attempt]?
    /// How long a rehearsal counts.
    package var maxAge: Duration
    package var manual: [ManualItem]
    package init(
      requirements: [Requirement], newest: [String: Execution], judgedAgain: [ExecutionID: Rejudgement],
      digests: [String: String], now: Timestamp, openUndos: [Change], runbook: RunbookState,
      code: [ExecutionID: CodeState] = [:], attempts: [Attempt]? = nil,
      maxAge: Duration = GoNoGoPolicy.defaultMaxAge, manual: [ManualItem] = []
    ) {
      self.requirements = requirements
      self.newest = newest
      self.judgedAgain = judgedAgain
      self.digests = digests
      self.now = now
      self.openUndos = openUndos
      self.runbook = runbook
      self.code = code
      self.attempts = attempts
      self.maxAge = maxAge
      self.manual = manual
    }
  }

  /// Each rule with its evidence, and one decision: any failed rule is NO-GO, else any undecided one INCONCLUSIVE.
  package static func decide(_ input: Input) -> Verdict {
    guard !input.requirements.isEmpty else {
      return Verdict(decision: .inconclusive, rules: [], reason: "No experiment is required, so nothing is shown.")
    }
    let rules =
      input.requirements.map(input.outcome) + input.codeRules + input.rollbackRules + [input.undoRule]
      + [input.runbookRule] + input.manual.map(input.outcome)
    let reason = rules.sentence(holding: "All \(rules.count) rules hold.")
    return Verdict(decision: Decision(of: rules), rules: rules, reason: reason)
  }
}

extension GoNoGo.Input {
  /// Why something of this moment does not count any more, or not yet; nil when it counts.
  func doubt(of moment: Timestamp, maxAge: Duration, counts: String) -> String? {
    let age = now.duration(since: moment)
    if age < .zero { return "lies in the future: the clock or the record is wrong" }
    return age > maxAge ? "is \(days(age)) old; \(counts) for \(days(maxAge))" : nil
  }

  /// `31 days`, `0.5 days`.
  private func days(_ duration: Duration) -> String {
    let days = (duration.seconds / 86_400 * 10).rounded(.down) / 10
    return days == 1 ? "1 day" : decimal(days, places: 1) + " days"
  }
}
