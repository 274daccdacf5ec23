import Model
import Monitor
import Runner
import Testing

/// A ramp into exhaustion in memory: when it ends, and what comes of it.
@Suite struct ExhaustionTests {
  private static func update(
    _ second: Int, _ level: WarningLevel, failure: FirstFailure? = nil, isFinished: Bool = false
  ) -> LoadUpdate {
    var slice = Slice(second: second)
    slice.due = 100
    slice.completed = 10
    slice.failed = failure == nil ? [:] : [.acquireTimeout: 90]
    var update = LoadUpdate(slices: [slice], samples: [], live: LiveFigures(), isFinished: isFinished)
    let moment = Double(second)
    update.warnings = [WarningSample(taken: moment, known: moment + 0.01, level: level, age: .told)]
    update.firstFailure = failure
    return update
  }

  static let failure = FirstFailure(second: 15.5, error: .acquireTimeout)

  /// The default acquire timeout is 30 s, looked at every 3 s.
  private func carryOut(_ updates: [LoadUpdate], in world: FakeWorld = FakeWorld()) -> (FakeWorld, ExecutionResult) {
    world.updates = updates
    let shape = LoadShape.ramp(
      RampShape(startUsers: 1, stages: [.init(users: 100, duration: .seconds(60))], warmUp: .zero))
    let result = world.carryOut(.go, pairs: 1, shape: shape) { $0.arm() }
    return (world, result)
  }

  @Test func `it ends after the first failure, which trips no guard, and one run is what it leaves`() throws {
    let updates = [
      Self.update(0, .calm), Self.update(1, .alert), Self.update(16, .alert, failure: Self.failure),
      Self.update(17, .alert, failure: Self.failure), Self.update(18, .alert, failure: Self.failure),
    ]
    let (world, result) = carryOut(updates)
    #expect(world.nextUpdate == 3, "the load ended with the sample after the failure")
    #expect(result.outcome == .rolledBack && result.status == .go && world.isBack)
    #expect(result.runs == [.baseline: RunID(1)] && world.measured == [.baseline])
    #expect(world.blocks == [0: .finished] && world.runs == [RunID(1): .finished])
    let lead = try #require(world.leads[RunID(1)])
    #expect(lead.failure == Self.failure && lead.lead(of: .alert) == 15.5 - 1.01)
    #expect(world.verdicts.map(\.decision) == [.go] && result.verdict?.reason.contains("leads by 14.49 s") == true)
  }

  @Test func `a ramp that exhausts nothing is no proof, and one that fails without an alert is one against it`() {
    let (quiet, nothing) = carryOut([Self.update(0, .calm), Self.update(1, .warning, isFinished: true)])
    #expect(nothing.status == .inconclusive && nothing.outcome == .rolledBack && quiet.isBack)
    #expect(nothing.verdict?.reason.contains("did not exhaust the pool") == true)
    let silent = (0..<30).map { Self.update($0, .calm, failure: $0 > 10 ? Self.failure : nil) }
    let (world, result) = carryOut(silent)
    #expect(result.status == .noGo && world.isBack && world.nextUpdate < 30)
    let late = (0..<17).map { Self.update($0, .calm, failure: $0 > 15 ? Self.failure : nil) }
    let (_, after) = carryOut(late + [Self.update(17, .alert, failure: Self.failure)])
    #expect(after.status == .noGo && after.verdict?.reason.contains("before the alert came") == true)
  }

  @Test func `an interrupt and a guard of the file end it without a verdict, and all is put back`() throws {
    let calls = { () -> [String] in
      let (world, _) = carryOut([Self.update(0, .calm), Self.update(1, .alert, isFinished: true)])
      return world.callNames
    }()
    let poll = try #require(calls.firstIndex(of: "poll"))
    let world = FakeWorld()
    world.trouble = .interrupt(after: poll + 1)
    let (_, stopped) = carryOut([Self.update(0, .calm), Self.update(1, .alert)], in: world)
    #expect(stopped.status == .interrupted && world.isBack && world.verdicts.isEmpty && world.leads.isEmpty)
    #expect(world.blocks == [0: .aborted] && world.runs == [RunID(1): .aborted])

    let guarded = FakeWorld()
    guarded.updates = (0..<20).map {
      Self.update($0, .calm, failure: $0 > 2 ? FirstFailure(second: 3, error: .queueFull) : nil)
    }
    let result = guarded.carryOut(.go, pairs: 1, guards: [try Guard(parsing: "error_rate > 50% for 2s")]) { $0.arm() }
    #expect(result.outcome == .failed && guarded.isBack && guarded.verdicts.isEmpty)
  }
}

extension Experiment {
  /// As an experiment file with `early_warning` is read.
  mutating func arm() {
    earlyWarning = EarlyWarningSpec()
    change = SettingPatch()
    rehearse = false
    after = AfterSpec(go: .rollback, noGo: .rollback, inconclusive: .rollback)
  }
}
