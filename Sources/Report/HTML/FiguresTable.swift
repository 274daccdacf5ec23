import Evidence
import Model

/// The comparison as a table: each figure with its interval, each change with its own, and the finding.
struct FiguresTable {
  let comparison: Comparison

  init(_ comparison: Comparison) { self.comparison = comparison }

  var html: [HTML] {
    guard !rows.isEmpty else { return [.element("p", "Neither run has figures.")] }
    var table = HTMLTable(
      "Figures before and after the change, with 95 % intervals", look: "figures",
      [
        .init("metric"), .init("before (\(comparison.before.run.id))", right: true),
        .init("after (\(comparison.after.run.id))", right: true), .init("change", right: true), .init("finding"),
      ])
    for row in rows {
      table.row([
        .init(row.metric.title), figure(row.metric, row.before), figure(row.metric, row.after), change(row),
        finding(row),
      ])
    }
    return [table.html]
      + notes.map { .element("p", ["class": "soft"], [HTML($0)]) }
      + refusals
  }

  /// Rows in which at least one side has something to say.
  private var rows: [ComparisonRow] { comparison.rows.filter { $0.before != nil || $0.after != nil } }

  private func figure(_ metric: Metric, _ figure: Figure?) -> HTMLTable.Cell {
    .init([HTML(Phrases.figure(metric, figure)), range(Phrases.interval(metric, figure?.interval))])
  }

  private func change(_ row: ComparisonRow) -> HTMLTable.Cell {
    let percent = Phrases.percent(row)
    return .init([HTML(percent == "-" ? Phrases.change(row) : percent), range(Phrases.changeInterval(row))])
  }

  private func range(_ text: String) -> HTML {
    text == "-" ? "" : .element("span", ["class": "range"], [HTML(text)])
  }

  private func finding(_ row: ComparisonRow) -> HTMLTable.Cell {
    let number = footnotes.firstIndex(of: row.note).map { " [\($0 + 1)]" }
    let note = row.note.isEmpty || number != nil ? "" : range(row.note)
    let word = row.finding == .notJudged ? "not judged" : row.finding.rawValue
    return .init([HTML(word + (number ?? "")), note], Phrases.ink(row.finding).look)
  }

  /// What would stand beside many rows stands below the table, once.
  private var footnotes: [String] {
    var notes: [String] = []
    for row in rows where !row.note.isEmpty && !notes.contains(row.note) {
      if rows.filter({ $0.note == row.note }).count > 2 { notes.append(row.note) }
    }
    return notes
  }

  private var notes: [String] {
    var notes = footnotes.enumerated().map { "[\($0 + 1)] \($1.capitalised)." }
    if rows.contains(where: { $0.before?.isCensored == true || $0.after?.isCensored == true }) {
      notes.append("Censored: the percentile lies at a timeout, so the true value is at least this, and unknown.")
    }
    let report = DiffReport(comparison)
    return notes + report.meansNotes + ["Intervals are of 95 %; \(Phrases.design(comparison)). \(report.marginNote)"]
  }

  private var refusals: [HTML] {
    guard !comparison.refusals.isEmpty else { return [] }
    return [.element("h3", "Why nothing is concluded"), .element("ul", comparison.refusals.map { .element("li", $0) })]
  }
}
