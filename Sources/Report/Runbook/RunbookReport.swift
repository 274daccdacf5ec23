import Model

/// What `poolops runbook render` and `check` say of one file.
package struct RunbookReport: Sendable {
  private let file: String
  private let regions: Int
  private let findings: [RunbookFinding]
  private let notes: [String]

  /// - Parameters:
  ///   - regions: how many complete regions the file has.
  ///   - notes: what a person should know of the results, each a sentence; they fail nothing.
  package init(file: String, regions: Int, findings: [RunbookFinding], notes: [String] = []) {
    self.file = file
    self.regions = regions
    self.findings = findings
    self.notes = notes
  }

  /// NO-GO when text and evidence disagree; inconclusive when only evidence is missing, or there is nothing to check.
  package var status: ExitStatus {
    let disagrees = findings.contains { finding in
      if case .noEvidence = finding.kind { false } else { true }
    }
    if disagrees { return .noGo }
    return findings.isEmpty && regions > 0 ? .go : .inconclusive
  }

  /// The result of `check`.
  package func text(_ style: Style) -> String {
    let lines = findings.map { style.paragraph($0.text(file: file), hanging: 2) }
    let remarks = notes.map { style.paragraph("Note: \($0)", hanging: 2) }
    return (lines + [style.paint(summary, findings.isEmpty ? .good : .bad)] + remarks).joined(separator: "\n") + "\n"
  }

  private var summary: String {
    guard regions > 0 || !findings.isEmpty else { return "\(file) has no generated region." }
    guard !findings.isEmpty else {
      return "\(file): \(Phrases.count(regions, "region")), all as the evidence has them."
    }
    return "\(file): \(Phrases.count(findings.count, "finding")) in \(Phrases.count(regions, "region"))."
  }

  /// The result of `render`.
  /// - Parameters:
  ///   - page: the file of the HTML page, where one was asked for.
  ///   - isDryRun: nothing was written; `changed` and `page` would have been.
  package func text(
    rendered changed: [String], page: String? = nil, isDryRun: Bool = false, _ style: Style
  ) -> String {
    let lines = findings.map { style.paragraph($0.text(file: file), hanging: 2) }
    let verb = isDryRun ? "would rewrite" : "rewrote"
    let done =
      changed.isEmpty
      ? "\(file): nothing to rewrite." : "\(file): \(verb) \(Phrases.list(changed))."
    let wrote = page.map { [style.paragraph("\($0): \(isDryRun ? "would write" : "wrote") the page.")] } ?? []
    return (lines + [style.paragraph(done)] + wrote + ["Next: poolops runbook check"]).joined(separator: "\n") + "\n"
  }

  package func json(rendered changed: [String]? = nil) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("file", .string(file)), ("regions", .integer(regions)), ("agrees", .bool(status == .go)),
      ("findings", RunbookFinding.json(findings, file: file)),
    ]
    if !notes.isEmpty { members.append(("notes", .array(notes.map(JSONValue.string)))) }
    if let changed { members.append(("changed", .array(changed.map(JSONValue.string)))) }
    return .members(members)
  }
}
