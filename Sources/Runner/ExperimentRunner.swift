import Evidence
import Model

/// How an execution ended, for the command that started it.
package struct ExecutionResult: Sendable {
  /// nil when the preflight refused, so that nothing was recorded.
  package var id: ExecutionID?
  package var outcome: ExecutionOutcome
  package var runs: [Arm: RunID]
  package var verdict: Verdict?
  /// Why it was not judged.
  package var failure: Failure?

  package var status: ExitStatus {
    switch (outcome, verdict?.decision) {
    case (.kept, .go), (.rolledBack, .go): .go
    case (.kept, .noGo), (.rolledBack, .noGo): .noGo
    case (.kept, .inconclusive), (.rolledBack, .inconclusive): .inconclusive
    case (.rollbackUnverified, _): .rollbackUnverified
    case (.failed, _) where failure?.status == .interrupted || failure?.status == .terminated:
      failure?.status ?? .interrupted
    case (.failed, _): id == nil ? failure?.status ?? .unexpected : .rolledBack
    default: .unexpected
    }
  }
}

/// Everything that the runner acts through.
package struct RunnerPorts {
  package var staging: any StagingPort
  package var load: any LoadPort
  package var record: any RecordPort
  package var observer: any Observer
  package var interrupts: any InterruptPort
  package init(
    staging: any StagingPort, load: any LoadPort, record: any RecordPort, observer: any Observer,
    interrupts: any InterruptPort
  ) {
    self.staging = staging
    self.load = load
    self.record = record
    self.observer = observer
    self.interrupts = interrupts
  }
}

/// Carries out one execution: asks the machine for the next step, acts through the ports, reports what came of it.
package struct ExperimentRunner {
  /// Verdict over the pairs measured so far.
  package typealias Judge = (_ baseline: RecordedRun, _ retest: RecordedRun) -> Verdict

  private let experiment: Experiment
  private let source: ExperimentSource
  private let ports: RunnerPorts
  private let judge: Judge
  private var machine: ExecutionMachine

  private var id: ExecutionID?
  private var environment: [String: String] = [:]
  private var runs: [Arm: RunID] = [:]
  private var verdict: Verdict?
  private var failure: Failure?

  /// - Parameter looks: numbers of pairs after which the verdict may end the execution early.
  package init(
    experiment: Experiment, source: ExperimentSource, looks: Set<Int>, ports: RunnerPorts, judge: @escaping Judge
  ) {
    self.experiment = experiment
    self.source = source
    self.ports = ports
    self.judge = judge
    let schedule = Schedule(pairs: experiment.pairs.count, seed: source.seed)
    machine = ExecutionMachine(schedule: schedule, looks: looks, after: experiment.after)
  }

  package mutating func carryOut() -> ExecutionResult {
    var event = ExecutionMachine.Event.start
    while true {
      let step = machine.next(after: event)
      if case .end(let outcome) = step { return finish(outcome) }
      do throws(Failure) {
        event = try act(step)
      } catch {
        event = .failed(touched: note(error, during: step))
      }
    }
  }

  private mutating func act(_ step: ExecutionMachine.Step) throws(Failure) -> ExecutionMachine.Event {
    switch step {
    case .preflight: try preflight()
    case .apply(let arm): try apply(arm)
    case .measure(let block): try measure(block)
    case .judge(let pairs): return .judged(try decide(pairs: pairs))
    case .rollback: try rollback()
    case .confirm(let outcome): try confirm(outcome)
    case .end: break
    }
    return .done
  }

  /// Keeps the first failure, which is the cause; returns whether the target may have been changed.
  private mutating func note(_ error: Failure, during step: ExecutionMachine.Step) -> Bool {
    if failure == nil { failure = error }
    guard let id else { return false }
    try? ports.record.recordEvent(id, kind: "failure", text: "\(step): \(error.message)")
    guard let owed = try? ports.record.openChanges() else { return true }
    return owed.contains { $0.execution == id }
  }

  private mutating func finish(_ outcome: ExecutionOutcome) -> ExecutionResult {
    if let id {
      for run in runs.values {
        try? ports.record.finishRun(run, status: verdict == nil ? .aborted : .finished)
      }
      try? ports.record.finishExecution(id, outcome: outcome)
    }
    return ExecutionResult(id: id, outcome: outcome, runs: runs, verdict: verdict, failure: failure)
  }

  /// Runs `body` as a stage: recorded before and after, shown, and left at once when a stop was requested.
  private func stage<Value>(
    _ stage: Stage, _ note: String, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> Value {
    try stopIfRequested()
    let row: Int? = if let id { try ports.record.beginStage(id, stage) } else { nil }
    let (value, found) = try shown(stage, note, row: row, body)
    if let row { try ports.record.finishStage(row, outcome: .passed, note: found) }
    return value
  }

  /// The stages that put staging back: not stoppable, and carried out even when they cannot be recorded (a full disk).
  private func assuredStage(_ stage: Stage, _ body: () throws(Failure) -> String) throws(Failure) {
    let row = id.flatMap { try? ports.record.beginStage($0, stage) }
    let (_, found) = try shown(stage, "", row: row) { () throws(Failure) in ((), try body()) }
    if let row { try? ports.record.finishStage(row, outcome: .passed, note: found) }
  }

  private func shown<Value>(
    _ stage: Stage, _ note: String, row: Int?, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> (Value, String) {
    ports.observer.began(stage, note: note)
    do throws(Failure) {
      let result = try body()
      ports.observer.finished(stage, .passed, note: result.1)
      return result
    } catch {
      let outcome: StageOutcome = error.isInterrupt ? .interrupted : .failed
      if let row { try? ports.record.finishStage(row, outcome: outcome, note: error.message) }
      ports.observer.finished(stage, outcome, note: error.message)
      throw error
    }
  }

  private func stopIfRequested() throws(Failure) {
    guard let status = ports.interrupts.requested else { return }
    throw Failure(status, status == .terminated ? "stopped by a signal" : "interrupted")
  }
}

/// Where the experiment came from, as recorded with the execution.
package struct ExperimentSource: Hashable, Sendable {
  package var text: String
  /// SHA-256 of `text`, hexadecimal.
  package var digest: String
  package var seed: UInt64
  package init(text: String, digest: String, seed: UInt64) {
    self.text = text
    self.digest = digest
    self.seed = seed
  }
}

extension Failure {
  fileprivate var isInterrupt: Bool { status == .interrupted || status == .terminated }
}

// MARK: - Stages

extension ExperimentRunner {
  /// Looks only. The execution begins to exist when it passed, so that a refusal leaves no trace.
  private mutating func preflight() throws(Failure) {
    environment = try stage(.preflight, "") { () throws(Failure) in
      let facts = try ports.staging.preflight()
      // Only now is the lock ours: before, an open undo could be that of an execution which is alive.
      try refuseOpenUndo()
      return (facts, "staging is ready")
    }
    let execution = try ports.record.beginExecution(
      experiment: experiment.name, text: source.text, digest: source.digest, seed: source.seed)
    id = execution
    ports.observer.began(execution)
    let row = try ports.record.beginStage(execution, .preflight)
    try ports.record.finishStage(row, outcome: .passed, note: "staging is ready")
  }

  private func refuseOpenUndo() throws(Failure) {
    guard let owed = Undo.owed(by: try ports.record.openChanges()).first else { return }
    throw Failure(
      .locked, "\(owed.execution) ended without putting back \(owed.locator)",
      hint: "Type 'poolops experiment recover' first.")
  }

  /// Journal, write, read back. Nothing is written where the target holds the wanted values already.
  private func apply(_ arm: Arm) throws(Failure) {
    let wanted = experiment.settings(of: arm)
    let change = try stage(.apply, "\(arm) settings") { () throws(Failure) in
      let before = try ports.staging.snapshot()
      let after = try ports.staging.planned(wanted, over: before)
      guard before != after else { return (nil as Change?, "\(arm) settings are there already") }
      return (try write(wanted, before: before, after: after), "\(arm) settings written")
    }
    try stage(.verify, "\(arm) settings") { () throws(Failure) in
      try expect(wanted, found: try ports.staging.effectiveSettings())
      if let change { try ports.record.setChange(change.id, state: .verified) }
      return ((), "\(arm) settings are in force")
    }
  }

  private func write(_ wanted: PoolSettings, before: String?, after: String) throws(Failure) -> Change {
    guard let id else { preconditionFailure("nothing is applied before the execution began") }
    let staging = ports.staging
    let change = try ports.record.recordChange(
      id, target: staging.targetName, locator: staging.targetLocator, before: before, after: after)
    try staging.apply(wanted)
    try ports.record.setChange(change.id, state: .applied)
    return change
  }

  private func expect(_ wanted: PoolSettings, found: PoolSettings) throws(Failure) {
    let wrong = SettingKey.allCases.filter { wanted[$0] != found[$0] }
    guard !wrong.isEmpty else { return }
    let list = wrong.map { "\($0.rawValue) is \(found[$0].text(for: $0)), wanted \(wanted[$0].text(for: $0))" }
    throw Failure(.noGo, "not in force: " + list.joined(separator: "; "))
  }

  private mutating func measure(_ block: PlannedBlock) throws(Failure) {
    let run = try self.run(of: block.arm)
    let count = experiment.pairs.count
    let name: Stage = block.arm == .baseline ? .baseline : .retest
    try stage(name, count == 1 ? "" : "pair \(block.pair + 1) of \(count)") { () throws(Failure) in
      let row = try ports.record.beginBlock(run: run, pair: block.pair, position: block.position)
      do throws(Failure) {
        return ((), try load(block, row: row))
      } catch {
        try? ports.record.finishBlock(row, status: .aborted, effective: nil, inFlight: 0)
        throw error
      }
    }
  }

  /// Both runs begin with the first block, so that the baseline always has the lower number.
  private mutating func run(of arm: Arm) throws(Failure) -> RunID {
    guard let id else { preconditionFailure("nothing is measured before the execution began") }
    for arm in Arm.allCases where runs[arm] == nil {
      runs[arm] = try ports.record.beginRun(
        id, arm: arm, wanted: experiment.settings(of: arm), environment: environment)
    }
    guard let run = runs[arm] else { preconditionFailure("every arm has its run") }
    return run
  }

  /// One block of load, watched by the guards; returns one line of what was seen.
  private func load(_ block: PlannedBlock, row: Int) throws(Failure) -> String {
    let wanted = experiment.settings(of: block.arm)
    var watch = GuardWatch(experiment.guardsInForce, settings: wanted, pool: experiment.load.poolUnderLoad)
    var isRunning = true
    try ports.load.begin(seed: source.seed &+ UInt64(block.position))
    defer { if isRunning { _ = try? ports.load.end() } }
    while true {
      let update = try ports.load.poll()
      try ports.record.append(slices: update.slices, samples: update.samples, toBlock: row)
      ports.observer.live(update.live, block: block)
      try stopIfRequested()
      try heed(&watch, update)
      if update.isFinished { break }
    }
    isRunning = false
    let ending = try ports.load.end()
    try ports.record.append(slices: ending.slices, samples: ending.samples, toBlock: row)
    try expect(wanted, found: ending.effective)
    try ports.record.finishBlock(row, status: .finished, effective: ending.effective, inFlight: ending.inFlight)
    return ""
  }

  private func heed(_ watch: inout GuardWatch, _ update: LoadUpdate) throws(Failure) {
    for slice in update.slices { try stop(at: watch.take(slice)) }
    for sample in update.samples { try stop(at: watch.take(sample)) }
  }

  private func stop(at trip: GuardWatch.Trip?) throws(Failure) {
    guard let trip else { return }
    let seen = trip.values.last.map { $0.isFinite ? trip.tripped.condition.metric.text($0) : "beyond a timeout" } ?? ""
    throw Failure(.rolledBack, "guard '\(trip.tripped.text)' tripped, with \(seen) at the last")
  }

  /// A look that leaves the question open is a stage with its note, and no verdict: what follows may be cut off.
  private mutating func decide(pairs: Int) throws(Failure) -> Decision {
    guard let id, let baseline = runs[.baseline], let retest = runs[.retest] else {
      preconditionFailure("a look comes after a whole pair")
    }
    let judge = judge
    let found = try stage(.judge, "") { () throws(Failure) in
      let verdict = judge(try ports.record.recordedRun(baseline), try ports.record.recordedRun(retest))
      return (verdict, "\(verdict.decision.rawValue): \(verdict.reason)")
    }
    guard found.decision != .inconclusive || pairs == experiment.pairs.count else { return found.decision }
    try ports.record.recordVerdict(id, found)
    verdict = found
    return found.decision
  }

  private func rollback() throws(Failure) {
    guard let owed = try owed() else { return }
    try assuredStage(.rollback) { () throws(Failure) in
      switch owed.decide(current: try ports.staging.snapshot()) {
      case .alreadyBack: return "\(owed.locator) holds what it held before"
      case .restore(let original):
        try ports.staging.restore(original)
        return "\(owed.locator) put back"
      case .conflict:
        throw Failure(
          .rollbackUnverified, "\(owed.locator) was changed by somebody else since; it was not overwritten",
          hint: "Look at it, then type 'poolops experiment recover --force' to put back what was there before.")
      }
    }
  }

  private func confirm(_ outcome: ExecutionOutcome) throws(Failure) {
    let owed = try owed()
    try assuredStage(.confirm) { () throws(Failure) in
      outcome == .kept ? try confirmKept(owed) : try confirmBack(owed)
    }
  }

  private func confirmKept(_ owed: Undo?) throws(Failure) -> String {
    try expect(experiment.settings(of: .retest), found: try ports.staging.effectiveSettings())
    if let owed { try ports.record.closeChanges(owed.changes, as: .kept) }
    return "the change is in force and stays"
  }

  /// A journal that cannot be closed stays open: `recover` will find that the target is back already.
  private func confirmBack(_ owed: Undo?) throws(Failure) -> String {
    guard let owed else { return "nothing was changed" }
    guard owed.isBack(try ports.staging.snapshot()) else {
      throw Failure(.rollbackUnverified, "\(owed.locator) does not hold what it held before")
    }
    try? ports.record.closeChanges(owed.changes, as: .reverted)
    return "\(owed.locator) holds what it held before"
  }

  private func owed() throws(Failure) -> Undo? {
    Undo.owed(by: try ports.record.openChanges()).first { $0.execution == id }
  }
}
