import Evidence
import Model

/// `poolops sweep` and `poolops sweep show`: the table of all cells, and the knee under each level of load.
package struct SweepReport: Sendable {
  let findings: SweepFindings
  package let execution: Execution
  /// Of a sweep that confirms the knee of another.
  package let confirmation: KneeConfirmation?
  var sweep: SweepRecord { findings.sweep }
  var spec: SweepSpec { sweep.spec }

  package init(_ findings: SweepFindings, of execution: Execution, confirmation: KneeConfirmation? = nil) {
    self.confirmation = confirmation
    self.findings = findings
    self.execution = execution
  }

  package var id: ExecutionID { sweep.id }
  package var levels: [SweepLevel] { spec.levels }
  /// The knees that keep the checks, by level.
  package var knees: [(level: SweepLevel, size: Int)] {
    findings.knees.compactMap { knee in knee.size.map { (knee.level, $0) } }
  }

  /// Whether no cell is missing.
  package var isWhole: Bool { sweep.finished != nil }

  package func text(_ style: Style) -> String {
    if let confirmation { return text(of: confirmation, style) }
    var parts = [heading(style), table.text(style)]
    if !kneeSentences.isEmpty { parts.append(list("Knee", kneeSentences, style)) }
    parts.append(list("How to read it", notes, style))
    if !findings.objections.isEmpty { parts.append(list("Objections", findings.objections, style)) }
    parts.append(style.paragraph("Next: \(next)", hanging: 6))
    return parts.joined(separator: "\n\n") + "\n"
  }

  package func markdown() -> String {
    if let confirmation { return markdown(of: confirmation) }
    var parts = ["### Sweep \(sweep.id)", Markdown.escaped(plan), table.markdown()]
    if !kneeSentences.isEmpty { parts.append(markdownList(kneeSentences.map(Markdown.escaped))) }
    parts.append(markdownList(notes.map(Markdown.escaped)))
    if !findings.objections.isEmpty {
      parts.append("Objections:\n\n" + markdownList(findings.objections.map(Markdown.escaped)))
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func heading(_ style: Style) -> String {
    style.paint("Sweep of \(sweep.id.experiment)", .strong) + "  \(sweep.id), \(execution.started.text)\n"
      + style.paragraph(plan)
  }

  func list(_ title: String, _ sentences: [String], _ style: Style) -> String {
    style.heading(title) + "\n"
      + sentences.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }.joined(separator: "\n")
  }

  // MARK: - The table

  /// What was to be measured, as a sentence.
  var plan: String {
    let blocks = "blocks of \(spec.duration.text) after \(spec.warmUp.text)"
    switch spec.mode {
    case .knee:
      let limit = sweep.limit.map { " up to \($0) connections" } ?? ""
      return
        "Search for the knee\(limit) at \(levelList): \(Phrases.count(measured, "size")) measured, \(repeats)\(blocks)."
    case .grid:
      return
        "\(Phrases.count(spec.sizes.count, "pool size")) at \(levelList): \(measured) of \(sweep.cells.count) cells measured, "
        + "\(repeats)\(blocks), in random order (seed \(execution.seed))."
    }
  }

  private var levelList: String { Phrases.list(spec.levels.map(\.text)) }
  private var repeats: String { spec.repeats == 1 ? "" : "\(spec.repeats) rounds of " }
  private var measured: Int { findings.cells.count { isOver($0) } }

  /// Whether nothing more will be measured in the cell.
  private func isOver(_ cell: SweepFindings.Cell) -> Bool {
    !cell.cell.cutOff.isEmpty || (cell.figures?.blocks ?? 0) >= spec.repeats
  }

  private static let metrics: [Metric] = [.throughput, .goodput, .latency(50), .latency(95)]
  private var hasIntervals: Bool { findings.cells.contains { $0.figures?[.goodput]?.interval != nil } }

  var table: TextTable {
    let isOpen = if case .rate? = spec.levels.first { true } else { false }
    var columns: [TextTable.Column] = [
      .init("pool", right: true), .init(isOpen ? "rate" : "users", right: true), .init("throughput", right: true),
      .init("goodput", right: true),
    ]
    if hasIntervals { columns.append(.init("goodput 95 %", right: true)) }
    columns += [
      .init("p50", right: true), .init("p95", right: true), .init("timeouts", right: true),
      .init("server CPU", right: true), .init("run"), .init(""),
    ]
    var table = TextTable(columns)
    for cell in findings.cells { table.row(row(cell)) }
    return table
  }

  private func row(_ cell: SweepFindings.Cell) -> [TextTable.Cell] {
    let isKnee = knee(of: cell)?.size == cell.cell.size
    let ink: Style.Ink = isKnee ? .strong : .plain
    func figure(_ metric: Metric) -> String {
      guard let figures = cell.figures else { return "-" }
      return figures[metric].map { Phrases.atLeast(metric, $0) } ?? "no data"
    }
    var cells: [TextTable.Cell] = [
      .init("\(cell.cell.size)", ink), .init(Self.number(cell.cell.level)), .init(figure(.throughput)),
      .init(figure(.goodput), ink),
    ]
    if hasIntervals { cells.append(.init(Phrases.interval(.goodput, cell.figures?[.goodput]?.interval))) }
    let timeouts = cell.timeouts.map(Metric.errorRate.text)
    return cells + [
      .init(figure(.latency(50))), .init(figure(.latency(95))),
      .init(timeouts ?? "-", (cell.timeouts ?? 0) > 0 ? .bad : .plain),
      .init(figure(.serverCPU)), .init(cell.cell.run.map { "\($0)" } ?? "-"), note(cell, isKnee: isKnee),
    ]
  }

  private static func number(_ level: SweepLevel) -> String {
    switch level {
    case .users(let users): "\(users)"
    case .rate(let rate): "\(decimal(rate, places: 3))/s"
    }
  }

  /// The most important thing to know of a cell.
  private func note(_ cell: SweepFindings.Cell, isKnee: Bool) -> TextTable.Cell {
    if !cell.cell.cutOff.isEmpty { return .init("cut off: \(cell.cell.cutOff)", .warning) }
    guard let figures = cell.figures else { return .init("not measured", .warning) }
    if figures.blocks < spec.repeats {
      return .init("\(figures.blocks) of \(spec.repeats) rounds", .warning)
    }
    let blocks = figures.blocks > spec.repeats ? "\(figures.blocks) blocks" : ""
    if isKnee { return .init("<- knee" + (blocks.isEmpty ? "" : ", \(blocks)"), .good) }
    let missed = cell.openChecks
    if missed.isEmpty { return .init(blocks) }
    let isNear = knee(of: cell).map { $0.size == nil && $0.goodputSize == cell.cell.size } ?? false
    let before = (blocks.isEmpty ? "" : "\(blocks); ") + (isNear ? "goodput's knee; " : "")
    return .init(before + "misses " + missed.map(\.rule).joined(separator: ", "), .faint)
  }

  private func knee(of cell: SweepFindings.Cell) -> Knee? { findings.knees.first { $0.level == cell.cell.level } }

  // MARK: - The knee

  var kneeSentences: [String] { findings.knees.map(sentence) }

  private func sentence(_ knee: Knee) -> String {
    let plateau = "the plateau of \(Metric.goodput.text(knee.plateau))"
    guard let size = knee.size else {
      let missed = knee.missed.map { "\($0.rule) (\($0.evidence))" }
      return
        "\(knee.level.text): no size keeps the checks. \(knee.goodputSize) connections reach \(plateau); "
        + "what the best of them misses: \(missed.joined(separator: "; ")).\(edge(knee))"
    }
    var text = "\(knee.level.text): \(size) connections, the fewest within 5 % of \(plateau) that keep the checks."
    if size > knee.goodputSize { text += " \(knee.goodputSize) have the goodput, and miss a check." }
    if let interval = knee.interval {
      let most = knee.isOpenAbove ? "\(interval.upperBound) or more" : "\(interval.upperBound)"
      text +=
        interval.lowerBound == interval.upperBound && !knee.isOpenAbove
        ? " By 95 % intervals over the rounds no other measured size is in question."
        : " By 95 % intervals over the rounds it lies from \(interval.lowerBound) to \(most)."
    }
    return text + edge(knee)
  }

  private func edge(_ knee: Knee) -> String {
    let size = knee.size ?? knee.goodputSize
    var text = ""
    if knee.edges.contains(.smallest) { text += " No smaller size than \(size) was measured: the knee may be lower." }
    if knee.edges.contains(.largest) { text += " Goodput still rises at \(size), the largest: the knee may be higher." }
    return text
  }

  // MARK: - Words around it

  var notes: [String] {
    var notes = [repetition] + [steadiness].compactMap { $0 }
    if spec.mode == .knee {
      notes.append("A search measures one size after the other: drift of the machine is not separated from them.")
    }
    let checks = findings.checks
    if checks.areStandIns {
      notes.append(
        "The experiment has no check of a single run: a size counts as good enough where "
          + (checks.isTold
            ? "no request fails."
            : "nobody times out and the wait's p95 is at most a tenth of acquire_timeout."))
    }
    if !checks.relative.isEmpty {
      notes.append("Not asked of a cell, as it compares with a baseline: \(rules(checks.relative)).")
    }
    let interruptions = execution.stages.count { $0.stage == .preflight } - 1
    if interruptions > 0 {
      notes.append("It was interrupted \(Phrases.count(interruptions, "time")): not all cells are of one sitting.")
    }
    return notes + ["The knee says where to look. It is no verdict: an experiment with it as the change gives one."]
  }

  /// Which cells were measured again, or should be.
  private var steadiness: String? {
    let limit = "\(decimal(SweepSpec.steadySpread * 100, places: 1)) %"
    if spec.again > 0 {
      let again = findings.cells.compactMap(Self.blocks(spec.repeats))
      guard !again.isEmpty else {
        return "No cell had to be measured again: their windows of 5 s spread by at most \(limit)."
      }
      return
        "Measured again, as windows of 5 s spread by more than \(limit); figures are the mean of all blocks: "
        + "\(again.joined(separator: "; "))."
    }
    let unsteady = findings.cells.filter(\.isUnsteady)
    guard let worst = unsteady.max(by: { ($0.spreads.max() ?? 0) < ($1.spreads.max() ?? 0) }), let run = worst.cell.run,
      let spread = worst.spreads.max()
    else { return nil }
    return
      "In \(unsteady.count) of \(Phrases.count(findings.cells.count, "cell")) windows of 5 s spread by more than \(limit), at most "
      + "by \(fixed(spread * 100, places: 1)) % (\(run)): --again 2 measures such cells again."
  }

  /// `run-41 (3 blocks: 4.1, 3.0 and 1.5 %)`; nil of a cell that was not measured again.
  private static func blocks(_ repeats: Int) -> (SweepFindings.Cell) -> String? {
    { cell in
      guard let blocks = cell.figures?.blocks, blocks > repeats, let run = cell.cell.run else { return nil }
      let spreads = Phrases.list(cell.spreads.map { fixed($0 * 100, places: 1) })
      return "\(run) (\(blocks) blocks: \(spreads) %)"
    }
  }

  private func rules(_ conditions: [Condition]) -> String { conditions.map(\.text).joined(separator: ", ") }

  /// How much a difference between two cells says.
  private var repetition: String {
    switch spec.repeats {
    case 1:
      "One measurement a cell\(spec.again > 0 ? " that was steady" : ""): a machine does not stand still, and a difference of a few percent may be its own. "
        + "Three rounds or more (--repeat 3) give intervals."
    case 2: "Two measurements a cell: too few for intervals, which three rounds or more give (--repeat 3)."
    default:
      spec.mode == .grid
        ? "Each round measured every cell once, in an order of its own: 'poolops diff' of two runs at one load pairs them by round."
        : "Figures are means over \(spec.repeats) blocks, with 95 % intervals."
    }
  }

  var next: String {
    let name = sweep.id.experiment
    guard sweep.finished != nil else { return "poolops sweep \(name) --resume" }
    guard let knee = findings.knees.last(where: { $0.size != nil })?.size else {
      let run = findings.cells.last { $0.figures != nil }?.cell.run
      return "poolops run " + (run.map { "show \($0)" } ?? "list")
    }
    return "poolops sweep confirm \(name)  (\(knee) connections against the present setting, in pairs)"
  }
}
