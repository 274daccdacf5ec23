import Evidence
import Model
import Runner
import Testing

@Suite struct ScheduleTests {
  @Test func `each pair holds both arms, in an order that a coin decides`() {
    let schedule = Schedule(pairs: 40, seed: 3)
    let firsts = stride(from: 0, to: 80, by: 2).map { schedule.blocks[$0].arm }
    let isPaired = (0..<40).allSatisfy { schedule.blocks[2 * $0].arm != schedule.blocks[2 * $0 + 1].arm }
    #expect(isPaired && schedule.blocks.map(\.position) == Array(0..<80))
    #expect((8...32).contains(firsts.count { $0 == .baseline }))
    #expect(Schedule(pairs: 40, seed: 3) == schedule)
    #expect(Schedule(pairs: 40, seed: 4) != schedule)
  }

  @Test(arguments: 0..<20) func `a single pair is before and after`(seed: UInt64) {
    #expect(Schedule(pairs: 1, seed: seed).blocks.map(\.arm) == [.baseline, .retest])
  }
}

@Suite struct RunnerTests {
  /// The number of the call that first writes to the target.
  static let firstApply: Int = {
    let world = FakeWorld()
    _ = world.carryOut()
    return (world.callNames.firstIndex(of: "apply app.env") ?? 0) + 1
  }()

  struct Case: CustomTestStringConvertible, Sendable {
    var decision: Decision
    var after = AfterSpec()
    var outcome: ExecutionOutcome
    var file: String
    var status: Model.ExitStatus
    var testDescription: String { "\(decision) -> \(outcome)" }
  }

  @Test(arguments: [
    Case(decision: .go, outcome: .kept, file: "max=50", status: .go),
    Case(decision: .noGo, outcome: .rolledBack, file: "max=5", status: .noGo),
    Case(decision: .inconclusive, outcome: .rolledBack, file: "max=5", status: .inconclusive),
    Case(decision: .go, after: AfterSpec(go: .rollback), outcome: .rolledBack, file: "max=5", status: .go),
    Case(decision: .noGo, after: AfterSpec(noGo: .keep), outcome: .kept, file: "max=50", status: .noGo),
  ])
  func `the verdict decides what stays`(test: Case) {
    let world = FakeWorld()
    let result = world.carryOut(test.decision, after: test.after)
    #expect(result.outcome == test.outcome && result.status == test.status && world.file == test.file)
    #expect(!world.changes.contains { $0.state.isOpen } && !world.wroteUnrecorded)
    #expect(world.measured.count == 4 && Set(world.blocks.values) == [.finished])
  }

  private static func second(_ number: Int, failures: Int) -> LoadUpdate {
    var slice = Slice(second: number)
    slice.due = 100
    slice.completed = 100 - failures
    slice.failed = failures > 0 ? [.acquireTimeout: failures] : [:]
    return LoadUpdate(slices: [slice], samples: [], live: LiveFigures(), isFinished: false)
  }

  /// Steps of two seconds. Reaching the condition, or the hard stop, ends the load; a guard of the file still is one.
  @Test(arguments: [
    (
      [0, 0, 3, 3, 90, 90, 90], [Guard](), 2,
      BreakingPoint(held: 10, broke: 20, condition: "error_rate > 2%", value: 0.03)
    ),
    ([0, 0, 0, 0, 0, 0], [], 2, BreakingPoint(held: 30)),
    (
      Array(repeating: 60, count: 12), [], 20, BreakingPoint(held: 0, broke: 10, condition: "error_rate > 50% for 10s")
    ),
  ]) func `a load of steps ends at its breaking point, which is a success`(
    failures: [Int], guards: [Guard], every: Int, expected: BreakingPoint
  ) throws {
    let world = FakeWorld()
    world.updates = failures.enumerated().map { Self.second($0.offset, failures: $0.element) }
    let shape = LoadShape.steps(
      StepsShape(
        start: 10, step: 10, every: .seconds(every), most: 30, until: [try Condition(parsing: "error_rate > 2%")],
        warmUp: .zero))
    let result = world.carryOut(.go, pairs: 1, guards: guards, shape: shape)
    #expect(result.outcome == .kept && result.failure == nil && Set(world.blocks.values) == [.finished])
    #expect(world.breakingPoints == [0: expected, 1: expected])
  }

  @Test func `a guard of the file stops a load of steps as any other`() throws {
    let world = FakeWorld()
    world.updates = (0..<4).map { Self.second($0, failures: 60) }
    let shape = LoadShape.steps(
      StepsShape(start: 10, step: 10, every: .seconds(2), most: 30, until: [], warmUp: .zero))
    let result = world.carryOut(
      .go, pairs: 1, guards: [try Guard(parsing: "error_rate > 50% for 2s")], shape: shape)
    #expect(result.outcome == .failed && world.breakingPoints.isEmpty && result.failure?.status == .rolledBack)
  }

  @Test func `a look that decides ends the execution early`() {
    let world = FakeWorld()
    #expect(world.carryOut(.go, pairs: 6, looks: [3]).outcome == .kept)
    #expect(world.measured.count == 6)
    let undecided = FakeWorld()
    _ = undecided.carryOut(.inconclusive, pairs: 6, looks: [3])
    #expect(undecided.measured.count == 12 && undecided.verdicts.count == 1)
  }

  @Test func `what a look could not decide is no verdict when the rest is cut off`() {
    let world = FakeWorld()
    let whole = FakeWorld()
    _ = whole.carryOut(.inconclusive, pairs: 6, looks: [3])
    let begins = whole.callNames.indices.filter { whole.callNames[$0] == "beginBlock" }
    world.trouble = .interrupt(after: begins[6] + 1)
    let result = world.carryOut(.inconclusive, pairs: 6, looks: [3])
    #expect(result.status == .interrupted && result.verdict == nil && world.verdicts.isEmpty)
    #expect(Set(world.runs.values) == [.aborted])
  }

  @Test func `a guard stops the load and puts the file back`() throws {
    let world = FakeWorld()
    world.errorsPerSecond = 50
    let result = world.carryOut(guards: [try Guard(parsing: "error_rate > 20%")])
    #expect(result.status == .rolledBack && world.file == "max=5" && world.blocks == [0: .aborted])
    #expect(result.failure?.message.contains("error_rate > 20%") == true)
  }

  @Test func `nothing starts on an open undo`() {
    let world = FakeWorld()
    world.trouble = .killAfter(Self.firstApply)
    _ = world.carryOut()
    world.isDead = false
    world.trouble = .none
    let calls = world.calls
    #expect(world.carryOut().status == .locked)
    #expect(Array(world.callNames[calls...]) == ["preflight", "openChanges"])
  }

  @Test func `a setting that somebody else changed is not overwritten`() throws {
    let world = FakeWorld()
    world.trouble = .killAfter(Self.firstApply)
    _ = world.carryOut()
    world.file = "max=33"
    let findings = try world.recover()
    #expect(
      findings.map(\.result) == [.conflict(expected: world.changes[0].after, found: "max=33")] && world.file == "max=33"
    )
    #expect(try world.recover(force: true).map(\.result) == [.restored])
    #expect(world.file == "max=5")
  }
}

@Suite struct ForeignLinesTests {
  /// Where there was no file, and somebody wrote other lines into the one that came with the change.
  private func world() -> FakeWorld {
    let world = FakeWorld()
    world.file = nil
    world.targets[0].hasForeignLines = true
    world.targets[0].running = nil
    return world
  }

  @Test func `a file that stays for the sake of other lines is put back`() {
    let world = world()
    let result = world.carryOut(.noGo)
    #expect(result.outcome == .rolledBack && result.status == .noGo && world.file?.isEmpty == true)
    #expect(!world.changes.contains { $0.state.isOpen })
  }

  @Test func `recovery ends with it too`() throws {
    let world = world()
    world.trouble = .killAfter(RunnerTests.firstApply)
    _ = world.carryOut()
    #expect(try world.recover().map(\.result) == [.restored])
    #expect(try world.recover().isEmpty)
  }
}
