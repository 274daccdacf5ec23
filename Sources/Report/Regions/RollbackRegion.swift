import Evidence
import Model

/// The way back: the exact lines, and what to do when an experiment was cut off.
package enum RollbackRegion: RunbookRegion {
  package static let name = "rollback"
  package static let summary =
    "the exact lines of the way back, and what the last confirmed rollback said"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let lines = evidence.names.lines(evidence.changes.inverse).map(\.text)
    guard !lines.isEmpty else {
      return .missing("'\(evidence.experiment.name)' changes nothing that an env file can hold")
    }
    return markdownBlocks(
      [
        markdownStep(
          1, "Put these lines back in the app's env file (\(evidence.before.run.id)) and restart the app:",
          [codeBlock(lines, "sh")]),
        markdownStep(
          2,
          "Where an experiment on staging was cut off, whatever the moment, this puts staging back. It does nothing "
            + "when nothing is owed, and refuses to overwrite a value that somebody else changed since:",
          [codeBlock(["poolops experiment recover"], "sh")]),
        markdownStep(
          3, "Exit code 5 (`rollback_unverified`) means that staging may not be as it was. Stop, and call a person."),
      ] + rehearsal(evidence))
  }

  /// What shows that the way back works: it was gone.
  private static func rehearsal(_ evidence: RunbookEvidence) -> [String] {
    let inForce =
      "The values to go back to were in force, and read back, in "
      + "\(Phrases.count(evidence.before.blocks, "block")) (\(evidence.before.run.id))."
    guard let rehearsal = evidence.rehearsal else {
      return [inForce + " The way back as a whole was never carried out for this change."]
    }
    let stages = rehearsal.stages.filter { $0.stage == .rollback || $0.stage == .confirm }
    let lines = stages.map { "\($0.stage.rawValue) \($0.outcome.rawValue): \($0.note)" }
    return [
      inForce + " The way back as a whole was last carried out and confirmed in \(rehearsal.id), which recorded:",
      outputBlock(lines.joined(separator: "\n")),
    ]
  }
}
