import Evidence
import Model

/// The figures of `diff` on a terminal: in the widest layout in which each finding stands on one line.
extension DiffReport {
  func figures(_ style: Style) -> String {
    let fitting = [separate(), merged()].first { $0.fits(style, last: Self.longestFinding) }
    return (fitting ?? compact()).text(style)
  }

  private static var longestFinding: Int { Finding.noDifference.rawValue.columns }

  /// The change and its percentage beside each other.
  private func separate() -> TextTable {
    var table = TextTable(
      sides + [.init("change", right: true), .init("percent", right: true), Self.interval, .init("finding")])
    for row in rows {
      table.row(
        front(row) + [
          .init(Phrases.change(row)), .init(Phrases.percent(row)), .init(Phrases.changeInterval(row)), last(row),
        ])
    }
    return table
  }

  /// The change in the unit of its interval.
  private func merged() -> TextTable {
    var table = TextTable(sides + [.init("change", right: true), Self.interval, .init("finding")])
    for row in rows {
      let percent = row.intervalIsAbsolute ? "-" : Phrases.percent(row)
      table.row(
        front(row) + [
          .init(percent == "-" ? Phrases.change(row) : percent), .init(Phrases.changeInterval(row)), last(row),
        ])
    }
    return table
  }

  /// For a terminal without room for all columns: the change stands under its metric.
  private func compact() -> TextTable {
    var table = TextTable(sides + [.init("finding")])
    for row in rows {
      table.row(front(row) + [last(row)])
      let interval = Phrases.changeInterval(row)
      let (change, percent) = (Phrases.change(row), Phrases.percent(row))
      let parts = [
        "change \(change)", percent == change ? "-" : percent, interval == "-" ? "-" : "95 % interval \(interval)",
      ]
      if row.change != nil { table.detail(parts.filter { $0 != "-" }.joined(separator: ", ")) }
    }
    return table
  }

  private static let interval = TextTable.Column("95 % interval", right: true)

  private var sides: [TextTable.Column] {
    [
      .init("metric"), .init(isOfGroups ? "before" : before, right: true),
      .init(isOfGroups ? "after" : after, right: true),
    ]
  }

  private func front(_ row: ComparisonRow) -> [TextTable.Cell] {
    [
      .init(row.metric.title), .init(Phrases.atLeast(row.metric, row.before)),
      .init(Phrases.atLeast(row.metric, row.after)),
    ]
  }

  private func last(_ row: ComparisonRow) -> TextTable.Cell { .init(finding(row), Phrases.ink(row.finding)) }
}
