import Evidence
import Model
import Monitor

/// How long an experiment will take.
package struct PlanEstimate: Hashable, Sendable {
  /// Applying the settings, reading them back and starting the load, for each block.
  static let overheadPerBlock = Duration.milliseconds(500)

  /// The longest that one takes, where it may end early.
  package var block: Duration
  /// Pairs after which the verdict may fall, ascending; the last is the planned end.
  package var looks: [Int]
  /// All steps of the rollout, before the first block.
  package var rollout = Duration.zero
  private let blocksAgain: Int
  private let isRamp: Bool

  package init(_ experiment: Experiment) {
    let shape = experiment.load.shape
    isRamp = experiment.isExhaustion
    if let rollout = experiment.rollout {
      self.rollout = (shape.warmUp + rollout.duration + Self.overheadPerBlock) * rollout.steps.count
    }
    blocksAgain = experiment.pairs.blocksAgain
    block = shape.warmUp + shape.duration + Self.overheadPerBlock
    looks = Look.points(of: experiment.pairs)
  }

  package var pairs: Int { looks.last ?? 0 }
  /// One block for a ramp, two for a pair.
  package var longest: Duration { rollout + block * (isRamp ? 1 : 2 * pairs) }
  /// Blocks that are measured again where the machine was disturbed, at most.
  package var again: Duration { isRamp ? .zero : block * blocksAgain }
  /// When the first look decides.
  package var shortest: Duration { rollout + block * (2 * (looks.first ?? 0)) }
}

/// `poolops experiment plan`: what would be done, in order. It touches nothing.
package struct PlanReport: Sendable {
  private let experiment: Experiment
  private let names: EnvironmentNames
  private let estimate: PlanEstimate
  private let changes: [SettingChange]
  private let calibration: Calibration?

  /// - Parameter calibration: of this experiment's load; nil where there is none.
  package init(_ experiment: Experiment, names: EnvironmentNames, calibration: Calibration? = nil) {
    self.experiment = experiment
    self.names = names
    self.calibration = calibration
    estimate = PlanEstimate(experiment)
    changes = SettingChange.all(of: experiment)
  }

  package func text(_ style: Style) -> String {
    let head = style.heading("Plan of \(experiment.name)") + "\n" + style.paragraph(experiment.title, indent: 2)
    var parts = [
      head, "This is a plan. It touches nothing.",
      section("Hypothesis", hypothesis, style),
      style.heading("Change, and its inverse") + "\n" + changeText(style),
    ]
    if !places.isEmpty { parts.append(section("Where, in this order; put back in the opposite one", places, style)) }
    parts += [
      style.heading("Stages") + "\n" + stageTable.text(style),
      section("Load, in each block", load, style), section("Time", time, style), section("It needs", needs, style),
      section("The load is stopped and staging put back when", guards, style),
      section("GO needs all of", checks, style), style.heading("Afterwards") + "\n" + afterwards.text(style),
      style.paragraph("Next: poolops experiment run \(experiment.name)"),
    ]
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var hypothesis: [String] {
    guard experiment.expects != .go else { return [experiment.hypothesis] }
    return [
      experiment.hypothesis, "It predicts \(experiment.expects.rawValue): this is tried in order to be rejected.",
    ]
  }

  /// The targets; empty where poolops's own pool is the only one.
  private var places: [String] {
    guard experiment.targets != [ExperimentTarget(.builtin)] else { return [] }
    return experiment.targets.map { target in
      let own = target.own.map { own in
        let changes = own.names.filter { own.baseline[$0] != own.change[$0] }
          .map { "\($0) \(own.baseline[$0] ?? "") to \(own.change[$0] ?? "")" }
        return ": " + changes.joined(separator: ", ")
      }
      return target.spec.place + (own ?? ": the settings above")
    }
  }

  private func section(_ title: String, _ lines: [String], _ style: Style) -> String {
    style.heading(title) + "\n"
      + lines.map { style.paragraph($0, indent: 2, hanging: lines.count > 1 ? 2 : 0) }.joined(separator: "\n")
  }

  private func changeText(_ style: Style) -> String {
    guard !experiment.isExhaustion else {
      return style.paragraph(
        "None: the ramp runs under the settings of the baseline, and what was there is put back.", indent: 2)
    }
    guard !changes.isEmpty else {
      return style.paragraph("None: baseline and change are the same, so this compares a pool with itself.", indent: 2)
    }
    var table = TextTable([
      .init("setting"), .init("before", right: true), .init("after", right: true), .init("apply writes"),
      .init("the inverse writes"),
    ])
    for change in changes {
      table.row([
        .init(change.key.rawValue), .init(change.beforeText), .init(change.afterText),
        .init(line(change, change.after)), .init(line(change, change.before)),
      ])
    }
    return table.text(style)
  }

  private func line(_ change: SettingChange, _ value: SettingValue) -> String {
    names.line(change.key, value)?.text ?? "no such setting"
  }

  /// The stages in the order in which they come, each with what it does.
  private var stages: [(stage: Stage, what: String)] {
    if experiment.isExhaustion { return rampStages }
    let baseline = estimate.pairs == 1 ? "One block" : "\(estimate.pairs) blocks"
    let order =
      estimate.pairs == 1
      ? "before the change, after the baseline"
      : "with the changed settings; within each pair a coin says which of the two comes first"
    return [
      (.preflight, "Checks that this is staging, that it is free, and what it holds now. Changes nothing.")
    ] + approach + [
      (.baseline, "\(baseline) of load with the settings before the change."),
      (.apply, "Writes the inverse to the journal, then the settings to the target. Once for each block."),
      (.verify, "Reads back what is in force. A difference ends the experiment and puts staging back."),
      (.retest, estimate.pairs == 1 ? "One block of load after the change." : "\(baseline) of load \(order)."),
      (.judge, judging),
      (.rollback, "Puts back what the target held before, where the verdict or a failure asks for it."),
      (.confirm, "Reads the target once more, after keeping or putting back."),
    ]
  }

  private var rampStages: [(stage: Stage, what: String)] {
    [
      (.preflight, "Checks that this is staging, that it is free, and what it holds now. Changes nothing."),
      (.apply, "Writes the inverse to the journal, then the baseline's settings to the target."),
      (.verify, "Reads back what is in force. A difference ends the experiment and puts staging back."),
      (.ramp, "The load grows, with the alert armed, until a moment after the first request failed."),
      (.judge, "Decides by how much the alert came before the failure."),
      (.rollback, "Puts back what the target held before."), (.confirm, "Reads the target once more."),
    ]
  }

  /// What comes before the first block.
  private var approach: [(stage: Stage, what: String)] {
    var stages: [(stage: Stage, what: String)] = []
    if experiment.rehearse {
      stages.append((.rehearse, "Applies the change and puts it back once, each read back, before any load is on."))
    }
    if let rollout = experiment.rollout {
      let steps = Phrases.list(rollout.steps.map { "\($0)" })
      let checks = Phrases.list(rollout.checks.map(\.text))
      stages.append(
        (
          .rollout,
          "\(rollout.duration.text) of load at max_size \(steps) in turn. The first that does not keep \(checks) is NO-GO."
        ))
    }
    return stages
  }

  private var judging: String {
    if estimate.pairs == 1 {
      return "Compares the two blocks. One pair never gives GO: drift of the machine is not separated from the change."
    }
    guard estimate.looks.count > 1 else { return "Compares the blocks and decides." }
    if experiment.pairs.stopping == .anyTime {
      return "Compares after every pair from the \(estimate.looks[0])th on and stops as soon as it is decided."
    }
    let looks = estimate.looks.map { "\($0)" }
    return "Compares after \(Phrases.list(looks)) pairs and stops at the first look that decides."
  }

  private var stageTable: TextTable {
    var table = TextTable([.init("stage"), .init("what it does")])
    for item in stages { table.row([.init(item.stage.rawValue), .init(item.what)]) }
    return table
  }

  private var load: [String] {
    let load = experiment.load
    let weights = load.transactions.map(\.weight).reduce(0, +)
    let shape = [ShapeText(load).plan, ShapeText(load).length, carrier, gauges].compactMap { $0 }
    guard load.isFlow else {
      return shape + load.transactions.map { "\($0.name), \($0.weight) of \(weights): \($0.text)" }
    }
    return shape
      + load.transactions.enumerated().map { number, step in
        let pause = step.pause.map { " after a pause of \(ShapeText.text($0))" } ?? ""
        let kept = step.captures.isEmpty ? "" : "; keeps \(Phrases.list(step.captures.map(\.name)))"
        return "step \(number + 1), \(step.name)\(pause): \(step.text)\(kept)"
      }
  }

  /// nil for statements over the pool that is tuned.
  private var carrier: String? {
    guard case .http(let http) = experiment.load.carrier else { return experiment.carrierFact }
    let connections = http.connections.map { ", over at most \(Phrases.count($0, "connection"))" } ?? ""
    return "HTTP \(http.version.rawValue) to \(http.base)\(connections)"
  }

  private var gauges: String? {
    if experiment.poolUnderLoad == .pooler { return "PgBouncer's console tells of its pool, asked every second" }
    return experiment.gauges.map { "the app tells of its pool at \($0.url), asked every second" }
  }

  private var time: [String] {
    if experiment.isExhaustion { return ["at most \(Phrases.time(estimate.longest)), if no request fails before"] }
    let pairs = Phrases.count(estimate.pairs, "pair")
    let each = decimal(estimate.block.seconds, places: 1)
    let steps = estimate.rollout == .zero ? "" : "\(Phrases.time(estimate.rollout)) of rollout, and "
    // A shape that may be through earlier takes this long only where it is not.
    let (most, about) = experiment.load.shape.mayEndEarly ? ("at most ", "at most") : ("", "about")
    let blocks = "\(steps)\(pairs) of 2 blocks of \(most)\(each) s, so \(about) \(Phrases.time(estimate.longest))"
    let early = "\(about) \(Phrases.time(estimate.shortest)) if the first look decides"
    let again =
      "up to \(Phrases.time(estimate.again)) more for blocks measured again, where the hypervisor takes CPU"
    let needed = calibration.flatMap { CalibrationReport($0).planLine(block: estimate.block) }
    return [blocks, estimate.looks.count > 1 ? early : nil, again, needed].compactMap { $0 }
  }

  /// Connections that poolops itself may use beside the load: one for its probes, one for its checks.
  private static let ownConnections = 2
  /// PostgreSQL's default of superuser_reserved_connections.
  private static let reservedByDefault = 3

  private var connections: Int {
    max(experiment.settings(of: .baseline).maxSize, experiment.settings(of: .retest).maxSize) + Self.ownConnections
  }

  /// Slots that ordinary roles may use; nil where only the server can say.
  private var slots: Int? {
    guard case .embedded(_, let settings) = experiment.staging else { return nil }
    let reserved = settings["superuser_reserved_connections"].flatMap { Int($0) } ?? Self.reservedByDefault
    let reservedForRole = settings["reserved_connections"].flatMap { Int($0) } ?? 0
    return (settings["max_connections"].flatMap { Int($0) } ?? 100) - reserved - reservedForRole
  }

  private var needs: [String] {
    var lines = ["up to \(connections) connections: \(connections - Self.ownConnections) of the pool, 2 of poolops"]
    if let slots {
      lines[0] += "; staging gives \(slots)"
      if connections > slots { lines.append("This does not fit. Raise max_connections in 'staging: settings'.") }
    }
    switch experiment.staging {
    case .embedded(let scale, _):
      lines.append("an embedded PostgreSQL with a dataset of scale \(scale); poolops starts it")
    case .urlFromEnvironment(let variable):
      lines.append("a database that carries the staging mark, with its URL in the variable \(variable)")
    }
    return lines
  }

  private var guards: [String] { experiment.guardsInForce.map(\.text) }
  private var checks: [String] { leadChecks ?? plainChecks }

  /// What decides of a ramp into exhaustion.
  private var leadChecks: [String]? {
    EarlyWarning.Rule(of: experiment).map { rule in
      let least = LeadTimes(rule: rule).guaranteed.map { ", by at least \(LeadTimes.text($0))" } ?? ""
      return [
        "a request fails, as it waited for a connection for \(rule.acquireTimeout?.text ?? "ever")",
        "the alert comes before it\(least); the pool is looked at every \(rule.interval.text)",
      ]
    }
  }

  private var plainChecks: [String] { experiment.checks.isEmpty ? ["no check is set"] : experiment.checks.map(\.text) }

  private var afterwards: TextTable {
    var table = TextTable([.init("verdict"), .init("what happens to the change")])
    for decision in Decision.allCases {
      table.row([.init(decision.rawValue), .init(Self.words(experiment.after.action(for: decision)))])
    }
    table.row(["failure, or Ctrl-C", "put back, and read back"])
    return table
  }

  private static func words(_ action: AfterSpec.Action) -> String {
    switch action {
    case .keep: "kept in staging, and read back"
    case .rollback: "put back, and read back"
    }
  }

  package var json: JSONValue {
    [
      "experiment": .string(experiment.name), "title": .string(experiment.title),
      "hypothesis": .string(experiment.hypothesis), "expects": .string(experiment.expects.rawValue),
      "changes": .array(changes.map(change)),
      "targets": .array(experiment.targets.map { ["kind": .string($0.spec.kind), "place": .string($0.spec.place)] }),
      "stages": .array(stages.map { ["stage": .string($0.stage.rawValue), "does": .string($0.what)] }),
      "pairs": .integer(estimate.pairs), "looks": .array(estimate.looks.map(JSONValue.integer)),
      "block_seconds": .number(estimate.block.seconds), "shortest_seconds": .number(estimate.shortest.seconds),
      "longest_seconds": .number(estimate.longest.seconds), "connections_needed": .integer(connections),
      "connections_available": JSONValue(slots), "guards": .array(experiment.guardsInForce.map { .string($0.text) }),
      "checks": .array(experiment.checks.map { .string($0.text) }),
      "after": .members(
        Decision.allCases.map { ($0.rawValue, .string(experiment.after.action(for: $0).rawValue)) }),
    ]
  }

  private func change(_ change: SettingChange) -> JSONValue {
    [
      "setting": .string(change.key.rawValue), "before": .string(change.beforeText),
      "after": .string(change.afterText), "apply": JSONValue(names.line(change.key, change.after)?.text),
      "inverse": JSONValue(names.line(change.key, change.before)?.text),
    ]
  }
}

extension TargetSpec {
  /// What is changed there, for people.
  fileprivate var place: String {
    switch self {
    case .builtin: "poolops's own pool, by its env file"
    case .app(let spec):
      "the app of \(spec.envFile), then \(spec.takesEffect.means.rawValue) by '\(spec.takesEffect.command.joined(separator: " "))'"
    case .pgBouncer(let spec):
      "PgBouncer of \(spec.consoleVariable), by \(spec.method == .set ? "SET" : "\(spec.ini ?? "its file") and RELOAD")"
    case .postgreSQL(let spec): "PostgreSQL of \(spec.urlVariable ?? "the staging"), by ALTER SYSTEM"
    case .command(let spec): "the command '\(spec.apply.joined(separator: " "))'"
    }
  }
}
