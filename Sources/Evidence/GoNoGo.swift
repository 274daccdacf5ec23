import Model

/// Whether the recorded evidence, as it stands now, allows the change to go to production.
package enum GoNoGo {
  /// An experiment that must have been carried out, and what its verdict is to be.
  ///
  /// Most must be GO. An alternative that was tried in order to be rejected is good evidence when it is NO-GO.
  package struct Requirement: Hashable, Sendable {
    package var experiment: String
    package var expects: Decision
    package init(experiment: String, expects: Decision = .go) {
      self.experiment = experiment
      self.expects = expects
    }
  }

  package enum RunbookState: Hashable, Sendable {
    /// Every region is what the evidence renders to.
    case current
    /// Regions, by name, that are stale or were edited by hand.
    case disagreeing([String])
    case missing
  }

  package struct Input: Sendable {
    package var requirements: [Requirement]
    /// The newest execution of each experiment, by its name.
    package var newest: [String: Execution]
    /// SHA-256 of each experiment file as it is now; none where the file is gone.
    package var digests: [String: String]
    package var now: Timestamp
    package var maxAge: Duration
    /// Changes of which an undo is still owed.
    package var openUndos: [Change]
    package var runbook: RunbookState
    package init(
      requirements: [Requirement], newest: [String: Execution], digests: [String: String], now: Timestamp,
      maxAge: Duration = GoNoGo.defaultMaxAge, openUndos: [Change], runbook: RunbookState
    ) {
      self.requirements = requirements
      self.newest = newest
      self.digests = digests
      self.now = now
      self.maxAge = maxAge
      self.openUndos = openUndos
      self.runbook = runbook
    }
  }

  /// 30 days: our choice; software, data and machines change.
  package static let defaultMaxAge: Duration = .seconds(30 * 86_400)

  /// Each rule with its evidence, and one decision: any failed rule is NO-GO, else any undecided one INCONCLUSIVE.
  package static func decide(_ input: Input) -> Verdict {
    let required = input.requirements.map { requirement in
      let (status, evidence) = input.judge(requirement)
      return RuleOutcome(
        rule: "\(requirement.experiment) is \(requirement.expects.rawValue)", status: status, evidence: evidence)
    }
    guard !required.isEmpty else {
      return Verdict(decision: .inconclusive, rules: [], reason: "No experiment is required, so nothing is shown.")
    }
    let rules = required + [input.undoRule, input.runbookRule]
    let reason = rules.sentence(holding: "All \(rules.count) rules hold.")
    return Verdict(decision: Decision(of: rules), rules: rules, reason: reason)
  }
}

extension GoNoGo.Input {
  fileprivate func judge(_ requirement: GoNoGo.Requirement) -> (RuleOutcome.Status, String) {
    let name = requirement.experiment
    guard let execution = newest[name] else {
      return (.undecided, "never carried out; type: poolops experiment run \(name)")
    }
    if let ending = unsound(execution) { return ending }
    if let doubt = staleness(of: execution, digest: digests[name]) { return (.undecided, "\(execution.id) \(doubt)") }
    guard let verdict = execution.verdict else { return (.undecided, "\(execution.id) has no verdict") }
    let found = "\(execution.id) of \(execution.started.text) was \(verdict.decision.rawValue)\(runs(of: execution))"
    if verdict.decision == requirement.expects { return (.passed, found) }
    let isRejected = verdict.decision == .noGo && requirement.expects == .go
    let reason = verdict.reason.hasSuffix(".") ? String(verdict.reason.dropLast()) : verdict.reason
    return (isRejected ? .failed : .undecided, "\(found): \(reason)")
  }

  /// Executions that did not come to a judged end.
  private func unsound(_ execution: Execution) -> (RuleOutcome.Status, String)? {
    switch execution.outcome {
    case .kept, .rolledBack: nil
    case .running: (.undecided, "\(execution.id) is still running, or was killed; type: poolops experiment recover")
    case .failed:
      (
        .undecided,
        "\(execution.id) failed\(execution.stages.last { $0.outcome == .failed }.map { " in \($0.stage.rawValue): \($0.note)" } ?? "")"
      )
    case .rollbackUnverified: (.failed, "\(execution.id) could not confirm its rollback: staging may not be as it was")
    }
  }

  private func staleness(of execution: Execution, digest: String?) -> String? {
    let age = now.duration(since: execution.ended ?? execution.started)
    if age < .zero { return "lies in the future: the clock or the record is wrong" }
    if age > maxAge { return "is \(days(age)) days old; evidence counts for \(days(maxAge))" }
    guard let digest else { return "measured an experiment file that is gone" }
    guard digest == execution.experimentDigest else {
      return
        "measured another experiment file than the present one; type: poolops experiment run \(execution.id.experiment)"
    }
    return nil
  }

  private func days(_ duration: Duration) -> String {
    decimal((duration.seconds / 86_400 * 10).rounded(.down) / 10, places: 1)
  }

  private func runs(of execution: Execution) -> String {
    execution.runs.isEmpty ? "" : " (\(execution.runs.map(\.description).joined(separator: ", ")))"
  }

  fileprivate var undoRule: RuleOutcome {
    let rule = "staging is as it was"
    let open = openUndos.filter(\.state.isOpen)
    guard let first = open.first else { return RuleOutcome(rule: rule, status: .passed, evidence: "no undo is owed") }
    let more = open.count > 1 ? " and \(open.count - 1) more" : ""
    let evidence = "an undo of \(first.execution) is owed on \(first.locator)\(more); type: poolops experiment recover"
    let isRunning =
      newest[first.execution.experiment].map { $0.id == first.execution && $0.outcome == .running } ?? false
    return RuleOutcome(rule: rule, status: isRunning ? .undecided : .failed, evidence: evidence)
  }

  fileprivate var runbookRule: RuleOutcome {
    let rule = "the runbook agrees with the evidence"
    return switch runbook {
    case .current: RuleOutcome(rule: rule, status: .passed, evidence: "every region is current")
    case .disagreeing(let regions):
      RuleOutcome(
        rule: rule, status: .undecided,
        evidence: "stale or edited by hand: \(regions.joined(separator: ", ")); type: poolops runbook render")
    case .missing: RuleOutcome(rule: rule, status: .undecided, evidence: "there is none; type: poolops runbook render")
    }
  }
}
