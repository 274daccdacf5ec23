import Evidence
import Model

/// How to put the change in force: rehearsed on staging first.
package enum ApplyRegion: RunbookRegion {
  package static let name = "apply"
  package static let summary =
    "numbered steps to put the change in force, with what the last real run printed"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let name = evidence.experiment.name
    let lines = evidence.names.lines(evidence.changes.forward).map(\.text)
    guard !lines.isEmpty else { return .missing("'\(name)' changes nothing that an env file can hold") }
    return markdownBlocks([
      markdownStep(
        1, "See what the rehearsal will do. This touches nothing.",
        [codeBlock(["poolops experiment plan \(name)"], "sh")]),
      markdownStep(
        2, "Rehearse on staging. The inverse is written down before anything is changed.",
        [codeBlock(["poolops experiment run \(name)"], "sh")] + expected(evidence)),
      markdownStep(
        3, "Set these lines in the app's env file, and nothing else (\(evidence.after.run.id)):",
        [codeBlock(lines, "sh")]),
      markdownStep(
        4,
        "Restart one instance of the app, since the pool reads the file at its start. Verify it (next section), "
          + "then restart the others."),
    ])
  }

  private static func expected(_ evidence: RunbookEvidence) -> [String] {
    let execution = evidence.execution
    let decision = execution.verdict?.decision.rawValue ?? "no verdict"
    let words =
      switch execution.outcome {
      case .kept: "The change was kept in staging."
      case .rolledBack: "The change was put back in staging."
      case .failed, .running, .rollbackUnverified: "It did not end in order: read its record before going on."
      }
    let time = execution.ended.map { ", after \(Phrases.time($0.duration(since: execution.started)))" } ?? ""
    let output = VerdictReport(
      execution, comparison: evidence.comparison, changes: evidence.changes, expects: evidence.experiment.expects)
    return [
      "The last rehearsal ended with \(decision)\(time) (\(execution.id)). \(words) It said:",
      outputBlock(output.text(Style()).withoutLastNewline),
    ]
  }
}

extension String {
  fileprivate var withoutLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
