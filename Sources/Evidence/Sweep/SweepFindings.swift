import Model
import Statistics

/// What a sweep measured, cell by cell, and the knee under each level of load.
package struct SweepFindings: Hashable, Sendable {
  package struct Cell: Hashable, Sendable {
    package var cell: SweepCell
    /// nil where no block was measured to its end.
    package var figures: RunFigures?
    /// Share of the finished requests that were given up at a time limit.
    package var timeouts: Double?
    /// The checks that a cell can be judged by, each by its value.
    package var checks: [RuleOutcome] = []
    /// Goodput of each round.
    var rounds: [Int: Double] = [:]
    /// How far the goodput of each block wandered between its windows of 5 s, in order; none of blocks that are too short.
    package var spreads: [Double] = []

    /// By its value; nil where there is none, or a guard ended it.
    package var goodput: Double? { cell.cutOff.isEmpty ? figures?[.goodput]?.value : nil }
    package var keepsChecks: Bool { checks.allSatisfy { $0.status == .passed } }
    package var openChecks: [RuleOutcome] { checks.filter { $0.status != .passed } }
    package var isUnsteady: Bool { spreads.contains { $0 > SweepSpec.steadySpread } }
  }

  package var sweep: SweepRecord
  /// By level, then by size.
  package var cells: [Cell]
  /// One for each level of which anything was measured.
  package var knees: [Knee]
  /// As the experiment has them, or those that stand in for them: see `SweepChecks`.
  package var checks: SweepChecks
  /// Why figures may be wrong, as sentences that name the cell.
  package var objections: [String]

  /// - Parameters:
  ///   - experiment: as it was when the sweep began; nil where this poolops cannot read it any more.
  ///   - runs: of the cells, read with `SweepChecks.metrics`.
  package init(_ sweep: SweepRecord, experiment: Experiment?, runs: [RunID: MeasuredRun]) {
    let checks = SweepChecks(experiment)
    self.sweep = sweep
    self.checks = checks
    let ordered = sweep.cells.sorted { ($0.level, $0.size) < ($1.level, $1.size) }
    var objections: [String] = []
    let cells = ordered.map { cell in
      guard let run = cell.run.flatMap({ runs[$0] }), run.hasFigures else { return Cell(cell: cell) }
      let found = Cell(cell, run.measurement, spec: sweep.spec, load: experiment?.load, checks: checks)
      let name = "\(run.run.id) (pool \(cell.size), \(cell.level.text))"
      objections += (found.figures?.objections ?? []).map { "\(name): \($0)" }
      objections += run.measurement.impossible(under: cell.level).map { "\(name): \($0)" }
      return found
    }
    self.cells = cells
    self.objections = objections
    knees = Set(ordered.map(\.level)).sorted().compactMap { level in
      Knee(level, cells.filter { $0.cell.level == level }, isSearch: sweep.spec.mode == .knee)
    }
  }
}

extension SweepFindings.Cell {
  fileprivate init(
    _ cell: SweepCell, _ measurement: Measurement, spec: SweepSpec, load: LoadSpec?, checks: SweepChecks
  ) {
    self.init(cell: cell)
    figures = RunFigures([measurement], shape: load.map { spec.load($0, at: cell.level).shape })
    let timeouts = measurement.blocks.reduce(0) { $0 + $1.timeouts }
    self.timeouts = measurement.finished > 0 ? Double(timeouts) / Double(measurement.finished) : nil
    let judge = CheckJudge(before: measurement, after: measurement, pairs: [], level: .once, isPlain: true)
    self.checks = checks.conditions(acquireTimeout: measurement.run.wanted.acquireTimeout).map(judge.outcome)
    spreads = measurement.blocks.sorted { $0.block.pair < $1.block.pair }.compactMap(\.goodputSpread)
    rounds = Dictionary(
      measurement.blocks.compactMap { block in block[.goodput].map { (block.block.pair, $0) } },
      uniquingKeysWith: { $1 }
    )
  }
}

extension Measurement {
  /// Little's law as a bound: the users of a closed loop cannot be inside more often than they are. A percentile bounds the
  /// mean from below, as a tail of the requests took at least so long.
  fileprivate func impossible(under level: SweepLevel) -> [String] {
    guard case .users(let users) = level, !blocks.isEmpty else { return [] }
    let latency = pooled(.latency)
    let seconds = blocks.reduce(0) { $0 + $1.time }
    guard let mean = latency.mean, let p95 = latency.quantile(0.95), seconds > 0 else { return [] }
    let rate = Double(latency.count) / seconds
    // What began in the warm-up ends in the measured part.
    let most = Double(users) * (1 + Objections.littleResidual)
    var found: [String] = []
    if rate * mean / 1e9 > most {
      let inside = fixed(rate * mean / 1e9, places: 0)
      found.append("times and counts contradict each other: by Little's law \(inside) users were inside, of \(users)")
    }
    if rate * 0.05 * p95 / 1e9 > most {
      found.append("its p95 is too large for its throughput: the slowest 5 % alone would need more than \(users) users")
    }
    return found
  }
}

/// What a size must keep to be the knee.
package struct SweepChecks: Hashable, Sendable {
  /// The experiment's checks that say something of a single run.
  package var own: [Condition]
  /// Those that compare with a baseline: no cell is one.
  package var relative: [Condition]

  /// Whether the pool under load is not poolops's own, so that poolops does not know who gave up waiting in it.
  package var isTold: Bool

  package init(_ experiment: Experiment?) {
    isTold = experiment?.poolUnderLoad.isTold == true
    let checks = experiment?.checks ?? []
    own = checks.filter { !$0.isRelative }
    relative = checks.filter(\.isRelative)
  }

  /// Whether the experiment has none, and those of poolops stand in for them.
  package var areStandIns: Bool { own.isEmpty }

  /// Nobody gives up, and hardly anybody comes near it: one request in twenty waits for a tenth of the limit or longer.
  /// Of another pool than poolops's own: no request fails.
  package func conditions(acquireTimeout: Duration?) -> [Condition] {
    guard areStandIns else { return own }
    if isTold { return [Condition(metric: .errors, comparator: .equal, bound: .absolute(0), text: "errors == 0")] }
    var conditions = [
      Condition(metric: .acquireTimeouts, comparator: .equal, bound: .absolute(0), text: "acquire_timeouts == 0")
    ]
    if let limit = acquireTimeout.map({ $0 / 10 }) {
      conditions.append(
        Condition(
          metric: .wait(95), comparator: .lessOrEqual, bound: .absolute(limit.seconds),
          text: "wait_p(95) <= \(limit.text)"))
    }
    return conditions
  }

  /// What the cells' runs must be reduced to, beyond the metrics of tables.
  package var metrics: [Metric] { own.map(\.metric) }
}

extension Condition {
  fileprivate var isRelative: Bool { if case .baseline = bound { true } else { false } }
}

extension KneeSearch.Point {
  /// What a search learns from a cell.
  package init(_ cell: SweepCell, run: RecordedRun, spec: SweepSpec, experiment: Experiment) {
    let checks = SweepChecks(experiment)
    var measured = MeasuredRun(run.run, metrics: checks.metrics)
    for block in run.blocks { measured.take(block) }
    let found = SweepFindings.Cell(cell, measured.measurement, spec: spec, load: experiment.load, checks: checks)
    self.init(size: cell.size, goodput: found.goodput ?? 0, keepsChecks: found.goodput != nil && found.keepsChecks)
  }
}
