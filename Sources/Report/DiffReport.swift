import Evidence
import Model

/// `poolops diff`: two runs, or two groups of runs, beside each other, and what may be concluded from them.
package struct DiffReport: Sendable {
  let comparison: Comparison
  var before: String { comparison.before.name }
  var after: String { comparison.after.name }

  package init(_ comparison: Comparison) { self.comparison = comparison }

  /// - Parameter next: what to type, where it is not what follows an experiment.
  package func text(_ style: Style, next: String? = nil) -> String {
    var parts = [heading(style)]
    parts.append(style.heading("Settings") + "\n" + settings(style))
    if !comparison.otherDifferences.isEmpty {
      parts.append(
        style.heading("What else differs") + "\n" + differences(comparison.otherDifferences).text(style))
    }
    parts.append(rows.isEmpty ? "  No figures: neither run has a finished block." : figures(style))
    let below =
      footnotesBelow + (hasCensored ? [Self.boundNote] : []) + meansNotes + (rows.isEmpty ? [] : [marginNote])
    if !below.isEmpty {
      parts.append(below.map { style.paragraph($0, indent: 2, hanging: 4) }.joined(separator: "\n"))
    }
    parts += refusals(style)
    parts.append(style.paragraph(conclusion) + "\n" + style.paragraph("Next: \(next ?? self.next)", hanging: 6))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func heading(_ style: Style) -> String {
    let executions = Phrases.list(comparison.executions.map(\.description))
    return style.paint("\(before) \(style.arrow) \(after)", .strong) + "  \(executions)\n"
      + ([Phrases.design(comparison)] + again).map { style.paragraph($0) }.joined(separator: "\n")
  }

  private var again: [String] {
    [comparison.before, comparison.after].filter { !$0.measuredAgain.isEmpty }
      .map { "\($0.name): \($0.againSentence)" }
  }

  private func settings(_ style: Style) -> String {
    comparison.settings.isEmpty
      ? "  The same settings were in force in both runs." : differences(comparison.settings).text(style)
  }

  private func differences(_ list: [Difference]) -> TextTable {
    var table = TextTable([.init("setting"), .init(before, right: true), .init(after, right: true)])
    if list == comparison.otherDifferences { table = TextTable([.init(""), .init(before), .init(after)]) }
    for item in list { table.row([.init(item.name), .init(item.before), .init(item.after)]) }
    return table
  }

  /// Rows in which at least one side has something to say.
  var rows: [ComparisonRow] { comparison.rows.filter { $0.before != nil || $0.after != nil } }

  private func table() -> TextTable {
    var table = TextTable([
      .init("metric"), .init(columnTitle("before", before), right: true),
      .init(columnTitle("after", after), right: true),
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

  var isOfGroups: Bool { comparison.before.runs.count + comparison.after.runs.count > 2 }

  /// The names of a group stand in the heading, and would make the table too wide.
  private func columnTitle(_ side: String, _ name: String) -> String { isOfGroups ? side : "\(side) (\(name))" }

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

  /// `improved`, `inconclusive: needs 6 pairs, has 2`, `inconclusive [1]`.
  func finding(_ row: ComparisonRow) -> String {
    let word = row.finding.rawValue
    if row.note.isEmpty { return word }
    guard let number = footnotes.firstIndex(of: row.note) else { return "\(word): \(row.note)" }
    return "\(word) [\(number + 1)]"
  }

  private var footnotesBelow: [String] { footnotes.enumerated().map { "[\($0 + 1)] \($1)" } }

  private var notesBelow: [String] { footnotesBelow + (hasCensored ? [Self.censoredNote] : []) + meansNotes }

  /// Of noisy tails a reader would take it for a mistake.
  var meansNotes: [String] {
    let metrics = rows.filter(Phrases.meansMovedOtherWay).map(\.metric.title)
    guard !metrics.isEmpty else { return [] }
    return [
      "\(Phrases.list(metrics)): the means moved the other way than the pairs, as where a few blocks stand out; percent, "
        + "interval and finding are of the pairs."
    ]
  }

  private static let censoredNote = """
    (censored): the percentile lies at a timeout, so the true value is at least this, and unknown.
    """

  private static let boundNote = """
    >=: the percentile lies at a timeout (censored), so the true value is at least this, and unknown.
    """

  /// What the words about differences mean here.
  var marginNote: String {
    let margin = comparison.margin
    return
      "Margin: \(decimal(margin.relative * 100, places: 2)) %, and \(decimal(margin.failures * 100, places: 2)) percentage "
      + "points of failures."
  }

  private func refusals(_ style: Style) -> [String] {
    guard !comparison.refusals.isEmpty else { return [] }
    return [
      style.heading("Why nothing is concluded") + "\n"
        + comparison.refusals.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }
        .joined(separator: "\n")
    ]
  }

  private func named(_ finding: Finding) -> [String] {
    rows.filter { $0.finding == finding }.map(\.metric.title)
  }

  /// What was found, as a sentence or two for somebody who reads nothing else.
  package var conclusion: String {
    if let first = comparison.refusals.first {
      let more = comparison.refusals.count > 1 ? ", and \(comparison.refusals.count - 1) more" : ""
      return "Inconclusive: \(first)\(more)."
    }
    let judged = rows.filter { $0.finding != .notJudged }
    guard !judged.isEmpty else { return "Nothing could be judged: the runs have no figures that can be compared." }
    let open = named(.inconclusive)
    guard open.count < judged.count else { return "Inconclusive: no metric can be said to have improved or regressed." }
    return findings(open)
  }

  private func findings(_ open: [String]) -> String {
    let improved = named(.improved)
    let regressed = named(.regressed)
    var sentences: [String] = []
    if !regressed.isEmpty { sentences.append("Regressed: \(Phrases.list(regressed)).") }
    if !improved.isEmpty { sentences.append("Improved: \(Phrases.list(improved)).") }
    if regressed.isEmpty {
      sentences.append(improved.isEmpty ? "No metric improved or regressed." : "Nothing regressed.")
    }
    if !open.isEmpty { sentences.append("Inconclusive: \(Phrases.list(open)).") }
    if comparison.design == .beforeAfter {
      sentences.append("Drift of the machine between the runs may be part of this.")
    }
    return sentences.joined(separator: " ")
  }

  /// What to type now.
  package var next: String {
    let name = comparison.after.run.execution.experiment
    if !comparison.refusals.isEmpty || comparison.design == .beforeAfter {
      return "poolops experiment run \(name)  (it measures both alike)"
    }
    let isOpen = rows.allSatisfy { $0.finding == .inconclusive || $0.finding == .notJudged }
    if isOpen { return "poolops experiment run \(name)  (first give it more pairs or longer blocks)" }
    return comparison.hasRegression ? "poolops run show \(comparison.after.run.id)" : "poolops go-no-go"
  }

  /// The table of figures alone, for a runbook.
  var figuresMarkdown: String {
    ([table().markdown()] + notesBelow.map(Markdown.escaped)).joined(separator: "\n\n")
  }

  package func markdown() -> String {
    var parts = ["### \(before) to \(after)", Phrases.design(comparison).capitalised + "."]
    parts += again.map(Markdown.escaped)
    if !comparison.settings.isEmpty { parts.append(differences(comparison.settings).markdown()) }
    if !comparison.otherDifferences.isEmpty {
      parts.append("**What else differs**")
      parts.append(differences(comparison.otherDifferences).markdown())
    }
    if !rows.isEmpty { parts += [figuresMarkdown, marginNote] }
    if !comparison.refusals.isEmpty {
      parts.append("**Why nothing is concluded**")
      parts.append(comparison.refusals.map { "- " + Markdown.escaped($0) }.joined(separator: "\n"))
    }
    parts.append(Markdown.escaped(conclusion))
    return parts.joined(separator: "\n\n") + "\n"
  }

  package var json: JSONValue {
    [
      "before": Self.side(comparison.before), "after": Self.side(comparison.after), "design": design,
      "settings": .array(comparison.settings.map(Self.difference)),
      "other_differences": .array(comparison.otherDifferences.map(Self.difference)),
      "comparable": .bool(comparison.refusals.isEmpty),
      "refusals": .array(comparison.refusals.map(JSONValue.string)),
      "margin": [
        "relative": .number(comparison.margin.relative), "failures": .number(comparison.margin.failures),
      ],
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
      "run": .string("\(figures.run.id)"),
      "runs": .array(figures.runs.map { .string("\($0.id)") }), "execution": .string("\(figures.run.execution)"),
      "arm": .string(figures.run.arm.rawValue), "status": .string(figures.run.status.rawValue),
      "blocks": .integer(figures.blocks), "measured_seconds": .integer(figures.measuredSeconds),
      "measured_again": .array(figures.measuredAgain.map(JSONValue.string)),
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
    switch self {
    case .improved, .regressed, .inconclusive: rawValue
    case .noDifference: "no_difference"
    case .notJudged: "not_judged"
    }
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
