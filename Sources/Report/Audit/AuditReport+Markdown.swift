import Advice
import Configuration

extension AuditReport {
  /// For a comment in a pull request.
  package var markdown: String {
    var parts = ["**\(word)**: \(tally)" + (suppressed.isEmpty ? "" : "; \(suppressed.count) suppressed")]
    if !findings.isEmpty { parts.append(findingTable) }
    let fixes = findings.flatMap { finding in finding.fixes.map { (finding, $0) } }
    if !fixes.isEmpty { parts.append("Lines to write:\n\n" + fixes.map(Self.item).joined(separator: "\n")) }
    parts += budgets.map { BudgetReport($0, live: nil).markdown }
    if !suppressed.isEmpty { parts.append("Suppressed:\n\n" + suppressed.map(Self.item).joined(separator: "\n")) }
    if !verdict.gaps.isEmpty {
      parts.append("Not seen:\n\n" + verdict.gaps.map { "- " + Markdown.escaped($0.sentence) }.joined(separator: "\n"))
    }
    parts.append(Markdown.escaped("Next: \(next)"))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var findingTable: String {
    var table = TextTable([.init("severity"), .init("where"), .init("rule"), .init("finding")])
    for finding in findings {
      table.row([
        .init(finding.severity.rawValue), .init(finding.place.map { "\($0)" } ?? ""), .init(finding.rule.id),
        .init(finding.message),
      ])
    }
    return table.markdown()
  }

  private static func item(_ finding: Finding, _ fix: FixText) -> String {
    let place = finding.place.map { " (\(finding.rule.id), \($0))" } ?? " (\(finding.rule.id))"
    return "- \(Markdown.escaped(fix.label + place)): \(Markdown.code(fix.line))"
  }

  private static func item(_ item: SuppressedFinding) -> String {
    let place = item.finding.place.map { " \($0)" } ?? ""
    return "- "
      + Markdown.escaped("\(item.finding.rule.id)\(place): \(item.suppression.reason) (\(item.suppression.source))")
  }
}

extension BudgetReport {
  var markdown: String {
    let notes = sentences.map { "- " + Markdown.escaped($0) }.joined(separator: "\n")
    return Markdown.escaped(title) + "\n\n" + table.markdown() + (notes.isEmpty ? "" : "\n\n" + notes)
  }
}
