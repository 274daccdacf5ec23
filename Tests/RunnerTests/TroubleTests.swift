import Model
import Runner
import Testing

/// Enumerates the boundaries itself: whatever a later version calls is a new boundary.
@Suite struct TroubleTests {
  /// What an execution may be made of.
  struct Kind: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var decision = Decision.noGo
    var targets = ["app.env"]
    var adjust: @Sendable (inout Experiment) -> Void = { _ in }

    func world(_ trouble: FakeWorld.Trouble = .none) -> FakeWorld {
      let world = FakeWorld()
      world.targets = targets.map { FakeTarget($0, world) }
      world.trouble = trouble
      return world
    }

    func carryOut(in world: FakeWorld) -> ExecutionResult { world.carryOut(decision, adjust: adjust) }

    /// Every call of an execution without trouble.
    var calls: [String] {
      let world = world()
      _ = carryOut(in: world)
      return world.callNames
    }
  }

  static let kinds = [
    Kind(testDescription: "put back"), Kind(testDescription: "kept", decision: .go),
    Kind(testDescription: "three targets", targets: ["app.env", "pgbouncer", "server"]),
    Kind(testDescription: "three targets, kept", decision: .go, targets: ["app.env", "pgbouncer", "server"]),
    Kind(testDescription: "without a rehearsal") { $0.rehearse = false },
    Kind(testDescription: "in steps", targets: ["app.env", "pgbouncer"]) {
      $0.rollout = RolloutSpec(steps: [20, 30, 50], checks: [])
    },
    Kind(testDescription: "a ramp into exhaustion", targets: ["app.env", "server"]) { $0.arm() },
  ]

  @Test(arguments: kinds) func `killed before or after any call, recovery puts everything back`(kind: Kind) throws {
    let calls = kind.calls
    for boundary in calls.indices.map({ $0 + 1 }) {
      for trouble in [FakeWorld.Trouble.killBefore(boundary), .killAfter(boundary)] {
        let world = kind.world(trouble)
        _ = kind.carryOut(in: world)
        let wasKept = world.changes.contains { $0.state == .kept }
        let findings = try world.recover()
        let again = try world.recover()
        let isBack = (wasKept ? world.isChanged : world.isBack) && findings.allSatisfy(\.isBack) && again.isEmpty
        let isClosed = !world.executions.values.contains(.running) && !world.blocks.values.contains(.running)
        #expect(isBack && isClosed && !world.wroteUnrecorded, "\(trouble) at \(calls[boundary - 1])")
      }
    }
  }

  @Test(arguments: kinds) func `a recovery that is killed anywhere is finished by the next`(kind: Kind) throws {
    let calls = kind.calls
    for death in calls.indices where calls[death].hasPrefix("apply") || calls[death].hasPrefix("setChange") {
      let died = kind.world(.killAfter(death + 1))
      _ = kind.carryOut(in: died)
      let start = died.calls
      _ = try died.recover()
      for boundary in 1...(died.calls - start) {
        let world = kind.world(.killAfter(death + 1))
        _ = kind.carryOut(in: world)
        _ = try? world.recover(.killAfter(world.calls + boundary))
        _ = try world.recover()
        #expect(world.isBack && !world.changes.contains { $0.state.isOpen }, "\(calls[death]), then \(boundary)")
      }
    }
  }

  @Test(arguments: kinds) func `whatever call fails, all is back or the result says that it may not be`(kind: Kind)
    throws
  {
    let calls = kind.calls
    for boundary in calls.indices.map({ $0 + 1 }) {
      let world = kind.world(.fail(at: boundary))
      let result = kind.carryOut(in: world)
      let isHonest = result.outcome == .kept ? world.isChanged : world.isBack || result.status == .rollbackUnverified
      if result.outcome == .rollbackUnverified { #expect(world.changes.contains { $0.state.isOpen }) }
      #expect(isHonest, "\(calls[boundary - 1]) failed: \(result.status), \(world.targets.map(\.file))")
      guard result.outcome != .kept else { continue }
      _ = try world.recover()
      #expect(world.isBack && !world.executions.values.contains(.rollbackUnverified), "\(calls[boundary - 1])")
    }
  }

  @Test(arguments: kinds) func `interrupted anywhere, all is back`(kind: Kind) {
    let calls = kind.calls
    for boundary in calls.indices.map({ $0 + 1 }) {
      let world = kind.world(.interrupt(after: boundary))
      let result = kind.carryOut(in: world)
      let isStopped = result.status == .interrupted || result.verdict != nil
      let isWhole = result.outcome == .kept ? world.isChanged : world.isBack
      #expect(isWhole && isStopped, "interrupted after \(calls[boundary - 1]): \(result)")
    }
  }
}
