import Evidence
import Model
import Monitor

/// `poolops report`: an execution on one page, the verdict first, then what it rests on.
package struct ExecutionPage: Sendable {
  let execution: Execution
  let experiment: Experiment?
  let comparison: Comparison?
  let runs: [RunFigures]
  let series: [RunSeries]
  let endurance: [(run: RunID, said: Endurance)]
  let lead: LeadSection?

  /// - Parameters:
  ///   - experiment: as it was when it was measured; nil where it cannot be read any more.
  ///   - comparison: nil where an arm has no finished block.
  ///   - runs: baseline first, those that were begun.
  ///   - series: of the same runs.
  ///   - endurance: of those that have a long block.
  ///   - lead: of a ramp into exhaustion that came to its end.
  package init(
    _ execution: Execution, experiment: Experiment?, comparison: Comparison?, runs: [RunFigures], series: [RunSeries],
    endurance: [(run: RunID, said: Endurance)] = [], lead: LeadTimes? = nil
  ) {
    self.lead = lead.flatMap { times in execution.runs.first.map { LeadSection(times: times, run: $0) } }
    self.endurance = endurance
    self.execution = execution
    self.experiment = experiment
    self.comparison = comparison
    self.runs = runs
    self.series = series
  }

  package var text: String {
    HTMLPage(
      title: "\(execution.id): \(decision)", subtitle: subtitle, heading: experiment?.title ?? "\(execution.id)",
      body: verdictSection + changeSection + figuresSection + enduranceSection + charts + eventsSection
        + environmentSection + reproduceSection,
      footer: Self.footer
    ).text
  }

  private var subtitle: String {
    let runs = execution.runs.isEmpty ? [] : [Phrases.list(execution.runs.map { "\($0)" })]
    return (["\(execution.id)", execution.started.text] + runs).joined(separator: " · ")
  }

  private var decision: String { execution.verdict?.decision.rawValue ?? "not judged" }

  private var report: VerdictReport {
    VerdictReport(
      execution, comparison: comparison, changes: experiment.map(SettingChange.all) ?? [],
      expects: experiment?.expects ?? .go)
  }

  // MARK: Verdict

  private var verdictSection: [HTML] {
    var parts: [HTML] = []
    if execution.outcome == .rollbackUnverified { parts.append(alarm) }
    parts.append(banner)
    if let rules = execution.verdict?.rules, !rules.isEmpty { parts.append(Self.table(of: rules)) }
    if let evidence = report.evidence { parts.append(.element("p", ["class": "soft"], [HTML(evidence)])) }
    return parts
  }

  private var alarm: HTML {
    .element(
      "div", ["class": "verdict bad", "role": "note"],
      [
        .element("p", ["class": "decision"], ["Staging may not be as it was."]),
        .element("p", "The way back could not be verified. It is still written down in the journal: "),
        .element("p", [.element("code", "poolops experiment recover")]),
      ])
  }

  private var banner: HTML {
    let verdict = execution.verdict
    let mark = verdict.map { Self.mark($0.decision) + " " } ?? ""
    let words = verdict.map { [$0.reason] + report.surprise($0) } ?? [report.whyNotJudged]
    return .element(
      "div", ["class": "verdict \((verdict.map { Rules.ink($0.decision) } ?? .warning).look)"],
      [
        .element("p", ["class": "decision"], [HTML(mark + (verdict?.decision.rawValue ?? "Not judged"))]),
        .element("p", words.joined(separator: " ")), .element("p", report.outcome),
      ])
  }

  private static func mark(_ decision: Decision) -> String {
    switch decision {
    case .go: "✓"
    case .noGo: "✗"
    case .inconclusive: "?"
    }
  }

  private static func table(of rules: [RuleOutcome]) -> HTML {
    var table = HTMLTable("Rules of the verdict", [.init("result"), .init("rule"), .init("evidence")])
    for rule in Rules.ordered(rules) {
      let word = "\(Rules.mark(rule.status, Style())) \(Rules.word(rule.status))"
      table.row([
        .init(word, "nowrap " + Rules.ink(rule.status).look), .init([.element("code", rule.rule)]),
        .init(rule.evidence),
      ])
    }
    return table.html
  }

  // MARK: Change

  private var changeSection: [HTML] {
    var parts: [HTML] = [.element("h2", execution.kind == .exhaustion ? "What was tried" : "What was changed")]
    if let hypothesis = experiment?.hypothesis { parts.append(.element("p", hypothesis)) }
    let changes = experiment.map(SettingChange.all) ?? []
    guard !changes.isEmpty else {
      let why = experiment == nil ? "The experiment cannot be read any more." : "No setting was changed."
      if execution.kind == .exhaustion, experiment != nil { return parts }
      return parts + [.element("p", why)]
    }
    var table = HTMLTable(
      "Settings that were changed",
      [.init("setting"), .init("before", right: true), .init("after", right: true), .init("in force")])
    for change in changes {
      table.row([
        .init([.element("code", change.key.rawValue)]), .init(change.beforeText), .init(change.afterText),
        .init(inForce(change.key)),
      ])
    }
    return parts + [table.html]
  }

  private func inForce(_ key: SettingKey) -> String {
    guard !runs.isEmpty, runs.allSatisfy({ $0.effective != nil }) else { return "not known" }
    let agree = runs.allSatisfy { $0.effective?[key] == $0.run.wanted[key] }
    return agree ? "read back in \(Phrases.list(runs.map { "\($0.run.id)" }))" : "not confirmed by the pool"
  }

  // MARK: Figures

  private var figuresSection: [HTML] {
    if execution.kind == .exhaustion { return warningSection }
    let head = HTML.element("h2", "Before and after")
    guard let comparison else {
      let begun = runs.filter { $0.blocks > 0 }.map { "\($0.run.id)" }
      let why = begun.isEmpty ? "No block was measured to its end" : "Only \(Phrases.list(begun)) has finished blocks"
      return [head, .element("p", "\(why): nothing can be compared.")]
    }
    return [head, .element("p", DiffReport(comparison).conclusion)] + FiguresTable(comparison).html
  }

  /// A ramp has one run, and nothing to compare it with.
  private var warningSection: [HTML] {
    [.element("h2", LeadSection.heading)]
      + (lead?.html ?? [.element("p", "The ramp did not come to its end: what its alert did is not known.")])
  }

  private var enduranceSection: [HTML] {
    guard !endurance.isEmpty else { return [] }
    return [.element("h2", EnduranceSection.heading)]
      + endurance.flatMap { [.element("h3", "\($0.run)")] + EnduranceSection(endurance: $0.said).html }
  }

  private var charts: [HTML] {
    ChartsSection(
      series: series, marks: TimelineMark.all(of: execution), checks: experiment?.checks ?? [],
      clock: execution.kind == .exhaustion
        ? "The time is that of the execution."
        : "The time is that of the execution, in which the blocks of both runs take turns."
    ).html
  }

  static let footer = "Made from recorded evidence alone: the same results give the same page."
}
