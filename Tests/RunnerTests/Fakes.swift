import Evidence
import Model
import Monitor
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

  lazy var targets = [FakeTarget("app.env", self)]
  /// What the first target holds.
  var file: String? {
    get { targets[0].file }
    set { targets[0].file = newValue }
  }
  /// The change is there, and works.
  var isChanged: Bool { targets.allSatisfy { $0.file == "max=50" && $0.running == "max=50" } }
  var isBack: Bool { targets.allSatisfy { $0.file == "max=5" && $0.running == "max=5" } }
  /// Whether a target was ever written to without the journal knowing what was there.
  var wroteUnrecorded = false
  /// What the watch finds at its n-th question.
  var plannedDrift: (at: Int, text: String, change: (FakeWorld) -> Void)?
  var questions = 0
  var looksAt: Arm?
  /// How the steps of a rollout come out, by their `max_size`: failures in a second.
  var errorsAtStep: [Int: Int] = [:]
  var steps: [RunID: Int] = [:]
  var changes: [Change] = []
  var executions: [ExecutionID: ExecutionOutcome] = [:]
  var blocks: [Int: RecordStatus] = [:]
  var runs: [RunID: RecordStatus] = [:]
  var measured: [Arm] = []
  var verdicts: [Verdict] = []
  /// As the judge was told.
  var wasRehearsed: Bool?
  var errorsPerSecond = 0
  /// What the load says, poll by poll; nil: one second and the end.
  var updates: [LoadUpdate]?
  var nextUpdate = 0
  /// What it says as a whole, load by load, where one differs from the other.
  var loads: [LoadUpdate]?
  var nextLoad = 0
  var breakingPoints: [Int: BreakingPoint] = [:]
  var leads: [RunID: LeadTimes] = [:]
  /// Why blocks do not count, and which are measured again.
  var setAside: [String] = []
  var again: [PlannedBlock] = []
  /// Every block that was finished, in order.
  var endings: [(block: Int, status: RecordStatus)] = []

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

/// A file, and what runs with it.
final class FakeTarget: TargetPort {
  let kind = "fake"
  let locator: String
  unowned let world: FakeWorld
  /// What the file holds; nil: no such file.
  var file: String? = "max=5"
  /// What is in force: another process took it from the file when it was told to.
  var running: String? = "max=5"
  /// Whether somebody else wrote lines into the file that are none of the tuned settings: it then outlives its undo.
  var hasForeignLines = false
  /// Whether it can be put back at all.
  var isStuck = false
  /// Whether what is put back takes no effect.
  var staysChanged = false
  /// What each arm is for this target.
  var sizes: (Arm) -> Int = { FakeWorld.experiment().settings(of: $0).maxSize }

  init(_ locator: String, _ world: FakeWorld) {
    self.locator = locator
    self.world = world
  }

  private func text(_ arm: Arm) -> String { "max=\(sizes(arm))" }

  func preflight() throws(Failure) { try world.call("preflight \(locator)") {} }
  func snapshot() throws(Failure) -> String? { try world.call("snapshot \(locator)") { file } }
  func planned(_ arm: Arm, over snapshot: String?) throws(Failure) -> String { text(arm) }
  /// Two calls: a process may die between the file and its taking effect.
  func apply(_ arm: Arm) throws(Failure) {
    try world.call("apply \(locator)") {
      let last = world.changes.last { $0.locator == locator }
      world.wroteUnrecorded = world.wroteUnrecorded || last?.after != text(arm) || last?.before != file
      file = text(arm)
    }
    try world.call("reload \(locator)") { running = file }
  }
  func revert(to snapshot: String?) throws(Failure) {
    if isStuck { throw Failure(.unreachable, "\(locator) does not answer") }
    try world.call("revert \(locator)") { file = snapshot ?? (hasForeignLines ? "" : nil) }
    try world.call("reload \(locator)") { running = staysChanged ? running : file }
  }
  func verify(_ arm: Arm, within patience: Duration) throws(Failure) -> InForce {
    try world.call("verify \(locator)") {
      var settings = FakeWorld.experiment().settings(of: arm)
      settings.maxSize = running.flatMap { Int($0.dropFirst(4)) } ?? settings.maxSize
      return InForce(values: [value(text(arm))], settings: settings)
    }
  }
  func confirm(_ snapshot: String?, within patience: Duration) throws(Failure) -> InForce {
    try world.call("confirm \(locator)") { InForce(values: [value(snapshot ?? "")]) }
  }
  func takeNotes() -> [String] { [] }

  private func value(_ wanted: String) -> InForce.Value {
    InForce.Value(name: "max", wanted: wanted, found: running ?? "", source: locator)
  }
}

extension FakeWorld: StagingPort {
  func preflight() throws(Failure) -> [String: String] { try call("preflight") { ["postgres_version": "15"] } }
  func targets(of experiment: Experiment) throws(Failure) -> [any TargetPort] {
    for target in targets { target.sizes = { experiment.settings(of: $0).maxSize } }
    return targets
  }
  func renew() throws(Failure) { try call("renew") {} }
}

extension FakeWorld: WatchPort {
  func begin(_ arm: Arm, of experiment: Experiment) throws(Failure) { try call("watch") { looksAt = arm } }
  func drift() -> String? {
    questions += 1
    guard let planned = plannedDrift, questions >= planned.at else { return nil }
    planned.change(self)
    return planned.text
  }
  func lastLook() -> String? { drift() }
  func end() { looksAt = nil }
}

/// A type of its own, since a watch ends too.
final class FakeLoad: LoadPort {
  private let world: FakeWorld
  init(_ world: FakeWorld) { self.world = world }

  func begin(seed: UInt64) throws(Failure) { try world.call("begin") { world.nextUpdate = 0 } }
  func poll() throws(Failure) -> LoadUpdate {
    if let loads = world.loads {
      world.nextLoad += 1
      return try world.call("poll") { loads[world.nextLoad - 1] }
    }
    guard let updates = world.updates else {
      return try world.call("poll") {
        LoadUpdate(slices: [world.slice], samples: [], live: LiveFigures(), isFinished: true)
      }
    }
    guard world.nextUpdate < updates.count else { return try world.call("poll") { .nothing } }
    world.nextUpdate += 1
    return try world.call("poll") {
      updates[world.nextUpdate - 1]
    }
  }
  func end() throws(Failure) -> LoadEnding {
    try world.call("end") { LoadEnding(slices: [], samples: [], inFlight: 0, effective: nil) }
  }
}

extension FakeWorld {
  var slice: Slice {
    let errors = Int(targets[0].running?.dropFirst(4) ?? "").flatMap { errorsAtStep[$0] } ?? errorsPerSecond
    var slice = Slice(second: 0)
    slice.due = 100
    slice.completed = 100 - errors
    slice.failed = errors > 0 ? [.acquireTimeout: errors] : [:]
    return slice
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
  func beginRun(_ execution: ExecutionID, arm: Arm, step: Int?, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  {
    try call("beginRun") {
      let id = RunID(step.map { 100 + $0 } ?? (arm == .baseline ? 1 : 2))
      steps[id] = step
      return id
    }
  }
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure) {
    try call("finishRun") { runs[id] = status }
  }
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int {
    try call("beginBlock") {
      blocks[position] = .running
      if steps[run] == nil { measured.append(run.number == 1 ? .baseline : .retest) }
      return position
    }
  }
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure) { try call("append") {} }
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure) {
    try call("finishBlock") {
      blocks[id] = status
      endings.append((id, status))
    }
  }
  func setAside(block: Int, reason: String) throws(Failure) {
    try call("setAside") { setAside.append(reason) }
  }
  func recordLead(_ times: LeadTimes, of run: RunID) throws(Failure) {
    try call("recordLead") { leads[run] = times }
  }
  func recordBreakingPoint(_ point: BreakingPoint, ofBlock id: Int) throws(Failure) {
    try call("recordBreakingPoint") { breakingPoints[id] = point }
  }
  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun {
    try call("recordedRun") {
      let run = Run(
        id: id, execution: ExecutionID(experiment: "fake", number: 1), arm: id.number == 1 ? .baseline : .retest,
        status: .running, wanted: PoolSettings(), started: Timestamp(microseconds: 0))
      let block = Block(id: 1, pair: 0, position: 0, status: .finished, started: Timestamp(microseconds: 0))
      return RecordedRun(run: run, blocks: [RecordedRun.RecordedBlock(block: block, slices: [slice], samples: [])])
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
  func measuresAgain(_ block: PlannedBlock, reason: String) { again.append(block) }
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
    after: AfterSpec = AfterSpec(), shape: LoadShape = .constant(users: 1, warmUp: .zero, duration: .seconds(1)),
    adjust: (inout Experiment) -> Void = { _ in }
  ) -> ExecutionResult {
    let ports = RunnerPorts(
      staging: self, watch: self, load: FakeLoad(self), record: self, observer: self, interrupts: self)
    var experiment = Self.experiment(pairs: pairs, guards: guards, after: after, shape: shape)
    adjust(&experiment)
    var runner = ExperimentRunner(
      experiment: experiment, source: ExperimentSource(text: "", digest: "", seed: 7), looks: looks, ports: ports
    ) { _, _, wasRehearsed in
      self.wasRehearsed = wasRehearsed
      return Verdict(decision: decision, rules: [], reason: "because")
    }
    return runner.carryOut()
  }

  /// A new process in the same world, after the old one died.
  func recover(_ trouble: Trouble = .none, force: Bool = false) throws(Failure) -> [Recovery.Finding] {
    isDead = false
    self.trouble = trouble
    requested = nil
    return try Recovery(record: self, force: force) { undo in
      self.targets.first(where: undo.isOf) ?? FakeTarget("nowhere", self)
    }.carryOut()
  }
}
