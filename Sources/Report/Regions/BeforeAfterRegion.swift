import Evidence
import Model

/// The comparison as a table.
package enum BeforeAfterRegion: RunbookRegion {
  package static let name = "before-after"
  package static let summary =
    "the table of `poolops diff`, with the verdict"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    let comparison = evidence.comparison
    guard comparison.rows.contains(where: { $0.before != nil || $0.after != nil }) else {
      return .missing("\(comparison.before.run.id) and \(comparison.after.run.id) have no figures")
    }
    let runs = [comparison.before, comparison.after].map {
      "\($0.run.id): \(Phrases.count($0.blocks, "block")), \(Phrases.grouped($0.due)) requests, \($0.run.started.text)"
    }
    let verdict = evidence.execution.verdict.map {
      "**\($0.decision.rawValue)** (\(evidence.execution.id)): \(Markdown.escaped($0.reason))"
    }
    return markdownBlocks([
      verdict ?? "", DiffReport(comparison).figuresMarkdown,
      "Change, percent and interval compare \(comparison.after.run.id) with \(comparison.before.run.id); "
        + "\(Phrases.design(comparison)). \(DiffReport(comparison).marginNote)",
      markdownList(runs), "The same table in a terminal:",
      codeBlock(["poolops diff \(comparison.before.run.id) \(comparison.after.run.id)"], "sh"),
    ])
  }
}
