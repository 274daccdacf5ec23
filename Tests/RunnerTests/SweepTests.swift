import Evidence
import Model
import Monitor
import Runner
import Testing

/// A sweep in the memory world: what it records besides its execution, and what it shows.
private final class FakeSweep: SweepRecordPort, SweepObserver {
  let world = FakeWorld()
  var sweep: SweepRecord?
  var rounds: [RunID: Set<Int>] = [:]
  var environment = ["postgres_version": "15"]
  var largest = 50
  /// Sizes and levels as load was put on, in order.
  var loads: [String] = []
  var cutOffs: [String] = []
  /// Rounds of a size that are unsteady.
  var unsteady: [Int: Set<Int>] = [:]

  init(_ targets: [String] = ["app.env"]) { world.targets = targets.map { FakeTarget($0, world) } }

  func beginSweep(_ id: ExecutionID, _ spec: SweepSpec, limit: Int?, cells: [SweepCell]) throws(Failure) {
    try world.call("beginSweep") { sweep = SweepRecord(id: id, spec: spec, limit: limit, cells: cells) }
  }
  func reopen(_ id: ExecutionID) throws(Failure) { try world.call("reopen") { world.executions[id] = .running } }
  func rest(of id: ExecutionID) throws(Failure) -> SweepRest {
    let found = try world.call("rest") { sweep }
    guard let found else { throw Failure(.unexpected, "no sweep") }
    return SweepRest(
      sweep: found, rounds: rounds, finished: Set(world.runs.filter { $0.value == .finished }.keys),
      environment: environment)
  }
  func addCell(_ cell: SweepCell, to id: ExecutionID) throws(Failure) {
    try world.call("addCell") { sweep?.cells.append(cell) }
  }
  func setRun(_ run: RunID, ofCell position: Int, _ id: ExecutionID) throws(Failure) {
    try world.call("setRun") { sweep?.cells[position].run = run }
  }
  func reopenRun(_ run: RunID) throws(Failure) { try world.call("reopenRun") { world.runs[run] = .running } }
  func cutOff(_ reason: String, cell position: Int, _ id: ExecutionID) throws(Failure) {
    try world.call("cutOff") { sweep?.cells[position].cutOff = reason }
  }
  func finishSweep(_ id: ExecutionID) throws(Failure) {
    try world.call("finishSweep") { sweep?.finished = Timestamp(microseconds: 1) }
  }
  func began(_ id: ExecutionID, measured: Int, ahead: Int) {}
  func began(_ block: SweepBlock, measured: Int, ahead: Int) {}
  func live(_ figures: LiveFigures) {}
  func finished(_ block: SweepBlock, cutOff: String) {
    if !cutOff.isEmpty { cutOffs.append(cutOff) }
  }

  static let spec = SweepSpec(
    sizes: [10, 20], levels: [.users(5), .users(9)], warmUp: .zero, duration: .seconds(1), repeats: 2)

  func carryOut(_ start: SweepRunner.Start = .new(spec), guards: [Guard] = []) -> SweepResult {
    var experiment = FakeWorld.experiment(guards: guards)
    experiment.checks = [Condition(metric: .errors, comparator: .equal, bound: .absolute(0), text: "errors == 0")]
    let ports = RunnerPorts(
      staging: world, watch: world, load: FakeLoad(world), record: SweepFakeRecord(self), observer: world,
      interrupts: world)
    var runner = SweepRunner(
      experiment, source: ExperimentSource(text: "", digest: "", seed: 7), start,
      ports: SweepPorts(
        ports: ports, record: self, observer: self, largestPool: { self.largest },
        choose: { self.loads.append("\($0.settings(of: .baseline).maxSize)/\($0.load.shape.users ?? 0)") }))
    return runner.carryOut()
  }

  /// A new process in the same world.
  func revive() {
    world.isDead = false
    world.trouble = .none
    world.requested = nil
    world.calls = 0
  }

  var id: ExecutionID? { sweep?.id }
}

/// The memory world knows two runs; a sweep has as many as cells, and goes on from their rounds.
private final class SweepFakeRecord: RecordPort {
  private let sweep: FakeSweep
  private var world: FakeWorld { sweep.world }
  private static let firstRow = 1000

  init(_ sweep: FakeSweep) { self.sweep = sweep }

  func beginRun(_ execution: ExecutionID, arm: Arm, step: Int?, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  {
    try world.call("beginRun") {
      let id = RunID(world.runs.count + 1)
      world.runs[id] = .running
      return id
    }
  }
  /// The row tells run and round.
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int {
    try world.call("beginBlock") {
      let row = run.number * Self.firstRow + pair
      world.blocks[row] = .running
      return row
    }
  }
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure) {
    try world.call("finishBlock") {
      world.blocks[id] = status
      guard status == .finished else { return }
      sweep.rounds[RunID(id / Self.firstRow), default: []].insert(id % Self.firstRow)
    }
  }
  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun {
    let cell = sweep.sweep?.cells.first { $0.run == id }
    return try world.call("recordedRun") {
      var slice = Slice(second: 0)
      slice.due = min(cell?.size ?? 0, 20)
      slice.completed = slice.due
      let run = Run(
        id: id, execution: ExecutionID(experiment: "fake", number: 1), arm: .baseline, status: .finished,
        wanted: PoolSettings(), started: Timestamp(microseconds: 0))
      let rounds = sweep.rounds[id, default: []].sorted()
      let blocks = rounds.map { round in
        let block = Block(id: round, pair: round, position: 0, status: .finished, started: Timestamp(microseconds: 0))
        let isUnsteady = sweep.unsteady[cell?.size ?? 0]?.contains(round) == true
        let slices = (0..<10).map { second in
          var slice = slice
          slice.second = second
          if isUnsteady, second >= 5 { slice.completed *= 2 }
          return slice
        }
        return RecordedRun.RecordedBlock(block: block, slices: slices, samples: [])
      }
      return RecordedRun(run: run, blocks: blocks)
    }
  }

  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID {
    try world.beginExecution(experiment: experiment, text: text, digest: digest, seed: seed)
  }
  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int {
    try world.beginStage(execution, stage)
  }
  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure) {
    try world.finishStage(id, outcome: outcome, note: note)
  }
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure) { try world.finishRun(id, status: status) }
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure) {
    try world.append(slices: slices, samples: samples, toBlock: toBlock)
  }
  func setAside(block: Int, reason: String) throws(Failure) { try world.call("setAside") {} }
  func recordLead(_ times: LeadTimes, of run: RunID) throws(Failure) { try world.recordLead(times, of: run) }
  func recordBreakingPoint(_ point: BreakingPoint, ofBlock id: Int) throws(Failure) {
    try world.recordBreakingPoint(point, ofBlock: id)
  }
  func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(Failure) {
    try world.recordVerdict(execution, verdict)
  }
  func finishExecution(_ id: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try world.finishExecution(id, outcome: outcome)
  }
  func recordEvent(_ execution: ExecutionID, kind: String, text: String) throws(Failure) {
    try world.recordEvent(execution, kind: kind, text: text)
  }
  func recordChange(_ execution: ExecutionID, target: String, locator: String, before: String?, after: String?)
    throws(Failure) -> Change
  { try world.recordChange(execution, target: target, locator: locator, before: before, after: after) }
  func setChange(_ id: Int, state: Change.State) throws(Failure) { try world.setChange(id, state: state) }
  func closeChanges(_ changes: [Change], as state: Change.State) throws(Failure) {
    try world.closeChanges(changes, as: state)
  }
  func openChanges() throws(Failure) -> [Change] { try world.openChanges() }
  func unfinishedExecutions() throws(Failure) -> [ExecutionID] { try world.unfinishedExecutions() }
  func markAborted(_ execution: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try world.markAborted(execution, outcome: outcome)
  }
}

@Suite struct SweepTests {
  private static let cells: Set = ["10/5", "10/9", "20/5", "20/9"]

  @Test func `a grid measures every cell once in each round, in an order of chance, and puts staging back`() throws {
    let sweep = FakeSweep()
    let result = sweep.carryOut()
    #expect(result.status == .go && result.outcome == .rolledBack && result.measured == 8 && result.missing == 0)
    #expect(Set(sweep.loads[..<4]) == Self.cells && Set(sweep.loads[4...]) == Self.cells && sweep.loads.count == 8)
    #expect(sweep.loads[..<4] != sweep.loads[4...], "each round has an order of its own")
    #expect(sweep.world.isBack && !sweep.world.wroteUnrecorded)
    #expect(sweep.sweep?.finished != nil && sweep.world.changes.allSatisfy { $0.state == .reverted })
    #expect(sweep.world.runs.count == 4 && sweep.world.runs.values.allSatisfy { $0 == .finished })
    #expect(sweep.rounds.values.allSatisfy { $0 == [0, 1] })
  }

  static let targets = [["app.env"], ["app.env", "pooler", "server"]]

  /// Every call of a whole sweep, and one more.
  private static func moments(_ targets: [String] = ["app.env"]) -> ClosedRange<Int> {
    let sweep = FakeSweep(targets)
    _ = sweep.carryOut()
    return 1...sweep.world.calls
  }

  @Test(arguments: targets)
  func `after a kill before or after any call the sweep goes on to its end, and staging is as it was`(
    targets: [String]
  ) throws {
    for moment in Self.moments(targets) {
      for trouble in [FakeWorld.Trouble.killBefore(moment), .killAfter(moment)] {
        let sweep = FakeSweep(targets)
        sweep.world.trouble = trouble
        _ = sweep.carryOut()
        let before = sweep.loads.count
        sweep.revive()
        // Killed before it was a sweep: nothing to go on with. Killed after its end: nothing is missing.
        let result = sweep.id.map { sweep.carryOut(.rest(of: $0)) } ?? sweep.carryOut()
        #expect(result.status == .go && result.measured == 8, "\(trouble): \(result)")
        #expect(sweep.loads.count <= 9, "\(trouble): \(before) blocks before, \(sweep.loads.count) in all")
        #expect(sweep.world.isBack && !sweep.world.wroteUnrecorded, "\(trouble)")
        #expect(sweep.world.changes.allSatisfy { $0.state == .reverted }, "\(trouble)")
        let cells = sweep.sweep?.cells ?? []
        #expect(cells.allSatisfy { $0.run.map { sweep.rounds[$0] == [0, 1] } ?? false }, "\(trouble): \(cells)")
        #expect(cells.allSatisfy { $0.run.map { sweep.world.runs[$0] == .finished } ?? false }, "\(trouble)")
      }
    }
  }

  @Test(arguments: targets) func `after a kill recover puts staging back, and the sweep still goes on`(
    targets: [String]
  ) throws {
    for moment in Self.moments(targets) {
      let sweep = FakeSweep(targets)
      sweep.world.trouble = .killAfter(moment)
      _ = sweep.carryOut()
      let findings = try sweep.world.recover()
      #expect(findings.allSatisfy(\.isBack) && sweep.world.isBack, "\(moment)")
      guard let id = sweep.id, sweep.sweep?.finished == nil else { continue }
      #expect(sweep.carryOut(.rest(of: id)).measured == 8, "\(moment)")
      #expect(sweep.world.isBack)
    }
  }

  @Test(arguments: targets)
  func `a failure or an interrupt at any call ends with staging as it was, and can be gone on from`(
    targets: [String]
  ) throws {
    for moment in Self.moments(targets) {
      for trouble in [FakeWorld.Trouble.fail(at: moment), .interrupt(after: moment)] {
        let sweep = FakeSweep(targets)
        sweep.world.trouble = trouble
        let result = sweep.carryOut()
        let isOwed = sweep.world.changes.contains { $0.state.isOpen }
        if result.outcome == .rollbackUnverified {
          #expect(result.status == .rollbackUnverified, "\(trouble)")
        } else {
          #expect(sweep.world.isBack, "\(trouble): \(result)")
        }
        if case .interrupt = trouble, result.failure != nil, result.outcome == .failed {
          #expect(result.status == .interrupted && !isOwed, "\(trouble): \(result)")
        }
        guard let id = sweep.id, sweep.sweep?.finished == nil else { continue }
        sweep.revive()
        let again = sweep.carryOut(.rest(of: id))
        #expect(again.status == .go && again.measured == 8 && sweep.world.isBack, "\(trouble): \(again)")
      }
    }
  }

  @Test func `a sweep does not go on where somebody changed the target, or in another environment`() throws {
    let sweep = FakeSweep()
    sweep.world.trouble = .killBefore(Self.moments().count / 2)
    _ = sweep.carryOut()
    sweep.revive()
    let id = try #require(sweep.id)
    let written = sweep.world.file
    sweep.world.file = "max=77"
    let refused = sweep.carryOut(.rest(of: id))
    #expect(refused.failure?.message.contains("changed by somebody else") == true && sweep.world.file == "max=77")
    sweep.world.file = written
    sweep.environment["postgres_version"] = "14"
    let elsewhere = sweep.carryOut(.rest(of: id))
    #expect(elsewhere.failure?.message.contains("postgres_version was 14, is 15") == true, "\(elsewhere)")
    #expect(elsewhere.status == .inconclusive)
  }

  @Test func `what somebody changes while a cell is measured ends the sweep, and is left alone`() {
    let sweep = FakeSweep()
    sweep.world.plannedDrift = (at: 5, text: "app.env was changed by somebody else", change: { $0.file = "max=99" })
    let result = sweep.carryOut()
    #expect(result.outcome == .rollbackUnverified && sweep.world.file == "max=99", "\(result)")
    #expect(result.failure?.message == "app.env was changed by somebody else" && result.measured == 2)
    #expect(sweep.sweep?.finished == nil)
  }

  @Test func `every size that does not fit is named before anything is recorded`() {
    let sweep = FakeSweep()
    sweep.largest = 9
    let result = sweep.carryOut()
    #expect(result.status == .badConfiguration && result.id == nil && sweep.world.executions.isEmpty)
    #expect(result.failure?.message.hasSuffix("too large: 10, 20") == true, "\(result)")
  }

  @Test func `a guard ends its cell, and the sweep goes on without it`() {
    let sweep = FakeSweep()
    sweep.world.errorsPerSecond = 60
    let guarded = Guard(
      condition: Condition(
        metric: .errorRate, comparator: .greater, bound: .absolute(0.5), text: "error_rate > 50%"),
      hold: .seconds(1), text: "error_rate > 50% for 1s")
    let result = sweep.carryOut(guards: [guarded])
    #expect(result.status == .go && sweep.loads.count == 4 && sweep.cutOffs.count == 4, "\(result)")
    #expect(sweep.sweep?.cells.allSatisfy { $0.cutOff.hasPrefix("guard 'error_rate > 50% for 1s' tripped") } == true)
    #expect(sweep.world.runs.values.allSatisfy { $0 == .aborted } && sweep.world.isBack)
    // Without guards of the file, failing requests are what a pool that is too small does.
    let unguarded = FakeSweep()
    unguarded.world.errorsPerSecond = 60
    #expect(unguarded.carryOut().measured == 8)
  }

  private static let unsteadyRounds: [(rounds: [Int: Set<Int>], repeats: Int, again: Int, loads: [String: Int])] = [
    ([:], 1, 2, ["10/5": 1, "20/5": 1]),
    ([10: [0]], 1, 2, ["10/5": 2, "20/5": 1]),
    ([10: [0, 1], 20: [0]], 1, 2, ["10/5": 3, "20/5": 2]),
    ([10: [0, 1, 2, 3], 20: [5]], 1, 2, ["10/5": 3, "20/5": 1]),
    ([10: [0], 20: [1, 2]], 2, 1, ["10/5": 3, "20/5": 3]),
    ([10: [0]], 1, 0, ["10/5": 1, "20/5": 1]),
  ]

  @Test(arguments: unsteadyRounds) func `an unsteady cell is measured again after the rounds of all, so often at most`(
    rounds: [Int: Set<Int>], repeats: Int, again: Int, loads: [String: Int]
  ) throws {
    let spec = SweepSpec(
      sizes: [10, 20], levels: [.users(5)], warmUp: .zero, duration: .seconds(10), repeats: repeats, again: again)
    let whole = FakeSweep()
    whole.unsteady = rounds
    let result = whole.carryOut(.new(spec))
    #expect(result.status == .go && result.missing == 0 && whole.world.isBack, "\(result)")
    #expect(whole.loads.reduce(into: [:]) { $0[$1, default: 0] += 1 } == loads, "\(whole.loads)")
    #expect(Set(whole.loads.prefix(2 * repeats)) == ["10/5", "20/5"] && whole.world.runs.count == 2)
    #expect(whole.world.runs.values.allSatisfy { $0 == .finished } && whole.sweep?.finished != nil)
    for moment in 1...whole.world.calls {
      let sweep = FakeSweep()
      sweep.unsteady = rounds
      sweep.world.trouble = .killAfter(moment)
      _ = sweep.carryOut(.new(spec))
      sweep.revive()
      guard let id = sweep.id else { continue }
      let again = sweep.carryOut(.rest(of: id))
      #expect(again.status == .go && again.measured == result.measured && sweep.world.isBack, "\(moment): \(again)")
      #expect(sweep.rounds.values.reduce(0) { $0 + $1.count } == result.measured, "\(moment): \(sweep.rounds)")
      let runs = (sweep.sweep?.cells ?? []).map { $0.run.flatMap { sweep.world.runs[$0] } }
      #expect(runs.count == 2 && runs.allSatisfy { $0 == .finished }, "\(moment): \(runs)")
    }
  }

  @Test func `a search goes on from a cell when it was measured again`() {
    let spec = SweepSpec(
      mode: .knee, sizes: [], levels: [.users(500)], warmUp: .zero, duration: .seconds(10), again: 2)
    let sweep = FakeSweep()
    sweep.unsteady = [4: [0], 16: [0, 1, 2]]
    let result = sweep.carryOut(.new(spec))
    #expect(result.status == .go && result.missing == 0, "\(result)")
    let expected = ["4/500", "4/500", "8/500", "16/500", "16/500", "16/500", "32/500"]
    #expect(Array(sweep.loads.prefix(7)) == expected, "\(sweep.loads)")
  }

  @Test func `a search measures what it asks for, to the server's limit, and goes on after a kill`() throws {
    let spec = SweepSpec(mode: .knee, sizes: [], levels: [.users(500)], warmUp: .zero, duration: .seconds(1))
    let whole = FakeSweep()
    let result = whole.carryOut(.new(spec))
    #expect(result.status == .go && whole.sweep?.limit == 50 && whole.world.isBack)
    #expect(whole.loads == ["4/500", "8/500", "16/500", "32/500", "50/500", "23/500", "19/500"], "\(whole.loads)")
    for moment in 1...whole.world.calls {
      let sweep = FakeSweep()
      sweep.world.trouble = .killAfter(moment)
      _ = sweep.carryOut(.new(spec))
      sweep.revive()
      guard let id = sweep.id else { continue }
      let again = sweep.carryOut(.rest(of: id))
      #expect(
        again.status == .go && sweep.sweep?.cells.map(\.size) == [4, 8, 16, 32, 50, 23, 19], "\(moment): \(again)")
      #expect(sweep.loads.count <= 8 && sweep.world.isBack, "\(moment): \(sweep.loads)")
    }
  }
}
