/// One kind of generated region: a file of its own, and a line in `RunbookRegions.all`.
package protocol RunbookRegion: Sendable {
  /// As the marker names it.
  static var name: String { get }
  /// Markdown in which every figure cites its run.
  static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content
  /// What its Markdown refers to beside the runbook.
  static func files(_ evidence: RunbookEvidence) -> [RunbookFile]
}

package enum RunbookRegions {
  package static let all: [any RunbookRegion.Type] = [
    ProblemRegion.self, ChangeRegion.self, BeforeAfterRegion.self, ChartRegion.self, WhyThisSizeRegion.self,
    ApplyRegion.self, VerifyRegion.self, RollbackRegion.self, WatchRegion.self, DecisionsRegion.self,
  ]

  /// What `region` is to hold, for `RunbookDocument.render` and `check`.
  ///
  /// - Parameter evidence: of an experiment's newest judged execution; nil where there is none.
  package static func content(of region: RunbookDocument.Region, evidence: (String) -> RunbookEvidence?)
    -> RunbookDocument.Content
  {
    guard let kind = all.first(where: { $0.name == region.name }) else { return .unknown(known: all.map { $0.name }) }
    guard let experiment = region.arguments["experiment"] else {
      return .missing("its begin marker does not say which experiment; add experiment=NAME")
    }
    if let key = region.arguments.keys.sorted().first(where: { $0 != "experiment" }) {
      return .missing("its begin marker has '\(key)', and only experiment=NAME is accepted")
    }
    guard let evidence = evidence(experiment) else {
      return .missing("'\(experiment)' has no judged execution; type: poolops experiment run \(experiment)")
    }
    return kind.content(evidence)
  }
}

/// Commands or lines to copy, as a fenced block.
func codeBlock(_ lines: [String], _ language: String) -> String {
  (["```\(language)"] + lines + ["```"]).joined(separator: "\n")
}

/// One numbered step: its sentence, then what belongs to it, indented so that the numbering goes on.
func markdownStep(_ number: Int, _ sentence: String, _ parts: [String] = []) -> String {
  let inside = parts.map { part in
    part.split(separator: "\n", omittingEmptySubsequences: false).map { $0.isEmpty ? "" : "   \($0)" }
      .joined(separator: "\n")
  }
  return (["\(number). \(sentence)"] + inside).joined(separator: "\n\n")
}

/// Blocks of Markdown with a blank line before, between and after them, so that every renderer sees them apart.
func markdownBlocks(_ blocks: [String]) -> RunbookDocument.Content {
  .text("\n" + blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n\n")
}

func markdownList(_ items: [String]) -> String { items.map { "- \($0)" }.joined(separator: "\n") }
