import Evidence
import Model

/// What is set to what, in neutral and in env names, with the way back.
package enum ChangeRegion: RunbookRegion {
  package static let name = "change"
  package static let summary =
    "each setting before and after, in neutral words and as lines of the env file, with the inverse"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    guard !evidence.changes.isEmpty else { return .missing("'\(evidence.experiment.name)' changes no setting") }
    let (before, after) = (evidence.before.run.id, evidence.after.run.id)
    var table = TextTable([
      .init("setting"), .init("before (\(before))", right: true), .init("after (\(after))", right: true),
      .init("to apply"), .init("to put back"),
    ])
    for change in evidence.changes {
      table.row([
        .init("`\(change.key.rawValue)`"), .init(change.beforeText), .init(change.afterText),
        .init(line(evidence, change, change.after)), .init(line(evidence, change, change.before)),
      ])
    }
    return markdownBlocks([table.markdown(), readBack(evidence)])
  }

  private static func line(_ evidence: RunbookEvidence, _ change: SettingChange, _ value: SettingValue) -> String {
    evidence.names.line(change.key, value).map { Markdown.code($0.text) } ?? "no such setting"
  }

  /// What the pool really took, where it says so.
  private static func readBack(_ evidence: RunbookEvidence) -> String {
    let agree = [evidence.before, evidence.after].allSatisfy { run in
      evidence.changes.allSatisfy { run.effective?[$0.key] == run.run.wanted[$0.key] }
    }
    let runs = "(\(evidence.before.run.id), \(evidence.after.run.id))"
    return agree
      ? "Both sets of values were read back from the running pool \(runs)."
      : "The running pool did not confirm all of these values \(runs). Do not rely on this page before that is explained."
  }
}
