import Evidence
import Model

/// `poolops report run-12 run-13`: any two runs on one page. There is no verdict; what may be concluded stands first.
package struct ComparisonPage: Sendable {
  private let comparison: Comparison
  private let series: [RunSeries]
  private let checks: [Condition]
  private var before: Run { comparison.before.run }
  private var after: Run { comparison.after.run }

  /// - Parameters:
  ///   - series: of the same two runs, as recorded.
  ///   - checks: of the experiment of the second; their limits are drawn.
  package init(_ comparison: Comparison, before: RunSeries, after: RunSeries, checks: [Condition] = []) {
    self.comparison = comparison
    self.checks = checks
    let isOfOne = before.run.execution == after.run.execution
    var sides = [before, isOfOne ? after : after.following(before)]
    sides[0].isBefore = true
    sides[1].isBefore = false
    series = sides
  }

  package var text: String {
    HTMLPage(
      title: "\(before.id) and \(after.id)", subtitle: subtitle, heading: "\(before.id) compared with \(after.id)",
      body: [banner] + settings + [.element("h2", "Before and after")] + FiguresTable(comparison).html + charts
        + EnvironmentSection(runs: [comparison.before, comparison.after], differences: comparison.otherDifferences).html
        + reproduce,
      footer: ExecutionPage.footer
    ).text
  }

  private var subtitle: String {
    [before, after].map { "\($0.id): \($0.execution), \($0.arm.rawValue), \($0.started.text)" }
      .joined(separator: " · ")
  }

  private var banner: HTML {
    let ink: Style.Ink =
      comparison.hasRegression
      ? .bad : comparison.rows.contains { $0.finding == .improved } ? .good : .warning
    return .element(
      "div", ["class": "verdict \(ink.look)"],
      [.element("p", DiffReport(comparison).conclusion), .element("p", Phrases.design(comparison).capitalised + ".")])
  }

  private var settings: [HTML] {
    let head = HTML.element("h2", "Settings that differ")
    guard !comparison.settings.isEmpty else {
      return [head, .element("p", "The same settings were in force in both runs.")]
    }
    var table = HTMLTable(
      "Settings that differ", [.init("setting"), .init("before", right: true), .init("after", right: true)])
    for item in comparison.settings {
      table.row([.init([.element("code", item.name)]), .init(item.before), .init(item.after)])
    }
    return [head, table.html]
  }

  private var charts: [HTML] {
    let clock =
      before.execution == after.execution
      ? "The time is that of the execution, in which the blocks of both runs take turns."
      : "The runs stand one after the other; the time between them is left out."
    return ChartsSection(series: series, marks: [], checks: checks, clock: clock).html
  }

  private var reproduce: [HTML] {
    let lines = [
      "poolops diff \(before.id) \(after.id)", "poolops run show \(before.id)", "poolops run show \(after.id)",
    ]
    return [.element("h2", "The same in a terminal"), ExecutionPage.code(lines.joined(separator: "\n"))]
  }
}
