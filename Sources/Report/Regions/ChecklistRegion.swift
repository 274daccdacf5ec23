import Evidence
import Model

/// What must hold before the change goes to production. No box is ticked by hand: only evidence ticks it.
package enum ChecklistRegion: RunbookRegion {
  package static let name = "checklist"
  package static let summary =
    "what must hold before the change goes to production, each box ticked by evidence alone, with its run"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let rules = (evidence.judgedAgain ?? evidence.execution.verdict)?.rules ?? []
    guard !rules.isEmpty else { return .missing("\(evidence.execution.id) judged no rule") }
    return markdownBlocks([
      "Ticked by what was measured and recorded (\(evidence.execution.id)), not by hand:",
      markdownList(
        rules.map { check($0, evidence) } + [
          verdict(evidence), readBack(evidence), outcome(evidence), wayBack(evidence),
        ]
      ),
    ])
  }

  private static func check(_ rule: RuleOutcome, _ evidence: RunbookEvidence) -> String {
    let check = evidence.experiment.checks.first { $0.text == rule.rule }
    var value = Markdown.escaped(rule.evidence)
    // What is compared with the baseline needs both runs, and the rule's evidence has them.
    if let check, case .absolute = check.bound, let cited = evidence.cited(check.metric, evidence.after) {
      value = cited
    }
    return markdownCheck(rule.status, "`\(rule.rule)`: \(value)")
  }

  private static func verdict(_ evidence: RunbookEvidence) -> String {
    let runs = "\(evidence.before.run.id), \(evidence.after.run.id)"
    let recorded = evidence.execution.verdict?.decision
    let expected = evidence.experiment.expects
    guard let again = evidence.judgedAgain?.decision, again == recorded else {
      let now = evidence.judgedAgain?.decision.rawValue ?? "no verdict"
      return markdownCheck(
        .undecided,
        "recorded as \(recorded?.rawValue ?? "no verdict"), but what was measured gives \(now) (\(runs))")
    }
    return markdownCheck(
      again == expected ? .passed : again == .inconclusive ? .undecided : .failed,
      "the verdict is \(again.rawValue), as its hypothesis \(again == expected ? "predicts" : "does not predict"), "
        + "and what was measured gives it again (\(runs))")
  }

  private static func readBack(_ evidence: RunbookEvidence) -> String {
    let runs = [evidence.before, evidence.after]
    let agrees = runs.allSatisfy { run in
      evidence.changes.allSatisfy { run.effective?[$0.key] == run.run.wanted[$0.key] }
    }
    return markdownCheck(
      agrees ? .passed : .undecided,
      "both sets of values were read back from the running pool (\(evidence.before.run.id), \(evidence.after.run.id))")
  }

  private static func outcome(_ evidence: RunbookEvidence) -> String {
    let id = evidence.execution.id
    return switch evidence.execution.outcome {
    case .kept, .rolledBack: markdownCheck(.passed, "the rehearsal came to its end, confirmed (\(id))")
    case .rollbackUnverified: markdownCheck(.failed, "the rehearsal could not confirm its rollback (\(id))")
    case .failed, .running: markdownCheck(.undecided, "the rehearsal did not come to its end (\(id))")
    }
  }

  private static func wayBack(_ evidence: RunbookEvidence) -> String {
    guard let rehearsal = evidence.rehearsal else {
      return markdownCheck(.undecided, "the way back was never carried out for this change (\(evidence.execution.id))")
    }
    return markdownCheck(.passed, "the way back was carried out and confirmed (\(rehearsal.id))")
  }
}
