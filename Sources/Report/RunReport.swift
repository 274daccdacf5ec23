import Evidence
import Model
import Monitor

/// `poolops run list`.
package struct RunListReport: Sendable {
  package struct Item: Sendable {
    package var run: Run
    /// nil where nothing was measured to the end.
    package var figures: RunFigures?
    /// Names that people gave it.
    package var tags: [String]
    package init(run: Run, figures: RunFigures?, tags: [String] = []) {
      self.run = run
      self.figures = figures
      self.tags = tags
    }
  }

  private let items: [Item]
  private let now: Timestamp
  private let isMeasuring: Bool
  private static let metrics: [Metric] = [.goodput, .latency(95), .errorRate]

  /// - Parameters:
  ///   - items: newest first.
  ///   - isMeasuring: whether an execution is under way here; else a run without an end was left by one that died.
  package init(_ items: [Item], now: Timestamp, isMeasuring: Bool) {
    self.items = items
    self.now = now
    self.isMeasuring = isMeasuring
  }

  package func text(_ style: Style) -> String {
    guard let newest = items.first else {
      return "No run is recorded yet.\nNext: poolops experiment list\n"
    }
    var table = TextTable(
      [.init("run"), .init("execution"), .init("arm"), .init("status"), .init("max_size", right: true)]
        + Self.metrics.map { .init($0.title, right: true) } + [.init("started")], indent: 0)
    for item in items {
      let status = item.run.status
      table.row(
        [
          .init((["\(item.run.id)"] + item.tags).joined(separator: " ")), .init("\(item.run.execution)"),
          .init(item.run.part),
          .init(status.rawValue, status == .finished ? .plain : .warning), .init("\(item.run.wanted.maxSize)"),
        ] + Self.metrics.map { .init(figure($0, item)) } + [.init(item.run.started.text)])
    }
    let below = endless.map { [$0.sentence, "Next: \($0.next)"] } ?? ["Next: poolops run show \(newest.run.id)"]
    return table.text(style) + "\n\n" + below.map { style.paragraph($0) + "\n" }.joined()
  }

  private func figure(_ metric: Metric, _ item: Item) -> String {
    let isAhead = isMeasuring && item.run.status == .running && item.figures?[metric] == nil
    return isAhead ? "not yet" : Phrases.figure(metric, item.figures?[metric])
  }

  /// What there is to say of runs without an end, and to type.
  private var endless: (sentence: String, next: String)? {
    let runs = items.map(\.run).filter { $0.status == .running }
    guard let newest = runs.first, let oldest = runs.last else { return nil }
    let names = Phrases.list(runs.reversed().map { "\($0.id)" })
    let (isOne, time) = (runs.count == 1, Phrases.time(now.duration(since: oldest.started)))
    guard isMeasuring else {
      return (
        "\(names) \(isOne ? "has" : "have") no end, and nothing is measured here now: the execution was killed, or is another machine's.",
        "poolops experiment recover"
      )
    }
    return (
      "\(names) \(isOne ? "is" : "are") under way, for \(time) now.", "poolops run show \(newest.id) --follow"
    )
  }

  package var json: JSONValue {
    .array(
      items.map { item in
        [
          "run": .string("\(item.run.id)"), "tags": .array(item.tags.map(JSONValue.string)),
          "execution": .string("\(item.run.execution)"), "kind": .string(item.run.kind.rawValue),
          "arm": .string(item.run.arm.rawValue), "step": JSONValue(item.run.step),
          "status": .string(item.run.status.rawValue),
          "started": .string(item.run.started.text), "ended": JSONValue(item.run.ended?.text),
          "settings": .settings(item.run.wanted),
          "figures": .members(Self.metrics.map { ($0.word, .figure(item.figures?[$0])) }),
        ]
      })
  }
}

/// `poolops run show run-12`.
package struct RunReport: Sendable {
  private let figures: RunFigures
  private let other: RunID?
  private let tags: [String]
  private let recoveries: [SpikeRecovery]
  private let times: RequestTimesSection?
  private let endurance: EnduranceSection?
  private let lead: LeadSection?
  private var run: Run { figures.run }

  /// - Parameters:
  ///   - other: the run of the other arm of the same execution, to name the next command with.
  ///   - tags: names that people gave it.
  ///   - recoveries: of a spike, block by block.
  ///   - times: nil where they were not read.
  ///   - endurance: nil for a run of short blocks.
  ///   - lead: of a ramp into exhaustion that came to its end.
  package init(
    _ figures: RunFigures, other: RunID? = nil, tags: [String] = [], recoveries: [SpikeRecovery] = [],
    times: RequestTimes? = nil, endurance: Endurance? = nil, lead: LeadTimes? = nil
  ) {
    self.lead = lead.map { LeadSection(times: $0, run: figures.run.id) }
    self.recoveries = recoveries
    self.tags = tags
    self.times = times.map { RequestTimesSection(times: $0) }
    self.endurance = endurance.map { EnduranceSection(endurance: $0) }
    self.figures = figures
    self.other = other
  }

  package func text(_ style: Style) -> String {
    var parts = [identity(style)]
    if let lead { parts.append(style.heading(LeadSection.heading) + "\n" + lead.summary(style)) }
    parts.append(settings(style))
    parts.append(style.heading("Figures") + "\n" + measured(style))
    if let times { parts.append(style.heading(RequestTimesSection.heading) + "\n" + times.text(style)) }
    if let endurance { parts.append(style.heading(EnduranceSection.heading) + "\n" + endurance.text(style)) }
    parts.append(style.heading("Requests") + "\n" + requests(style))
    parts += RunPartsReport(figures, recoveries).sections(style)
    if !run.environment.isEmpty { parts.append(style.heading("Environment") + "\n" + environment.text(style)) }
    parts.append(style.heading("Objections") + "\n" + objections(style))
    parts.append(style.paragraph(next, hanging: 6))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private func identity(_ style: Style) -> String {
    let period = run.ended.map { " to \($0.text)" } ?? ", no end recorded"
    var lines = [
      style.paint("\(run.id)", .strong) + "  \(run.execution), \(run.part), "
        + style.paint(run.status.rawValue, run.status == .finished ? .plain : .warning),
      style.paragraph("\(run.started.text)\(period)"),
      style.paragraph("\(Phrases.count(figures.blocks, "block")), \(figures.measuredSeconds) s measured"),
    ]
    if !figures.measuredAgain.isEmpty { lines.append(style.paragraph(figures.againSentence)) }
    if !tags.isEmpty { lines.append(style.paragraph("called \(Phrases.list(tags))")) }
    if run.status == .aborted { lines.append("This run ended early. It is not averaged into anything.") }
    return lines.joined(separator: "\n")
  }

  private func settings(_ style: Style) -> String {
    var table = TextTable([.init("setting"), .init("wanted", right: true), .init("in force", right: true), .init("")])
    let wanted = run.wanted.texts
    let effective = figures.effective?.texts
    for key in SettingKey.allCases {
      let found = effective?[key]
      let differs = found != nil && found != wanted[key]
      table.row([
        .init(key.rawValue), .init(wanted[key] ?? ""), .init(found ?? "not known"),
        .init(differs ? "differs" : "", .bad),
      ])
    }
    return style.heading("Settings") + "\n" + table.text(style)
  }

  private func group(_ metric: Metric) -> String {
    let pool = run.poolUnderLoad
    return switch metric {
    case .acquireTimeouts where pool.isTold: pool.title
    case .throughput, .goodput, .errorRate, .errors, .acquireTimeouts: "Load"
    case .latency: "Latency, from when a request was due"
    case .wait, .query: pool.timesTitle
    case .serverCPU, .machineCPU, .cpuPerThousand, .backendMemory, .sessionRate, .replicationLag, .freeSlots: "Server"
    case .connectionsUsed, .poolUtilisation, .waiting: pool.title
    case .flowSuccess, .flow: "Flow, from when a visit was due to its last answer"
    case .breakingPoint: "Breaking point, in users"
    case .latencyDrift, .memoryDrift: "Over the run"
    }
  }

  /// The usual ones in their order, then whatever else was measured.
  private var metrics: [Metric] {
    let usual = RunFigures.tableMetrics.filter { figures[$0] != nil }
    let others = figures.figures.keys.filter { !usual.contains($0) }.sorted { $0.word < $1.word }
    return usual + others
  }

  private func measured(_ style: Style) -> String {
    guard !metrics.isEmpty else { return "  None: no block was measured to its end." }
    var table = TextTable([
      .init("metric"), .init("value", right: true), .init("95 % interval", right: true), .init("blocks", right: true),
      .init("samples", right: true),
    ])
    let groups = metrics.map(group)
    for group in groups.indices.filter({ groups.firstIndex(of: groups[$0]) == $0 }).map({ groups[$0] }) {
      table.section("  " + group)
      for metric in metrics where self.group(metric) == group {
        guard let figure = figures[metric] else { continue }
        table.row([
          .init("  " + metric.title), .init(Phrases.figure(metric, figure)),
          .init(Phrases.interval(metric, figure.interval)), .init("\(figure.blocks)"),
          .init(Phrases.grouped(figure.samples)),
        ])
      }
    }
    return table.text(style) + (run.poolUnderLoad.isTold ? "\n" + style.paragraph(poolNote, indent: 2) : "")
  }

  /// What figures of a pool that is not poolops's own rest on.
  private var poolNote: String {
    let isOfApp = run.poolUnderLoad == .app
    guard metrics.contains(where: \.isOfPool) else {
      return isOfApp
        ? "The app told nothing of its pool: name its endpoint under 'gauges' in the experiment."
        : "PgBouncer's console told nothing of its pool."
    }
    return
      "The pool's figures are what \(isOfApp ? "the app" : "PgBouncer's console") told at single moments, one a second: "
      + "peaks between two are not seen."
  }

  private var failures: Int { figures.failed.values.reduce(0, +) }

  /// The counts add up: due = completed + failed + in flight. The errors are listed by class, the most frequent first.
  private func requests(_ style: Style) -> String {
    var table = TextTable([.init(""), .init("", right: true)])
    table.row(["due", .init(Phrases.grouped(figures.due))])
    table.row(["completed", .init(Phrases.grouped(figures.completed))])
    table.row(["failed", .init(Phrases.grouped(failures), failures == 0 ? .plain : .bad)])
    for (kind, count) in errors { table.row([.init("  " + kind), .init(Phrases.grouped(count))]) }
    table.row(["in flight at the end", .init(Phrases.grouped(figures.inFlight))])
    return table.text(style)
  }

  private var errors: [(String, Int)] {
    figures.failed.map { ($0.key.word, $0.value) }.filter { $0.1 > 0 }
      .sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }
  }

  private var environment: TextTable {
    var table = TextTable([.init(""), .init("")])
    for (name, value) in run.environment.sorted(by: { $0.key < $1.key }) { table.row([.init(name), .init(value)]) }
    return table
  }

  private func objections(_ style: Style) -> String {
    guard !figures.objections.isEmpty else { return "  None: the run can support a verdict." }
    return figures.objections.map { style.paragraph("\(style.bullet) \($0)", indent: 2, hanging: 2) }
      .joined(separator: "\n")
  }

  private var next: String {
    if run.status == .running { return "Next: poolops run show \(run.id) --follow" }
    if run.kind == .sweep { return "Next: poolops sweep show \(run.execution)" }
    guard run.status != .aborted else { return "Next: poolops experiment run \(run.execution.experiment)" }
    guard let other else { return "Next: poolops run list" }
    return "Next: poolops diff \(min(run.id, other)) \(max(run.id, other))"
  }

  package var json: JSONValue {
    guard case .object(let members) = common else { return common }
    return .object(members + RunPartsReport(figures, recoveries).json)
  }

  private var common: JSONValue {
    [
      "run": .string("\(run.id)"), "tags": .array(tags.map(JSONValue.string)),
      "execution": .string("\(run.execution)"), "kind": .string(run.kind.rawValue), "arm": .string(run.arm.rawValue),
      "step": JSONValue(run.step),
      "status": .string(run.status.rawValue), "started": .string(run.started.text),
      "ended": JSONValue(run.ended?.text), "blocks": .integer(figures.blocks),
      "measured_seconds": .integer(figures.measuredSeconds), "wanted": .settings(run.wanted),
      "effective": figures.effective.map(JSONValue.settings) ?? nil,
      "figures": .array(metrics.map(figure)),
      "requests": [
        "due": .integer(figures.due), "completed": .integer(figures.completed), "failed": .integer(failures),
        "in_flight": .integer(figures.inFlight), "errors": .members(errors.map { ($0.0, .integer($0.1)) }),
      ],
      "times": times?.json ?? nil, "endurance": endurance?.json ?? nil,
      "lead": lead?.json ?? nil,
      "environment": .members(run.environment.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }),
      "measured_again": .array(figures.measuredAgain.map(JSONValue.string)),
      "objections": .array(figures.objections.map(JSONValue.string)),
    ]
  }

  private func figure(_ metric: Metric) -> JSONValue {
    guard case .object(let members) = JSONValue.figure(figures[metric]) else { return nil }
    let name: [JSONValue.Member] = [
      .init(key: "metric", value: .string(metric.word)), .init(key: "unit", value: .string(metric.unit.word)),
    ]
    return .object(name + members)
  }
}

extension JSONValue {
  /// Every setting by its neutral name, as an experiment file writes it.
  static func settings(_ settings: PoolSettings) -> JSONValue {
    let texts = settings.texts
    return .members(SettingKey.allCases.map { ($0.rawValue, JSONValue(texts[$0])) })
  }
}

extension Run {
  /// Its part in the execution. Only an experiment has two arms.
  fileprivate var part: String {
    kind == .experiment ? step.map { "step to \($0)" } ?? arm.rawValue : kind.rawValue
  }
}
