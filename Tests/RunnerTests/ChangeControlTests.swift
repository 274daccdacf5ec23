import Evidence
import Model
import Runner
import Testing

/// Several targets, rehearsal, rollout, drift: what an execution does beside measuring.
@Suite struct ChangeControlTests {
  private func world(_ names: String...) -> FakeWorld {
    let world = FakeWorld()
    world.targets = names.map { FakeTarget($0, world) }
    return world
  }

  private func acts(_ world: FakeWorld, _ act: String, after start: Int = 0) -> [String] {
    world.callNames[start...].filter { $0.hasPrefix(act + " ") }.map { String($0.dropFirst(act.count + 1)) }
  }

  @Test func `targets are changed in order, and put back in the opposite one`() {
    let world = world("app", "pooler", "server")
    let result = world.carryOut(.noGo, pairs: 1) { $0.rehearse = false }
    #expect(acts(world, "apply") == ["app", "pooler", "server", "app", "pooler", "server"])
    #expect(acts(world, "revert") == ["server", "pooler", "app"])
    #expect(result.outcome == .rolledBack && world.isBack && !world.changes.contains { $0.state.isOpen })
  }

  @Test func `one that cannot be put back is named, and keeps none of the others from it`() throws {
    let world = world("app", "pooler", "server")
    world.targets[1].isStuck = true
    let result = world.carryOut(.noGo) { $0.rehearse = false }
    #expect(result.status == .rollbackUnverified && result.failure?.message.contains("pooler does not answer") == true)
    #expect(world.targets.map { $0.file == "max=5" } == [true, false, true])
    #expect(Set(world.changes.filter(\.state.isOpen).map(\.locator)) == ["pooler"])
    #expect(try world.recover().map(\.isBack) == [false])
    world.targets[1].isStuck = false
    #expect(try world.recover().map(\.result) == [.restored] && world.isBack)
  }

  @Test func `an undo that is owed elsewhere is in nobody's way`() {
    let world = world("app")
    world.targets[0].isStuck = true
    _ = world.carryOut(.noGo) { $0.rehearse = false }
    #expect(world.carryOut().status == .locked)
    world.targets = [FakeTarget("another", world)]
    #expect(world.carryOut(.noGo).status == .noGo)
  }

  @Test func `what is written but does not work is written again`() {
    let world = world("app")
    // Somebody wrote the baseline into the file, and restarted nothing.
    world.file = "max=20"
    let result = world.carryOut(.noGo)
    #expect(result.status == .noGo && world.file == "max=20" && world.targets[0].running == "max=20")
  }

  // MARK: Rehearsal

  @Test func `the way back is gone before any load is on, and the judge is told`() {
    let world = world("app", "pooler")
    _ = world.carryOut(.noGo)
    let load = world.callNames.firstIndex(of: "begin") ?? 0
    let before = world.callNames[..<load].filter { $0.hasPrefix("apply") || $0.hasPrefix("revert") }
    #expect(
      before == ["apply app", "apply pooler", "revert pooler", "revert app", "apply app", "apply pooler"]
        && world.wasRehearsed == true)
    let plain = self.world("app")
    _ = plain.carryOut(.noGo) { $0.rehearse = false }
    #expect(plain.wasRehearsed == false && acts(plain, "revert") == ["app"])
  }

  @Test func `where the change is there already, the baseline is rehearsed`() {
    let world = world("app")
    (world.file, world.targets[0].running) = ("max=50", "max=50")
    let result = world.carryOut(.noGo)
    #expect(result.outcome == .rolledBack && world.file == "max=50" && world.wasRehearsed == true)
  }

  @Test func `a way back that does not work is found before any load`() {
    let world = world("app")
    world.targets[0].staysChanged = true
    let result = world.carryOut()
    #expect(result.status == .rollbackUnverified && world.measured.isEmpty && !world.callNames.contains("begin"))
    #expect(result.failure?.message.contains("it is not in force") == true)
  }

  // MARK: Rollout

  @Test(arguments: [nil, 20, 30, 50]) func `a rollout stops at the first step that fails`(failing: Int?) throws {
    let world = world("app", "pooler")
    if let failing { world.errorsAtStep = [failing: 9] }
    let check = try Condition(parsing: "error_rate < 5%")
    let result = world.carryOut(.go) { $0.rollout = RolloutSpec(steps: [20, 30, 50], checks: [check]) }
    let taken = world.steps.values.sorted()
    guard let failing else {
      #expect(result.outcome == .kept && taken == [20, 30, 50] && world.measured.count == 4)
      return
    }
    #expect(result.status == .noGo && result.outcome == .rolledBack && world.isBack && world.measured.isEmpty)
    #expect(taken == [20, 30, 50].filter { $0 <= failing })
    #expect(world.verdicts.first?.reason.contains("At max_size \(failing)") == true)
    #expect(world.verdicts.first?.rules.first?.rule == "error_rate < 5% at max_size \(failing)")
    #expect(Set(world.runs.values) == [.finished])
  }

  @Test func `a rollout's step without data is not passed`() throws {
    let world = world("app")
    let check = try Condition(parsing: "server_cpu < 50%")
    let result = world.carryOut(.go) { $0.rollout = RolloutSpec(steps: [20, 50], checks: [check]) }
    #expect(result.status == .inconclusive && world.isBack && world.measured.isEmpty)
  }

  // MARK: Drift

  struct Drift: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The question at which it is seen; blocks here ask twice.
    var question: Int
    var change: @Sendable (FakeTarget) -> Void
    var status: Model.ExitStatus
    var file: String
  }

  @Test(arguments: [
    Drift(
      testDescription: "edited", question: 1, change: { $0.file = "max=33" }, status: .rollbackUnverified,
      file: "max=33"),
    Drift(
      testDescription: "edited, and seen at the last look", question: 2, change: { $0.file = "max=33" },
      status: .rollbackUnverified, file: "max=33"),
    Drift(
      testDescription: "restarted with another value", question: 5, change: { $0.running = "max=10" },
      status: .rolledBack, file: "max=5"),
  ])
  func `a drift aborts its block, and what somebody else wrote stays`(drift: Drift) {
    let world = world("app")
    world.plannedDrift = (drift.question, "app was changed", { drift.change($0.targets[0]) })
    let result = world.carryOut()
    let last = (drift.question - 1) / 2
    #expect(result.status == drift.status && world.file == drift.file)
    #expect(world.blocks[last] == .aborted && world.blocks.count == last + 1 && world.looksAt == nil)
    #expect(result.failure?.message == "app was changed")
  }
}

@Suite struct UndoTests {
  private func undo(_ before: String?, _ after: String?, then more: (String?, String?)...) -> Undo {
    let pairs = [(before, after)] + more
    let changes = pairs.enumerated().map { index, texts in
      Change(
        id: index, execution: ExecutionID(experiment: "fake", number: 1), target: "fake", locator: "app.env",
        before: texts.0, after: texts.1, state: .applied, recorded: Timestamp(microseconds: 0))
    }
    return Undo.owed(by: changes)[0]
  }

  /// One line a variable; `|` stands for a line's end.
  @Test(arguments: [
    ("a=5|b=1", "a=50|b=1", true), ("a=5|b=1", "a=20|b=1", true), ("a=5|b=1", "a=5|b=9", true),
    ("a=5|b=1", "a=5|b=1", true), ("a=5|b=1", "a=33|b=1", false), ("a=5|b=1", "a=50|b=7", false),
    ("a=5|b=1", "b=1", false), ("a=5|b=1", "", false), ("b=1", "b=9", true), ("", "a=20", true), ("", "c=1", false),
    ("a=5|b=1", "a=50|b=9|c=4", false),
  ])
  func `left between two of its own values, a target is put back; with any other, left alone`(
    original: String, current: String, isOurs: Bool
  ) {
    func lines(_ text: String) -> String { text.replacing("|", with: "\n") }
    let undo = undo(lines(original), "a=20\nb=9", then: ("a=20\nb=9", "a=50\nb=9"))
    switch undo.decide(current: lines(current)) {
    case .alreadyBack: #expect(current == original)
    case .restore(let text): #expect(isOurs && text == lines(original))
    case .conflict: #expect(!isOurs)
    }
  }
}
