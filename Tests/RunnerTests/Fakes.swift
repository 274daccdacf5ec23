import Evidence
import Model
import Runner

/// A world in memory: staging, journal and load, in which any call can be made to fail, or to be the last one.
final class FakeWorld {
  enum Trouble: Equatable {
    case none
    /// The n-th call fails; those after it work.
    case fail(at: Int)
    /// The process dies before the n-th call has its effect.
    case killBefore(Int)
    /// The process dies after the n-th call had its effect.
    case killAfter(Int)
    /// A person interrupts after the n-th call.
    case interrupt(after: Int)
  }

  var trouble = Trouble.none
  var calls = 0
  var callNames: [String] = []
  var isDead = false
  var requested: ExitStatus?

  /// What the env file holds; nil: no such file.
  var file: String? = "max=5"
  /// Whether somebody else wrote lines into the file that are none of the tuned settings: it then outlives its undo.
  var hasForeignLines = false
  /// Contents that were ever in the file, to show that the journal knew each one before.
  var wroteUnrecorded = false
  var changes: [Change] = []
  var executions: [ExecutionID: ExecutionOutcome] = [:]
  var blocks: [Int: RecordStatus] = [:]
  var runs: [RunID: RecordStatus] = [:]
  var measured: [Arm] = []
  var verdicts: [Verdict] = []
  var errorsPerSecond = 0
  /// What the load says, poll by poll; nil: one second and the end.
  var updates: [LoadUpdate]?
  var nextUpdate = 0
  var breakingPoints: [Int: BreakingPoint] = [:]

  func call<Value>(_ name: String, _ effect: () -> Value) throws(Failure) -> Value {
    calls += 1
    callNames.append(name)
    if trouble == .killBefore(calls) { isDead = true }
    if isDead { throw Failure(.unexpected, "dead") }
    if trouble == .fail(at: calls) { throw Failure(.unexpected, "\(name) fails") }
    let value = effect()
    if trouble == .killAfter(calls) { isDead = true }
    if trouble == .interrupt(after: calls) { requested = .interrupted }
    return value
  }
}

extension FakeWorld: StagingPort {
  var targetName: String { "fake" }
  var targetLocator: String { "app.env" }
  func preflight() throws(Failure) -> [String: String] { try call("preflight") { ["postgres_version": "15"] } }
  func snapshot() throws(Failure) -> String? { try call("snapshot") { file } }
  func planned(_ settings: PoolSettings, over snapshot: String?) throws(Failure) -> String { "max=\(settings.maxSize)" }
  func apply(_ settings: PoolSettings) throws(Failure) {
    try call("apply") {
      let wanted = "max=\(settings.maxSize)"
      wroteUnrecorded = wroteUnrecorded || changes.last?.after != wanted || changes.last?.before != file
      file = wanted
    }
  }
  func restore(_ snapshot: String?) throws(Failure) {
    try call("restore") { file = snapshot ?? (hasForeignLines ? "" : nil) }
  }
  func effectiveSettings() throws(Failure) -> PoolSettings {
    try call("effective") {
      var settings = PoolSettings()
      settings.maxSize = file.flatMap { Int($0.dropFirst(4)) } ?? settings.maxSize
      return settings
    }
  }
}

extension FakeWorld: LoadPort {
  func begin(seed: UInt64) throws(Failure) { try call("begin") { nextUpdate = 0 } }
  func poll() throws(Failure) -> LoadUpdate {
    if let updates {
      guard nextUpdate < updates.count else { return try call("poll") { .nothing } }
      nextUpdate += 1
      return try call("poll") { updates[nextUpdate - 1] }
    }
    return try call("poll") {
      var slice = Slice(second: 0)
      slice.due = 100
      slice.completed = 100 - errorsPerSecond
      slice.failed = errorsPerSecond > 0 ? [.acquireTimeout: errorsPerSecond] : [:]
      return LoadUpdate(slices: [slice], samples: [], live: LiveFigures(), isFinished: true)
    }
  }
  func end() throws(Failure) -> LoadEnding {
    let effective = try effectiveSettings()
    return try call("end") { LoadEnding(slices: [], samples: [], inFlight: 0, effective: effective) }
  }
}

extension FakeWorld: RecordPort {
  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID {
    try call("beginExecution") {
      let id = ExecutionID(experiment: experiment, number: executions.count + 1)
      executions[id] = .running
      return id
    }
  }
  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int { try call("beginStage") { 1 } }
  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure) { try call("finishStage") {} }
  func beginRun(_ execution: ExecutionID, arm: Arm, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  { try call("beginRun") { RunID(arm == .baseline ? 1 : 2) } }
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure) {
    try call("finishRun") { runs[id] = status }
  }
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int {
    try call("beginBlock") {
      blocks[position] = .running
      measured.append(run.number == 1 ? .baseline : .retest)
      return position
    }
  }
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure) { try call("append") {} }
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure) {
    try call("finishBlock") { blocks[id] = status }
  }
  func recordBreakingPoint(_ point: BreakingPoint, ofBlock id: Int) throws(Failure) {
    try call("recordBreakingPoint") { breakingPoints[id] = point }
  }
  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun {
    try call("recordedRun") {
      let run = Run(
        id: id, execution: ExecutionID(experiment: "fake", number: 1), arm: id.number == 1 ? .baseline : .retest,
        status: .running, wanted: PoolSettings(), started: Timestamp(microseconds: 0))
      return RecordedRun(run: run, blocks: [])
    }
  }
  func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(Failure) {
    try call("recordVerdict") { verdicts.append(verdict) }
  }
  func finishExecution(_ id: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try call("finishExecution") { executions[id] = outcome }
  }
  func recordEvent(_ execution: ExecutionID, kind: String, text: String) throws(Failure) { try call("event") {} }
  func recordChange(_ execution: ExecutionID, target: String, locator: String, before: String?, after: String?)
    throws(Failure) -> Change
  {
    try call("recordChange") {
      let change = Change(
        id: changes.count, execution: execution, target: target, locator: locator, before: before, after: after,
        state: .recorded, recorded: Timestamp(microseconds: 0))
      changes.append(change)
      return change
    }
  }
  func setChange(_ id: Int, state: Change.State) throws(Failure) {
    try call("setChange") { changes[id].state = state }
  }
  func closeChanges(_ closed: [Change], as state: Change.State) throws(Failure) {
    try call("closeChanges") { for change in closed { changes[change.id].state = state } }
  }
  func openChanges() throws(Failure) -> [Change] { try call("openChanges") { changes.filter(\.state.isOpen) } }
  func unfinishedExecutions() throws(Failure) -> [ExecutionID] {
    try call("unfinished") { executions.filter { [.running, .rollbackUnverified].contains($0.value) }.map(\.key) }
  }
  func markAborted(_ execution: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try call("markAborted") {
      executions[execution] = outcome
      for (id, status) in blocks where status == .running { blocks[id] = .aborted }
    }
  }
}

extension LoadUpdate {
  static let nothing = LoadUpdate(slices: [], samples: [], live: LiveFigures(), isFinished: false)
}

extension FakeWorld: Observer, InterruptPort {
  func began(_ execution: ExecutionID) {}
  func began(_ stage: Stage, note: String) {}
  func finished(_ stage: Stage, _ outcome: StageOutcome, note: String) {}
  func live(_ figures: LiveFigures, block: PlannedBlock) {}
}

extension FakeWorld {
  static func experiment(
    pairs: Int = 2, guards: [Guard] = [], after: AfterSpec = AfterSpec(),
    shape: LoadShape = .constant(users: 1, warmUp: .zero, duration: .seconds(1))
  ) -> Experiment {
    Experiment(
      name: "fake", title: "", hypothesis: "", staging: .embedded(datasetScale: 1, settings: [:]), target: .builtin,
      baseline: SettingPatch([.maxSize: .count(20)]), change: SettingPatch([.maxSize: .count(50)]),
      load: LoadSpec(
        shape: shape,
        transactions: [Transaction(name: "one", sql: "SELECT 1")]),
      pairs: PairsSpec(count: pairs, stopEarly: false), guards: guards, checks: [], after: after)
  }

  /// Carries out one execution in this world.
  func carryOut(
    _ decision: Decision = .go, pairs: Int = 2, looks: Set<Int> = [], guards: [Guard] = [],
    after: AfterSpec = AfterSpec(), shape: LoadShape = .constant(users: 1, warmUp: .zero, duration: .seconds(1))
  ) -> ExecutionResult {
    let ports = RunnerPorts(staging: self, load: self, record: self, observer: self, interrupts: self)
    var runner = ExperimentRunner(
      experiment: Self.experiment(pairs: pairs, guards: guards, after: after, shape: shape),
      source: ExperimentSource(text: "", digest: "", seed: 7), looks: looks, ports: ports
    ) { _, _ in Verdict(decision: decision, rules: [], reason: "because") }
    return runner.carryOut()
  }

  /// A new process in the same world, after the old one died.
  func recover(force: Bool = false) throws(Failure) -> [Recovery.Finding] {
    isDead = false
    trouble = .none
    requested = nil
    return try Recovery(record: self, force: force) { _ in self }.carryOut()
  }
}
