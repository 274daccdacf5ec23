import Model

/// One kind of generated region: a file of its own, and a line in `RunbookRegions.all`.
package protocol RunbookRegion: Sendable {
  /// As the marker names it.
  static var name: String { get }
  /// What it holds, as docs/runbooks.md lists it.
  static var summary: String { get }
  /// What it tells of: an experiment's comparison, or its ramp into exhaustion.
  static var kind: ExecutionKind { get }
  /// Whether a page can well be without it: what it shows is not measured of every experiment.
  static var isOptional: Bool { get }
  /// What its begin marker must say besides `experiment=NAME`, each with a placeholder for its value.
  static var arguments: [(key: String, placeholder: String)] { get }
  /// Markdown in which every figure cites its run.
  static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content
  /// The same for a region with arguments of its own; all of them are given.
  static func content(_ evidence: RunbookEvidence, _ arguments: [String: String]) -> RunbookDocument.Content
  /// What its Markdown refers to beside the runbook.
  static func files(_ evidence: RunbookEvidence) -> [RunbookFile]
}

extension RunbookRegion {
  package static var summary: String { "" }
  package static var kind: ExecutionKind { .experiment }
  package static var isOptional: Bool { false }
  package static var arguments: [(key: String, placeholder: String)] { [] }
  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    .missing("it needs \(markerArguments)")
  }
  package static func content(
    _ evidence: RunbookEvidence, _ arguments: [String: String]
  ) -> RunbookDocument.Content { content(evidence) }

  /// `experiment=NAME ecosystem=ID`: what a begin marker has after the region's name.
  package static var markerArguments: String {
    ([("experiment", "NAME")] + arguments.map { ($0.key, $0.placeholder) }).map { "\($0.0)=\($0.1)" }
      .joined(separator: " ")
  }
}

package enum RunbookRegions {
  package static let all: [any RunbookRegion.Type] = [
    TriggerRegion.self,
    ProblemRegion.self,
    ChangeRegion.self,
    SettingsRegion.self,
    BeforeAfterRegion.self,
    ChartRegion.self,
    EnduranceRegion.self,
    EarlyWarningRegion.self,
    WhyThisSizeRegion.self,
    SweepRegion.self,
    ChecklistRegion.self,
    ApplyRegion.self,
    VerifyRegion.self,
    RollbackRegion.self,
    WatchRegion.self,
    LastRehearsedRegion.self,
    DecisionsRegion.self,
  ]

  /// The table of docs/runbooks.md.
  package static var documentation: String {
    var table = TextTable([.init("region"), .init("begin marker"), .init("what it holds")])
    for region in all {
      table.row([
        .init("`\(region.name)`"), .init("`<!-- poolops:begin \(region.name) \(region.markerArguments) -->`"),
        .init(region.summary),
      ])
    }
    return table.markdown()
  }

  /// What `region` is to hold, for `RunbookDocument.render` and `check`.
  ///
  /// - Parameters:
  ///   - lead: of an experiment's newest judged ramp into exhaustion; nil where there is none.
  ///   - evidence: of an experiment's newest judged execution; nil where there is none.
  package static func content(
    of region: RunbookDocument.Region, lead: (String) -> LeadEvidence? = { _ in nil },
    evidence: (String) -> RunbookEvidence?
  ) -> RunbookDocument.Content {
    guard let kind = all.first(where: { $0.name == region.name }) else { return .unknown(known: all.map { $0.name }) }
    if let fault = fault(of: region.arguments, kind) { return .missing("its begin marker \(fault)") }
    let experiment = region.arguments["experiment"] ?? ""
    if kind.kind == .exhaustion {
      if let lead = lead(experiment) { return EarlyWarningRegion.content(lead) }
      guard evidence(experiment) == nil else { return .missing("'\(experiment)' is no ramp into exhaustion") }
      return .missing("'\(experiment)' has no judged ramp into exhaustion; type: poolops experiment run \(experiment)")
    }
    guard let evidence = evidence(experiment) else {
      return .missing(
        "'\(experiment)' has no judged execution with both its runs; type: poolops experiment run \(experiment)")
    }
    return kind.content(evidence, region.arguments)
  }

  private static func fault(of arguments: [String: String], _ kind: any RunbookRegion.Type) -> String? {
    guard arguments["experiment"] != nil else { return "does not say which experiment; add experiment=NAME" }
    for (key, placeholder) in kind.arguments where arguments[key] == nil {
      return "does not say which \(key); add \(key)=\(placeholder)"
    }
    let known = ["experiment"] + kind.arguments.map(\.key)
    guard let stranger = arguments.keys.sorted().first(where: { !known.contains($0) }) else { return nil }
    return "has '\(stranger)', and only \(kind.markerArguments) is accepted"
  }
}

/// Commands or lines to copy, as a fenced block.
func codeBlock(_ lines: [String], _ language: String) -> String {
  (["```\(language)"] + lines + ["```"]).joined(separator: "\n")
}

/// What a command printed, as a fenced block. Its fence is longer than any that the text holds.
func outputBlock(_ text: String) -> String {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  let longest = lines.map { $0.drop { $0 == " " }.prefix { $0 == "`" }.count }.max() ?? 0
  let fence = String(repeating: "`", count: max(3, longest + 1))
  return (["\(fence)text"] + lines + [fence]).joined(separator: "\n")
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

/// An item of a checklist. The tick is the evidence's; where there is none the word says what is missing.
func markdownCheck(_ status: RuleOutcome.Status, _ text: String) -> String {
  status == .passed ? "[x] \(text)" : "[ ] **\(Rules.word(status))** \(text)"
}
