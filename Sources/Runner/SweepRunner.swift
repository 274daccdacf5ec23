import Evidence
import Model

/// How a sweep ended, for the command that started it.
package struct SweepResult: Sendable {
  /// nil when the preflight refused, so that nothing was recorded.
  package var id: ExecutionID?
  package var outcome: ExecutionOutcome
  /// Blocks that were measured, in this and in earlier attempts, and those that are missing, at most.
  package var measured: Int
  package var missing: Int
  /// Why it was not measured to its end, or staging not put back.
  package var failure: Failure?

  package var status: ExitStatus {
    switch outcome {
    case .rolledBack, .kept: .go
    case .rollbackUnverified: .rollbackUnverified
    case .failed where id == nil || failure?.isStop == true: failure?.status ?? .unexpected
    case .failed: .rolledBack
    case .running: .unexpected
    }
  }
}

/// Carries out one sweep: asks the machine for the next step and the plan for the next block, and acts through the ports.
package struct SweepRunner {
  /// What is begun, or gone on with.
  package enum Start: Sendable {
    case new(SweepSpec)
    case rest(of: ExecutionID)
  }

  let experiment: Experiment
  let source: ExperimentSource
  let sweep: SweepPorts
  private let start: Start
  private var machine = SweepMachine()
  private var plan: SweepPlan
  private(set) var id: ExecutionID?
  private var environment: [String: String] = [:]
  /// The pool's settings as the targets were read back.
  private var inForce: PoolSettings?
  /// Runs that are whole, and were cut off before they could be closed.
  private var unclosed: [RunID] = []
  private var failure: Failure?

  var ports: RunnerPorts { sweep.ports }

  package init(_ experiment: Experiment, source: ExperimentSource, _ start: Start, ports: SweepPorts) {
    self.experiment = experiment
    self.source = source
    self.start = start
    sweep = ports
    // Until the server was asked, and the record read.
    plan = SweepPlan(
      SweepSpec(sizes: [], levels: [], warmUp: .zero, duration: .seconds(1)), seed: source.seed, limit: nil)
  }

  package mutating func carryOut() -> SweepResult {
    var event = SweepMachine.Event.start
    while true {
      let step = machine.next(after: event)
      if case .end(let outcome) = step { return finish(outcome) }
      do throws(Failure) {
        try act(step)
        event = .done(next: plan.next)
      } catch {
        event = .failed(touched: note(error, during: step))
      }
    }
  }

  private mutating func act(_ step: SweepMachine.Step) throws(Failure) {
    switch step {
    case .preflight: try preflight()
    case .begin: try begin()
    case .apply(let block): try apply(block)
    case .measure(let block): try measure(block)
    case .rollback: try control.rollback()
    case .confirm: try control.confirmBack()
    case .end: break
    }
  }

  /// Keeps the first failure, which is the cause; returns whether the target may have been changed.
  private mutating func note(_ error: Failure, during step: SweepMachine.Step) -> Bool {
    if failure == nil { failure = error }
    guard let id else { return false }
    try? ports.record.recordEvent(id, kind: "failure", text: error.message)
    return control.mayOwe
  }

  private func finish(_ outcome: ExecutionOutcome) -> SweepResult {
    if let id {
      let open = plan.cells.filter { !plan.isOver($0) }.compactMap(\.run)
      for run in open { try? ports.record.finishRun(run, status: .aborted) }
      try? ports.record.finishExecution(id, outcome: outcome)
    }
    let (measured, ahead) = plan.progress
    return SweepResult(id: id, outcome: outcome, measured: measured, missing: ahead, failure: failure)
  }

  private func cell(_ block: SweepBlock) -> Experiment {
    experiment.cell(size: block.size, level: block.level, of: plan.spec)
  }

  private var stages: Stages { Stages(ports, of: id) }

  private var control: ChangeControl {
    guard let id else { preconditionFailure("nothing is changed before the sweep began") }
    return ChangeControl(ports, of: id, anyCell)
  }

  /// Leads to the targets: in another cell they differ in the wanted size alone.
  private var anyCell: Experiment {
    let spec = SweepSpec(sizes: [1], levels: [.users(1)], warmUp: .zero, duration: .seconds(1))
    return experiment.cell(size: 1, level: .users(1), of: spec)
  }
}

// MARK: - Beginning

extension SweepRunner {
  /// Looks only, so that a refusal leaves no trace.
  private mutating func preflight() throws(Failure) {
    try ports.interrupts.stopIfRequested()
    let own: ExecutionID? = if case .rest(let id) = start { id } else { nil }
    environment = try ports.preflight(anyCell, goingOnWith: own)
    let largest = try sweep.largestPool()
    switch start {
    case .new(let spec): try plan(spec, largest: largest)
    case .rest(let id): try goOn(with: try sweep.record.rest(of: id), largest: largest)
    }
  }

  private mutating func plan(_ spec: SweepSpec, largest: Int) throws(Failure) {
    try refuse(spec.mode == .grid ? spec.sizes : [], largest: largest)
    plan = SweepPlan(spec, seed: source.seed, limit: limit(spec, largest: largest))
  }

  /// A pool larger than its users has idle connections only.
  private func limit(_ spec: SweepSpec, largest: Int) -> Int {
    let users: Int = if case .users(let users) = spec.levels.last { users } else { .max }
    return max(1, min(largest, spec.sizes.last ?? .max, users))
  }

  private func refuse(_ sizes: [Int], largest: Int) throws(Failure) {
    let tooLarge = sizes.filter { $0 > largest }
    guard !tooLarge.isEmpty else { return }
    let list = tooLarge.map(String.init).joined(separator: ", ")
    throw Failure(
      .badConfiguration,
      "the server has free connection slots for a pool of \(max(0, largest)), besides poolops's own sessions; too large: \(list)",
      hint: "Raise max_connections (staging.embedded.settings), or leave those sizes out.")
  }

  private mutating func goOn(with rest: SweepRest, largest: Int) throws(Failure) {
    let sweep = rest.sweep
    let changed = Set(rest.environment.keys).union(environment.keys).subtracting(Self.notOfTheMachine).sorted().filter {
      rest.environment[$0] != environment[$0]
    }
    guard rest.environment.isEmpty || changed.isEmpty else {
      let list = changed.map { "\($0) was \(rest.environment[$0] ?? "unknown"), is \(environment[$0] ?? "unknown")" }
      throw Failure(
        .inconclusive, "\(sweep.id) was begun elsewhere: \(list.joined(separator: "; "))",
        hint: "Type 'poolops sweep \(sweep.id.experiment) --new' with its sizes to measure all of it here.")
    }
    try refuse(sweep.limit.map { [$0] } ?? sweep.spec.sizes, largest: largest)
    plan = SweepPlan(sweep.spec, seed: source.seed, limit: sweep.limit, stored: sweep.cells)
    for (index, cell) in sweep.cells.enumerated() { try goOn(with: cell, index, rest) }
  }

  /// Facts that may differ between the blocks of a sweep: the load is the cell's own.
  private static let notOfTheMachine: Set = ["git_commit", "code_digest", "load"]

  private mutating func goOn(
    with cell: SweepCell, _ index: Int, _ rest: SweepRest
  ) throws(Failure) {
    guard let run = cell.run else { return }
    let measured = (rest.rounds[run] ?? []).filter { $0 < plan.spec.repeats + plan.spec.again }
    let unsteady = measured.isEmpty ? [] : try unsteadyBlocks(of: run)
    for round in measured {
      let block = SweepBlock(size: cell.size, level: cell.level, round: round, position: 0)
      plan.finished(block, isUnsteady: unsteady.contains(round))
    }
    // A run without a whole block stays as it was cut off, and the cell is measured anew.
    if measured.isEmpty, cell.cutOff.isEmpty { plan.set(nil, ofCell: index) }
    guard plan.isOver(cell) else { return }
    if cell.cutOff.isEmpty, !rest.finished.contains(run) { unclosed.append(run) }
    try learn(from: cell, run)
  }

  /// None where it does not matter.
  private func unsteadyBlocks(of run: RunID) throws(Failure) -> Set<Int> {
    plan.spec.again > 0 ? try ports.record.recordedRun(run).unsteadyBlocks : []
  }

  private mutating func learn(from cell: SweepCell, _ run: RunID) throws(Failure) {
    guard plan.spec.mode == .knee else { return }
    let recorded = try ports.record.recordedRun(run)
    plan.take(KneeSearch.Point(cell, run: recorded, spec: plan.spec, experiment: experiment))
  }

  private mutating func begin() throws(Failure) {
    switch start {
    case .rest(let id):
      try sweep.record.reopen(id)
      self.id = id
      for run in unclosed { try ports.record.finishRun(run, status: .finished) }
      for cell in plan.cells where !plan.isOver(cell) {
        if let run = cell.run { try sweep.record.reopenRun(run) }
      }
    case .new:
      let id = try ports.record.beginExecution(
        experiment: experiment.name, text: source.text, digest: source.digest, seed: source.seed)
      self.id = id
      try sweep.record.beginSweep(id, plan.spec, limit: plan.limit, cells: plan.cells)
    }
    guard let id else { return }
    let row = try ports.record.beginStage(id, .preflight)
    try ports.record.finishStage(row, outcome: .passed, note: "staging is ready")
    let (measured, ahead) = plan.progress
    sweep.observer.began(id, measured: measured, ahead: ahead)
    if plan.next == nil { try sweep.record.finishSweep(id) }
  }
}

// MARK: - Measuring

extension SweepRunner {
  private mutating func apply(_ block: SweepBlock) throws(Failure) {
    inForce = try control.apply(Aim(cell(block), .baseline), as: "settings of a pool of \(block.size)")
  }

  private mutating func measure(_ block: SweepBlock) throws(Failure) {
    guard let id else { preconditionFailure("nothing is measured before the sweep began") }
    let index = try cellIndex(of: block, id)
    let run = try run(of: index, block, id)
    let (measured, ahead) = plan.progress
    sweep.observer.began(block, measured: measured, ahead: ahead)
    let note = "pool \(block.size), \(block.level.text)"
    let cutOff = try stages.carryOut(.cell, note) { () throws(Failure) in
      let reason = try blockOfLoad(block, run: run)
      return (reason, reason.isEmpty ? note : "\(note): \(reason)")
    }
    try close(block, index, run, cutOff: cutOff, id)
    sweep.observer.finished(block, cutOff: cutOff)
    if plan.next == nil { try sweep.record.finishSweep(id) }
  }

  private mutating func close(
    _ block: SweepBlock, _ index: Int, _ run: RunID, cutOff: String, _ id: ExecutionID
  ) throws(Failure) {
    if cutOff.isEmpty {
      plan.finished(block, isUnsteady: try unsteadyBlocks(of: run).contains(block.round))
    } else {
      try sweep.record.cutOff(cutOff, cell: plan.cells[index].position, id)
      plan.cutOff(block, cutOff)
    }
    let cell = plan.cells[index]
    guard plan.isOver(cell) else { return }
    try ports.record.finishRun(run, status: cutOff.isEmpty ? .finished : .aborted)
    try learn(from: cell, run)
  }

  private mutating func cellIndex(of block: SweepBlock, _ id: ExecutionID) throws(Failure) -> Int {
    if let index = plan.cell(of: block) { return index }
    let cell = SweepCell(position: plan.cells.count, size: block.size, level: block.level)
    try sweep.record.addCell(cell, to: id)
    plan.add(cell)
    return plan.cells.count - 1
  }

  private mutating func run(of index: Int, _ block: SweepBlock, _ id: ExecutionID) throws(Failure) -> RunID {
    if let run = plan.cells[index].run { return run }
    let experiment = cell(block)
    var facts = environment
    facts["load"] = experiment.load.summary
    let run = try ports.record.beginRun(
      id, arm: .baseline, step: nil, wanted: experiment.settings(of: .baseline), environment: facts)
    try sweep.record.setRun(run, ofCell: plan.cells[index].position, id)
    plan.set(run, ofCell: index)
    return run
  }

  /// - Returns: the guard that ended it, as a sentence; empty otherwise.
  private func blockOfLoad(_ block: SweepBlock, run: RunID) throws(Failure) -> String {
    let row = try ports.record.beginBlock(run: run, pair: block.round, position: block.position)
    do throws(Failure) {
      // The targets are looked at from before the load begins until after it has ended.
      try ports.watch.begin(.baseline, of: cell(block))
      defer { ports.watch.end() }
      guard let trip = try load(block, row) else { return "" }
      try ports.record.finishBlock(row, status: .aborted, effective: nil, inFlight: 0)
      return trip
    } catch {
      try? ports.record.finishBlock(row, status: .aborted, effective: nil, inFlight: 0)
      throw error
    }
  }

  private func load(_ block: SweepBlock, _ row: Int) throws(Failure) -> String? {
    let aim = Aim(cell(block), .baseline)
    // Failing requests are what a pool that is too small does: only the file's own guards end a cell.
    var watch = GuardWatch(aim.experiment.guards, settings: aim.settings, pool: aim.experiment.poolUnderLoad)
    var isRunning = true
    sweep.choose(aim.experiment)
    try ports.load.begin(seed: source.seed &+ UInt64(block.position))
    defer { if isRunning { _ = try? ports.load.end() } }
    while true {
      let update = try ports.load.poll()
      try ports.record.append(slices: update.slices, samples: update.samples, toBlock: row)
      sweep.observer.live(update.live)
      try ports.interrupts.stopIfRequested()
      if let trip = watch.take(update) { return trip }
      if let drift = ports.watch.drift() { throw Failure(.rolledBack, drift) }
      if update.isFinished { break }
    }
    isRunning = false
    let ending = try ports.load.end()
    try ports.record.append(slices: ending.slices, samples: ending.samples, toBlock: row)
    if let drift = ports.watch.lastLook() { throw Failure(.rolledBack, drift) }
    try aim.expect(ending.effective)
    try ports.record.finishBlock(
      row, status: .finished, effective: ending.effective ?? inForce, inFlight: ending.inFlight)
    return nil
  }
}

extension GuardWatch {
  fileprivate mutating func take(_ update: LoadUpdate) -> String? {
    for slice in update.slices { if let trip = take(slice) { return trip.sentence } }
    for sample in update.samples { if let trip = take(sample) { return trip.sentence } }
    return nil
  }
}
