import Model

/// Has each required experiment the verdict that it expects, from evidence that still counts?
extension GoNoGo.Input {
  func outcome(of requirement: GoNoGo.Requirement) -> RuleOutcome {
    let (status, evidence) = judge(requirement)
    return RuleOutcome(
      rule: "\(requirement.experiment) is \(requirement.expects.rawValue)", status: status, evidence: evidence)
  }

  private func judge(_ requirement: GoNoGo.Requirement) -> (RuleOutcome.Status, String) {
    let name = requirement.experiment
    guard let execution = newest[name] else {
      return (.undecided, "never carried out; type: poolops experiment run \(name)")
    }
    if let ending = unsound(execution) { return ending }
    if let doubt = doubt(of: execution, requirement) { return (.undecided, "\(execution.id) \(doubt)") }
    guard let recorded = execution.verdict else { return (.undecided, "\(execution.id) has no verdict") }
    switch judgedAgain[execution.id] ?? .impossible("nothing of it was read") {
    case .impossible(let why): return (.undecided, "\(execution.id) cannot be judged again: \(why)")
    case .verdict(let verdict):
      guard verdict.decision == recorded.decision else {
        return (.undecided, contradiction(execution, recorded, verdict))
      }
      return judge(verdict, execution, requirement)
    }
  }

  private func judge(
    _ verdict: Verdict, _ execution: Execution, _ requirement: GoNoGo.Requirement
  ) -> (RuleOutcome.Status, String) {
    let found = "\(execution.id) of \(execution.started.text) was \(verdict.decision.rawValue)\(runs(of: execution))"
    if verdict.decision == requirement.expects { return (.passed, found + ", judged again from what was measured") }
    let isRejected = verdict.decision == .noGo && requirement.expects == .go
    return (isRejected ? .failed : .undecided, "\(found): \(verdict.reason.withoutFullStop)")
  }

  private func contradiction(_ execution: Execution, _ recorded: Verdict, _ verdict: Verdict) -> String {
    "\(execution.id) is recorded as \(recorded.decision.rawValue), but what was measured\(runs(of: execution)) gives "
      + "\(verdict.decision.rawValue): \(verdict.reason.withoutFullStop); do not trust this record; "
      + "type: poolops experiment run \(execution.id.experiment)"
  }

  /// Executions that did not come to a judged end.
  private func unsound(_ execution: Execution) -> (RuleOutcome.Status, String)? {
    switch execution.outcome {
    case .kept, .rolledBack: nil
    case .running: (.undecided, "\(execution.id) is still running, or was killed; type: poolops experiment recover")
    case .failed: (.undecided, "\(execution.id) failed\(failure(of: execution))")
    case .rollbackUnverified: (.failed, "\(execution.id) could not confirm its rollback: staging may not be as it was")
    }
  }

  private func failure(of execution: Execution) -> String {
    execution.stages.last { $0.outcome == .failed }.map { " in \($0.stage.rawValue): \($0.note)" } ?? ""
  }

  private func doubt(of execution: Execution, _ requirement: GoNoGo.Requirement) -> String? {
    let moment = execution.ended ?? execution.started
    if let doubt = doubt(of: moment, maxAge: requirement.maxAge, counts: "evidence counts") { return doubt }
    guard let digest = digests[execution.id.experiment] else { return "measured an experiment file that is gone" }
    guard digest == execution.experimentDigest else {
      return
        "measured another experiment file than the present one; type: poolops experiment run \(execution.id.experiment)"
    }
    return nil
  }

  private func runs(of execution: Execution) -> String {
    execution.runs.isEmpty ? "" : " (\(execution.runs.map(\.description).joined(separator: ", ")))"
  }
}

extension String {
  var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
