import Advice
import Configuration
import Model

extension AuditReport {
  /// The worst first; then the sums, what was read, and one closing line.
  /// - Parameter isQuiet: findings and the closing line only.
  package func text(_ style: Style, isQuiet: Bool = false) -> String {
    var parts = [headline(style)] + findingParts(style)
    if !isQuiet {
      parts += expectationPart(style) + budgetParts(style)
      parts += livePart(style)
    }
    parts += suppressedPart(style)
    if !isQuiet { parts += notePart(style) + sourcePart(style) }
    parts += gapPart(style)
    parts.append(style.paint(conclusion, ink) + ".\n" + style.paragraph("Next: \(next)", hanging: 6))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func headline(_ style: Style) -> String {
    let accepted = suppressed.isEmpty ? "" : "; \(suppressed.count) suppressed"
    return style.paint(word, ink) + "  " + tally + accepted + " in " + Phrases.count(read.count, "file")
  }

  private var ink: Style.Ink {
    switch verdict.status {
    case .noGo: .bad
    case .inconclusive: .warning
    default: .good
    }
  }

  // MARK: - Findings

  /// Why a rule's findings hurt stands with the first of them. Critical findings and warnings stand in full; of many
  /// notes of one rule the first.
  private func findingParts(_ style: Style) -> [String] {
    var explained: Set<String> = []
    var shown: [String: Int] = [:]
    let notes = findings.filter { $0.severity == .note }.reduce(into: [String: Int]()) {
      $0[$1.rule.id, default: 0] += 1
    }
    return findings.compactMap { finding in
      let id = finding.rule.id
      if finding.severity == .note, let count = notes[id], count > Self.mostNotes {
        shown[id, default: 0] += 1
        if let number = shown[id], number >= Self.mostNotes {
          return number == count ? "NOTE  \(id)\n  \(more(count - Self.mostNotes + 1))" : nil
        }
      }
      return text(finding, explains: explained.insert(id).inserted, style)
    }
  }

  private static let mostNotes = 6

  private func more(_ count: Int) -> String { "and \(Phrases.grouped(count)) more: --json lists all" }

  private func text(_ finding: Finding, explains: Bool, _ style: Style) -> String {
    let place = finding.place.map { "  \($0)".onOneLine } ?? ""
    var lines = [
      style.paint(finding.severity.rawValue.uppercased(), finding.severity.ink) + "  "
        + style.paint(finding.rule.id, .strong) + place
    ]
    lines.append(style.paragraph(finding.message.withStop, indent: 2))
    if explains {
      lines.append(style.paint(style.paragraph("Why: " + finding.rule.inShort, indent: 2, hanging: 5), .faint))
    }
    lines += finding.fixes.map { "  \($0.label.onOneLine):\n      \(style.paint($0.line, .good))" }
    lines += finding.related.map { style.paragraph("from \($0.place): \($0.text)", indent: 2, hanging: 5) }
    return lines.joined(separator: "\n")
  }

  // MARK: - The rest

  private func expectationPart(_ style: Style) -> [String] {
    guard !expectations.isEmpty else { return [] }
    var table = TextTable([.init(""), .init("expected"), .init("found")])
    for expectation in expectations {
      let isMet = expectation.found == nil
      let place = expectation.place.map { " (\($0))" } ?? ""
      table.row([
        .init(isMet ? style.tick : style.cross, isMet ? .good : .bad), .init(expectation.wanted),
        .init((expectation.found ?? "the same") + place),
      ])
    }
    return [style.heading("Expected values") + "\n" + table.text(style)]
  }

  /// Of many budgets those that fit are only counted.
  private func budgetParts(_ style: Style) -> [String] {
    let isMany = budgets.count > Self.mostBudgets
    let shown = isMany ? budgets.filter { $0.verdict != .fits } : budgets
    let rest = budgets.count - shown.count
    return shown.map { BudgetReport($0).text(style) }
      + (rest > 0 ? ["Slot budgets that fit: \(Phrases.grouped(rest)); --json lists all"] : [])
  }

  private static let mostBudgets = 6

  private func livePart(_ style: Style) -> [String] { live.map { LiveReport($0).parts(style) } ?? [] }

  private func suppressedPart(_ style: Style) -> [String] {
    guard !suppressed.isEmpty else { return [] }
    let lines = suppressed.map { item in
      let place = item.finding.place.map { " \($0)" } ?? ""
      let text = "\(item.finding.severity.rawValue) \(item.finding.rule.id)\(place): \(item.suppression.reason)"
      return style.paragraph("\(style.bullet) \(text) (\(item.suppression.source))", indent: 2, hanging: 2)
    }
    return [style.heading("Suppressed, with the reason given") + "\n" + lines.joined(separator: "\n")]
  }

  private func notePart(_ style: Style) -> [String] {
    let lines = remarks.filter { $0.weight == .notice }.map { remark in
      // A pool that has no name is called by its file, which stands there already.
      let name = "\(remark.place.file): "
      return "\(remark.place): \(remark.text.hasPrefix(name) ? String(remark.text.dropFirst(name.count)) : remark.text)"
    }
    guard !lines.isEmpty else { return [] }
    let isMany = lines.count > Self.named
    let shown = isMany ? lines.prefix(Self.named - 1) + [more(lines.count - Self.named + 1)] : lines[...]
    return [
      style.heading("Read with remarks") + "\n"
        + shown.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }.joined(separator: "\n")
    ]
  }

  /// So many files are named; more are counted.
  private static let named = 12

  private func sourcePart(_ style: Style) -> [String] {
    [("Read", read), ("Not read", notRead)].compactMap { title, sources in
      guard !sources.isEmpty else { return nil }
      guard sources.count > Self.named else {
        var table = TextTable([.init(""), .init("")])
        for source in sources { table.row([.init(source.path), .init(source.note)]) }
        return style.heading(title) + "\n" + table.text(style)
      }
      let notes = Dictionary(grouping: sources, by: \.note).map { ($0.key, $0.value.count) }
      let sorted = notes.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
      let counts = sorted.map { "\(Phrases.grouped($0.1)) \($0.0)" }
      return style.heading("\(title): \(Phrases.grouped(sources.count)) files") + "\n"
        + style.paragraph(counts.joined(separator: ", "), indent: 2)
    }
  }

  private func gapPart(_ style: Style) -> [String] {
    guard !verdict.gaps.isEmpty else { return [] }
    let lines = verdict.gaps.map { style.paragraph("\(style.bullet) \($0.sentence)", indent: 2, hanging: 2) }
    return [style.heading("Not seen") + "\n" + lines.joined(separator: "\n")]
  }
}

extension Finding.Severity {
  var ink: Style.Ink {
    switch self {
    case .critical: .bad
    case .warning: .warning
    case .note: .plain
    }
  }
}

extension Suppression {
  /// Who says so: the place of the comment, or the option.
  var source: String { place.map { "\($0)" } ?? "--ignore" }
}

extension AuditRule {
  /// The first sentence of the reason.
  var inShort: String {
    guard let end = why.firstRange(of: ". ")?.lowerBound else { return why }
    return String(why[...end])
  }
}

extension Place {
  /// Said by a running server, and not by a file.
  var isLive: Bool { file.hasPrefix("live:") }

  func isOnLine(of other: Place?) -> Bool { file == other?.file && line == other?.line }
}

extension AuditVerdict.Gap {
  /// With its place before it.
  var sentence: String { (place.map { "\($0): " } ?? "") + text }
}
