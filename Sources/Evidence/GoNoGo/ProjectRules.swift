import Model

/// Is the project as it was measured: its code, its staging, its runbook?
extension GoNoGo.Input {
  /// One rule for all executions; none where the policy names no code.
  var codeRules: [RuleOutcome] {
    let states = requirements.compactMap { requirement in
      newest[requirement.experiment].flatMap { execution in code[execution.id].map { (execution.id, $0) } }
    }
    guard !states.isEmpty else { return [] }
    var found: [(status: RuleOutcome.Status, text: String, ids: [String])] = []
    for (id, state) in states {
      let (status, text) = outcome(state)
      if let index = found.firstIndex(where: { $0.text == text && $0.status == status }) {
        found[index].ids.append("\(id)")
      } else {
        found.append((status, text, ["\(id)"]))
      }
    }
    let isSame = found.allSatisfy { $0.status == .passed }
    let shown = isSame ? found : found.filter { $0.status != .passed }
    return [
      RuleOutcome(
        rule: "the code is the one that was measured", status: isSame ? .passed : .undecided,
        evidence: shown.map { "\($0.text) (\($0.ids.joined(separator: ", ")))" }.joined(separator: "; "))
    ]
  }

  private func outcome(_ state: GoNoGo.CodeState) -> (RuleOutcome.Status, String) {
    switch state {
    case .same(let text): (.passed, text)
    case .changed(let text): (.undecided, "\(text); measure again")
    case .unknown(let text): (.undecided, "cannot be told: \(text)")
    }
  }

  var undoRule: RuleOutcome {
    let rule = "staging is as it was"
    let open = openUndos.filter(\.state.isOpen)
    guard let first = open.first else { return RuleOutcome(rule: rule, status: .passed, evidence: "no undo is owed") }
    let more = open.count > 1 ? " and \(open.count - 1) more" : ""
    let evidence = "an undo of \(first.execution) is owed on \(first.locator)\(more); type: poolops experiment recover"
    let isRunning =
      newest[first.execution.experiment].map { $0.id == first.execution && $0.outcome == .running } ?? false
    return RuleOutcome(rule: rule, status: isRunning ? .undecided : .failed, evidence: evidence)
  }

  var runbookRule: RuleOutcome {
    let rule = "the runbook agrees with the evidence"
    return switch runbook {
    case .current: RuleOutcome(rule: rule, status: .passed, evidence: "every region is current")
    case .disagreeing(let findings):
      RuleOutcome(
        rule: rule, status: .undecided,
        evidence: "\(findings.joined(separator: ", ")); type: poolops runbook check")
    case .missing: RuleOutcome(rule: rule, status: .undecided, evidence: "there is none; type: poolops runbook new")
    }
  }
}
