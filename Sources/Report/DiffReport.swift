import Evidence
import Model

/// `poolops diff`: two runs beside each other, and what may be concluded from them.
package struct DiffReport: Sendable {
  private let comparison: Comparison
  private var before: RunID { comparison.before.run.id }
  private var after: RunID { comparison.after.run.id }

  package init(_ comparison: Comparison) { self.comparison = comparison }

  package func text(_ style: Style) -> String {
    var parts = [heading(style)]
    parts.append(style.heading("Settings") + "\n" + settings(style))
    if !comparison.otherDifferences.isEmpty {
      parts.append(
        style.heading("What else differs") + "\n" + differences(comparison.otherDifferences).text(style))
    }
    parts.append(rows.isEmpty ? "  No figures: neither run has a finished block." : figures(style))
    let below = notesBelow
    if !below.isEmpty {
      parts.append(below.map { style.paragraph($0, indent: 2, hanging: 4) }.joined(separator: "\n"))
    }
    parts += objections(style)
    parts.append(style.paragraph(conclusion) + "\n" + style.paragraph("Next: \(next)", hanging: 6))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func heading(_ style: Style) -> String {
    let executions =
      comparison.before.run.execution == comparison.after.run.execution
      ? "\(comparison.before.run.execution)"
      : "\(comparison.before.run.execution) and \(comparison.after.run.execution)"
    return style.paint("\(before) \(style.arrow) \(after)", .strong) + "  \(executions)\n"
      + style.paragraph(Phrases.design(comparison.design))
  }

  private func settings(_ style: Style) -> String {
    comparison.settings.isEmpty
      ? "  The same settings were in force in both runs." : differences(comparison.settings).text(style)
  }

  private func differences(_ list: [Difference]) -> TextTable {
    var table = TextTable([.init("setting"), .init("\(before)", right: true), .init("\(after)", right: true)])
    if list == comparison.otherDifferences { table = TextTable([.init(""), .init("\(before)"), .init("\(after)")]) }
    for item in list { table.row([.init(item.name), .init(item.before), .init(item.after)]) }
    return table
  }

  /// Rows in which at least one side has something to say.
  private var rows: [ComparisonRow] { comparison.rows.filter { $0.before != nil || $0.after != nil } }

  private func table() -> TextTable {
    var table = TextTable([
      .init("metric"), .init("before (\(before))", right: true), .init("after (\(after))", right: true),
      .init("change", right: true), .init("percent", right: true), .init("95 % interval", right: true),
      .init("finding"),
    ])
    for row in rows {
      table.row([
        .init(row.metric.title), .init(Phrases.figure(row.metric, row.before)),
        .init(Phrases.figure(row.metric, row.after)), .init(Phrases.change(row)), .init(Phrases.percent(row)),
        .init(Phrases.changeInterval(row)), .init(finding(row), Phrases.ink(row.finding)),
      ])
    }
    return table
  }

  private func figures(_ style: Style) -> String {
    let full = table()
    return full.fits(style) ? full.text(style) : compact().text(style)
  }

  /// For a terminal without room for all columns: the change stands under its metric.
  private func compact() -> TextTable {
    var table = TextTable([
      .init("metric"), .init("\(before)", right: true), .init("\(after)", right: true), .init("finding"),
    ])
    for row in rows {
      table.row([
        .init(row.metric.title), .init(Phrases.figure(row.metric, row.before)),
        .init(Phrases.figure(row.metric, row.after)), .init(finding(row), Phrases.ink(row.finding)),
      ])
      let interval = Phrases.changeInterval(row)
      let parts = [
        "change \(Phrases.change(row))", Phrases.percent(row), interval == "-" ? "-" : "95 % interval \(interval)",
      ]
      if row.change != nil { table.detail(parts.filter { $0 != "-" }.joined(separator: ", ")) }
    }
    return table
  }

  private var hasCensored: Bool {
    rows.contains { $0.before?.isCensored == true || $0.after?.isCensored == true }
  }

  /// The longest note that stands beside its finding; others stand below the table, once each.
  private static let longestInline = 30

  private var footnotes: [String] {
    var notes: [String] = []
    for row in rows where !row.note.isEmpty && !notes.contains(row.note) {
      let isRepeated = rows.filter { $0.note == row.note }.count > 1
      if isRepeated || row.note.columns > Self.longestInline { notes.append(row.note) }
    }
    return notes
  }

  /// `better`, `not enough evidence: needs 6 pairs, has 2`, `not enough evidence [1]`.
  private func finding(_ row: ComparisonRow) -> String {
    let word = row.finding.rawValue
    if row.note.isEmpty { return word }
    guard let number = footnotes.firstIndex(of: row.note) else { return "\(word): \(row.note)" }
    return "\(word) [\(number + 1)]"
  }

  private var notesBelow: [String] {
    footnotes.enumerated().map { "[\($0 + 1)] \($1)" } + (hasCensored ? [Self.censoredNote] : [])
  }

  private static let censoredNote = """
    (censored): the percentile lies at a timeout, so the true value is at least this, and unknown.
    """

  private func objections(_ style: Style) -> [String] {
    let all = [comparison.before, comparison.after].flatMap { run in
      run.objections.map { "\(style.bullet) \(run.run.id): \($0)" }
    }
    guard !all.isEmpty else { return [] }
    return [
      style.heading("Objections") + "\n"
        + all.map { style.paragraph($0, indent: 2, hanging: 2) }.joined(separator: "\n")
    ]
  }

  private func named(_ finding: Finding) -> [String] {
    rows.filter { $0.finding == finding }.map(\.metric.title)
  }

  /// What was found, as a sentence or two for somebody who reads nothing else.
  package var conclusion: String {
    guard comparison.otherDifferences.isEmpty else {
      let what = Phrases.list(comparison.otherDifferences.map(\.name))
      return "The runs also differ in \(what), so the comparison says nothing certain about the settings."
    }
    let judged = rows.filter { $0.finding != .notJudged }
    guard !judged.isEmpty else { return "Nothing could be judged: the runs have no figures that can be compared." }
    let open = named(.notEnoughEvidence)
    guard open.count < judged.count else { return "There is not enough evidence to call any metric better or worse." }
    return findings(open)
  }

  private func findings(_ open: [String]) -> String {
    let better = named(.better)
    let worse = named(.worse)
    var sentences: [String] = []
    if !worse.isEmpty { sentences.append("Worse: \(Phrases.list(worse)).") }
    if !better.isEmpty { sentences.append("Better: \(Phrases.list(better)).") }
    if worse.isEmpty { sentences.append(better.isEmpty ? "No metric is better or worse." : "Nothing is worse.") }
    if !open.isEmpty { sentences.append("Not enough evidence: \(Phrases.list(open)).") }
    if comparison.design == .beforeAfter {
      sentences.append("Drift of the machine between the runs may be part of this.")
    }
    return sentences.joined(separator: " ")
  }

  /// What to type now.
  package var next: String {
    let name = comparison.after.run.execution.experiment
    if !comparison.otherDifferences.isEmpty { return "poolops experiment run \(name)  (it measures both alike)" }
    let isOpen = rows.allSatisfy { $0.finding == .notEnoughEvidence || $0.finding == .notJudged }
    if isOpen { return "poolops experiment run \(name)  (first give it more pairs or longer blocks)" }
    return comparison.hasRegression ? "poolops run show \(after)" : "poolops go-no-go"
  }

  /// The table of figures alone, for a runbook.
  var figuresMarkdown: String {
    ([table().markdown()] + notesBelow.map(Markdown.escaped)).joined(separator: "\n\n")
  }

  package func markdown() -> String {
    var parts = ["### \(before) to \(after)", Phrases.design(comparison.design).capitalised + "."]
    if !comparison.settings.isEmpty { parts.append(differences(comparison.settings).markdown()) }
    if !comparison.otherDifferences.isEmpty {
      parts.append("**What else differs**")
      parts.append(differences(comparison.otherDifferences).markdown())
    }
    if !rows.isEmpty { parts.append(figuresMarkdown) }
    parts += [comparison.before, comparison.after].flatMap { run in
      run.objections.map { "- Objection to \(run.run.id): \(Markdown.escaped($0))" }
    }
    parts.append(conclusion)
    return parts.joined(separator: "\n\n") + "\n"
  }

  package var json: JSONValue {
    [
      "before": Self.side(comparison.before), "after": Self.side(comparison.after), "design": design,
      "settings": .array(comparison.settings.map(Self.difference)),
      "other_differences": .array(comparison.otherDifferences.map(Self.difference)),
      "comparable": .bool(comparison.otherDifferences.isEmpty),
      "regression": .bool(comparison.hasRegression),
      "metrics": .array(comparison.rows.map(Self.row)),
      "conclusion": .string(conclusion),
    ]
  }

  private var design: JSONValue {
    switch comparison.design {
    case .pairedBlocks(let pairs): ["kind": "paired_blocks", "pairs": .integer(pairs)]
    case .beforeAfter: ["kind": "before_after", "pairs": nil]
    }
  }

  private static func side(_ figures: RunFigures) -> JSONValue {
    [
      "run": .string("\(figures.run.id)"), "execution": .string("\(figures.run.execution)"),
      "arm": .string(figures.run.arm.rawValue), "status": .string(figures.run.status.rawValue),
      "blocks": .integer(figures.blocks), "measured_seconds": .integer(figures.measuredSeconds),
      "objections": .array(figures.objections.map(JSONValue.string)),
    ]
  }

  private static func difference(_ item: Difference) -> JSONValue {
    ["name": .string(item.name), "before": .string(item.before), "after": .string(item.after)]
  }

  private static func row(_ row: ComparisonRow) -> JSONValue {
    [
      "metric": .string(row.metric.word), "unit": .string(row.metric.unit.word), "before": .figure(row.before),
      "after": .figure(row.after), "change": JSONValue(row.change), "relative": JSONValue(row.relative),
      "interval": JSONValue(row.interval),
      "interval_of": .string(row.intervalIsAbsolute ? "change" : "relative"),
      "finding": .string(row.finding.jsonWord), "note": .string(row.note),
    ]
  }
}

extension Finding {
  /// Without spaces, for programs: `no_difference`.
  fileprivate var jsonWord: String {
    self == .notJudged ? "not_judged" : String(rawValue.map { $0 == " " ? "_" : $0 })
  }
}

extension Metric.Unit {
  /// As `--json` names it; the values beside it are in this unit.
  var word: String {
    switch self {
    case .seconds, .cpuSeconds: "seconds"
    case .perSecond: "per_second"
    case .fraction: "fraction"
    case .count: "count"
    case .bytes: "bytes"
    }
  }
}

extension JSONValue {
  /// A figure with what it rests on; null where there is none.
  static func figure(_ figure: Figure?) -> JSONValue {
    guard let figure else { return nil }
    return [
      "value": .number(figure.value), "interval": JSONValue(figure.interval), "blocks": .integer(figure.blocks),
      "samples": .integer(figure.samples), "censored": .bool(figure.isCensored),
    ]
  }
}
