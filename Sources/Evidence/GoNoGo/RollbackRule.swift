import Model

/// Was the way back of every change that is to go to production gone, and confirmed?
extension GoNoGo.Input {
  var rollbackRules: [RuleOutcome] {
    guard let attempts else { return [] }
    var changes: [[SettingChange]] = []
    for requirement in requirements where requirement.expects == .go && !requirement.changes.isEmpty {
      if !changes.contains(requirement.changes) { changes.append(requirement.changes) }
    }
    return changes.map { rule(of: $0, attempts) }
  }

  private func rule(of changes: [SettingChange], _ attempts: [GoNoGo.Attempt]) -> RuleOutcome {
    let (status, evidence) = rehearsal(attempts.filter { $0.changes == changes }.map(\.execution))
    return RuleOutcome(
      rule: "the way back from \(changes.map(\.text).joined(separator: ", ")) was rehearsed", status: status,
      evidence: evidence)
  }

  private func rehearsal(_ executions: [Execution]) -> (RuleOutcome.Status, String) {
    let newest = executions.filter { $0.hasGoneBack || $0.outcome == .rollbackUnverified }
      .max { ($0.ended ?? $0.started) < ($1.ended ?? $1.started) }
    guard let newest else {
      return (
        .undecided,
        "no execution put this change back and confirmed it; run an experiment with it: it rehearses the way back"
      )
    }
    guard newest.outcome != .rollbackUnverified else {
      return (.failed, "the newest attempt, \(newest.id), could not confirm its rollback")
    }
    let moment = newest.ended ?? newest.started
    if let doubt = doubt(of: moment, maxAge: maxAge, counts: "a rehearsal counts") {
      return (.undecided, "\(newest.id) put it back and confirmed it, but \(doubt)")
    }
    let stage: Stage = newest.hasConfirmedRollback ? .confirm : .rehearse
    let note = newest.stages.last { $0.stage == stage }?.note ?? ""
    return (.passed, "\(newest.id) of \(moment.text) put it back and confirmed it\(note.isEmpty ? "" : ": \(note)")")
  }
}

extension Execution {
  /// Whether it put its change back and read that back: at its end, or in its rehearsal.
  fileprivate var hasGoneBack: Bool { hasConfirmedRollback || wasRehearsed }

  /// Whether what was there before was put back and read back: stages that are recorded as passed, in that order.
  package var hasConfirmedRollback: Bool {
    guard outcome == .rolledBack || outcome == .failed,
      let rollback = stages.lastIndex(where: { $0.stage == .rollback && $0.outcome == .passed })
    else { return false }
    return stages[rollback...].contains { $0.stage == .confirm && $0.outcome == .passed }
  }
}
