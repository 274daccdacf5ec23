import Model
import Monitor

/// A ramp into exhaustion, as a runbook tells of it.
package struct LeadEvidence: Sendable {
  /// What was driven into exhaustion, and how.
  package var experiment: Experiment
  package var execution: Execution
  package var run: RunID
  package var times: LeadTimes

  package init(experiment: Experiment, execution: Execution, run: RunID, times: LeadTimes) {
    self.experiment = experiment
    self.execution = execution
    self.run = run
    self.times = times
  }
}

/// By how much the alert came before the first failed request, when that was tried.
package enum EarlyWarningRegion: RunbookRegion {
  package static let name = "early-warning"
  package static let summary =
    "by how much the alert came before the first failed request, in the newest ramp into exhaustion, and how much of that is guaranteed"
  package static let kind = ExecutionKind.exhaustion

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    .missing("'\(evidence.experiment.name)' is no ramp into exhaustion: it has no early_warning")
  }

  static func content(_ lead: LeadEvidence) -> RunbookDocument.Content {
    let section = LeadSection(times: lead.times, run: lead.run)
    return markdownBlocks([
      "\(lead.times.sentence(of: lead.run)).", standing(lead),
      "Load: \(ShapeText(lead.experiment.load).sentence) (\(lead.execution.id)).", section.table.markdown(),
      section.notes.joined(separator: " "),
    ])
  }

  private static func standing(_ lead: LeadEvidence) -> String {
    switch lead.times.verdict(of: lead.run).decision {
    case .go: ""
    case .noGo:
      "**This alert is not to be relied on:** it did not lead as it should (\(lead.run)). Find out why before anybody is paged by it."
    case .inconclusive: "**Nothing is proven of this alert** (\(lead.run))."
    }
  }
}
