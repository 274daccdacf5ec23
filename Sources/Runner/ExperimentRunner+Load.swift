import Evidence
import Model
import Monitor

/// What puts load on, and what is made of it: blocks, their guards, the steps of a rollout, the verdict.
extension ExperimentRunner {
  mutating func measure(_ block: PlannedBlock) throws(Failure) {
    let run = try self.run(of: block.arm)
    let count = experiment.pairs.count
    let name: Stage = block.arm == .baseline ? .baseline : .retest
    let load = BlockOfLoad(
      ports, Aim(experiment, block.arm), block, seed: source.seed &+ UInt64(block.position), inForce)
    var left = again
    defer { again = left }
    try stages.carryOut(name, count == 1 ? "" : "pair \(block.pair + 1) of \(count)") { () throws(Failure) in
      let reasons = try load.carryOut(run: run, again: &left)
      return ((), reasons.isEmpty ? "" : "measured again: \(reasons.joined(separator: "; "))")
    }
  }

  /// Both runs begin with the first block, so that the baseline always has the lower number.
  mutating func run(of arm: Arm) throws(Failure) -> RunID {
    guard let id else { preconditionFailure("nothing is measured before the execution began") }
    for arm in schedule.arms where runs[arm] == nil {
      runs[arm] = try ports.record.beginRun(
        id, arm: arm, step: nil, wanted: experiment.settings(of: arm), environment: environment)
    }
    guard let run = runs[arm] else { preconditionFailure("every arm has its run") }
    return run
  }

  /// A look that leaves the question open is a stage with its note, and no verdict: what follows may be cut off.
  mutating func decide(pairs: Int) throws(Failure) -> Decision {
    guard let id, let baseline = runs[.baseline], let retest = runs[.retest] else {
      preconditionFailure("a look comes after a whole pair")
    }
    let (judge, wasRehearsed) = (judge, wasRehearsed)
    let found = try stages.carryOut(.judge, "") { () throws(Failure) in
      let verdict = judge(
        try ports.record.recordedRun(baseline), try ports.record.recordedRun(retest), wasRehearsed)
      return (verdict, "\(verdict.decision.rawValue): \(verdict.reason)")
    }
    guard found.decision != .inconclusive || pairs == experiment.pairs.count else { return found.decision }
    try ports.record.recordVerdict(id, found)
    verdict = found
    return found.decision
  }

  /// One step of the way to the change: in force, a short block, and its checks.
  mutating func rollOut(step index: Int) throws(Failure) -> Decision {
    guard let id, let rollout = experiment.rollout else { preconditionFailure("a step belongs to a rollout") }
    let size = rollout.steps[index]
    let aim = Aim(experiment.step(to: size), .retest)
    try apply(aim)
    let run = try ports.record.beginRun(
      id, arm: .retest, step: size, wanted: aim.settings, environment: environment)
    var status = RecordStatus.aborted
    defer { try? ports.record.finishRun(run, status: status) }
    let block = PlannedBlock(pair: 0, position: index, arm: .retest)
    let load = BlockOfLoad(ports, aim, block, seed: source.seed &- 1 &- UInt64(index), inForce, limit: rollout.duration)
    let found = try stages.carryOut(.rollout, "max_size \(size), step \(index + 1) of \(rollout.steps.count)") {
      () throws(Failure) in
      try load.carryOut(run: run)
      let verdict = RolloutJudgement.judge(rollout, step: try ports.record.recordedRun(run), size: size)
      return (verdict, "\(verdict.decision.rawValue): \(verdict.reason)")
    }
    status = .finished
    guard found.decision != .go else { return .go }
    try ports.record.recordVerdict(id, found)
    verdict = found
    return found.decision
  }
}

/// One block of load, watched by the guards and for drift.
struct BlockOfLoad {
  private let ports: RunnerPorts
  private let aim: Aim
  private let block: PlannedBlock
  private let seed: UInt64
  private let inForce: PoolSettings?
  private let limit: Duration?

  /// - Parameters:
  ///   - inForce: the pool's settings as the targets were read back.
  ///   - limit: ends the block after that much of its measured part; nil: when the load ends by itself.
  init(
    _ ports: RunnerPorts, _ aim: Aim, _ block: PlannedBlock, seed: UInt64, _ inForce: PoolSettings?,
    limit: Duration? = nil
  ) {
    self.ports = ports
    self.aim = aim
    self.block = block
    self.seed = seed
    self.inForce = inForce
    self.limit = limit
  }

  /// What came of one load.
  private struct Ending {
    /// When the armed rule fired; nil where none is armed.
    var lead: LeadTimes?
    /// Why the block does not count; nil where it does.
    var setAside: String?
  }

  /// - Returns: when the armed rule fired; nil where none is armed.
  @discardableResult
  func carryOut(run: RunID) throws(Failure) -> LeadTimes? { try attempt(run, maySetAside: false).lead }

  /// Measures the block anew while the machine was disturbed, and at most `again` times.
  /// - Returns: why, each time.
  func carryOut(run: RunID, again: inout Int) throws(Failure) -> [String] {
    var reasons: [String] = []
    while let reason = try attempt(run, maySetAside: again > 0).setAside {
      again -= 1
      reasons.append(reason)
      ports.observer.measuresAgain(block, reason: reason)
    }
    return reasons
  }

  private func attempt(_ run: RunID, maySetAside: Bool) throws(Failure) -> Ending {
    let row = try ports.record.beginBlock(run: run, pair: block.pair, position: block.position)
    do throws(Failure) {
      return try watched { () throws(Failure) in try load(row, maySetAside: maySetAside) }
    } catch {
      try? ports.record.finishBlock(row, status: .aborted, effective: nil, inFlight: 0)
      throw error
    }
  }

  /// The targets are looked at from before the load begins until after it has ended.
  private func watched<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    try ports.watch.begin(aim.arm, of: aim.experiment)
    defer { ports.watch.end() }
    return try body()
  }

  private func load(_ row: Int, maySetAside: Bool) throws(Failure) -> Ending {
    let load = aim.experiment.load
    var watch = GuardWatch(aim.experiment.guardsInForce, settings: aim.settings, pool: aim.experiment.poolUnderLoad)
    var steps = StepWatch(load.shape, settings: aim.settings, pool: aim.experiment.poolUnderLoad)
    var lead = EarlyWarning.Rule(of: aim.experiment).map { LeadWatch($0) }
    var machine = DisturbanceWatch()
    var found: BreakingPoint?
    var isRunning = true
    try ports.load.begin(seed: seed)
    defer { if isRunning { _ = try? ports.load.end() } }
    while true {
      let update = try ports.load.poll()
      try ports.record.append(slices: update.slices, samples: update.samples, toBlock: row)
      machine.take(update.slices, update.samples)
      ports.observer.live(update.live, block: block)
      try ports.interrupts.stopIfRequested()
      found = steps?.take(update.slices, update.samples)
      lead?.take(update.warnings, failure: update.firstFailure)
      if let reason = try heed(&watch, update), found == nil { found = steps?.broken(by: reason) }
      try stop(at: ports.watch.drift())
      if update.isFinished || found != nil || isOver(update) || lead?.isOver == true { break }
    }
    isRunning = false
    let ending = try ports.load.end()
    try ports.record.append(slices: ending.slices, samples: ending.samples, toBlock: row)
    machine.take(ending.slices, ending.samples)
    lead?.take(ending.warnings, failure: ending.firstFailure)
    try stop(at: ports.watch.lastLook())
    try aim.expect(ending.effective)
    let point = found ?? steps?.take(ending.slices, ending.samples)
    let reason = maySetAside ? machine.disturbance?.text : nil
    if reason == nil, let point { try ports.record.recordBreakingPoint(point, ofBlock: row) }
    if let reason { try ports.record.setAside(block: row, reason: reason) }
    try ports.record.finishBlock(
      row, status: reason == nil ? .finished : .aborted, effective: ending.effective ?? inForce,
      inFlight: ending.inFlight)
    return Ending(lead: lead?.times, setAside: reason)
  }

  private func isOver(_ update: LoadUpdate) -> Bool {
    guard let limit, let last = update.slices.last else { return false }
    return Duration.seconds(last.second + 1) >= limit
  }

  /// Returns the hard stop that was reached, where that is what the load looks for: a step that fails.
  private func heed(_ watch: inout GuardWatch, _ update: LoadUpdate) throws(Failure) -> String? {
    for slice in update.slices {
      if let reached = try stop(at: watch.take(slice)) { return reached }
    }
    for sample in update.samples { _ = try stop(at: watch.take(sample)) }
    return nil
  }

  private func stop(at trip: GuardWatch.Trip?) throws(Failure) -> String? {
    guard let trip else { return nil }
    let looksForIt = if case .steps = aim.experiment.load.shape { true } else { false }
    if looksForIt, trip.tripped == .hardStop, trip.second >= 0 { return trip.tripped.text }
    throw Failure(.rolledBack, trip.sentence)
  }

  private func stop(at drift: String?) throws(Failure) {
    if let drift { throw Failure(.rolledBack, drift) }
  }
}

extension GuardWatch.Trip {
  var sentence: String {
    let seen = values.last.map { $0.isFinite ? tripped.condition.metric.text($0) : "beyond a timeout" } ?? ""
    return "guard '\(tripped.text)' tripped, with \(seen) at the last"
  }
}
