import Evidence
import Model
import Runner
import Testing

/// Blocks during which the hypervisor took the machine's CPU.
@Suite struct DisturbanceTests {
  /// One block of a second, on two cores: a warm-up that does not count, then `steal` as a share of all cores.
  private static func block(steal: Double, warmUp: Double = 0) -> LoadUpdate {
    func sample(_ second: Double, stolen: Double) -> ProbeSample {
      ProbeSample(
        second: second, values: [.machineStealSeconds: stolen, .machineTotalSeconds: 100 + 2 * second])
    }
    let before = 2 * warmUp
    let samples = [sample(-1, stolen: 0), sample(0, stolen: before), sample(1, stolen: before + 2 * steal)]
    var slice = Slice(second: 0)
    slice.due = 100
    slice.completed = 100
    return LoadUpdate(slices: [slice], samples: samples, live: LiveFigures(), isFinished: true)
  }

  private func carryOut(_ steals: [Double], pairs: Int) -> (world: FakeWorld, result: ExecutionResult) {
    let world = FakeWorld()
    world.loads = steals.map { Self.block(steal: $0) }
    return (world, world.carryOut(.go, pairs: pairs))
  }

  @Test func `a disturbed block does not count, and is measured again where it stands`() {
    let (world, result) = carryOut([0, 0.05, 0.01, 0, 0], pairs: 2)
    #expect(result.outcome == .kept && world.nextLoad == 5)
    #expect(world.setAside == ["the hypervisor took 5.0 % of the machine's CPU"])
    #expect(world.again.map(\.position) == [1] && world.again.first?.pair == 0)
    #expect(world.endings.map(\.status) == [.finished, .aborted, .finished, .finished, .finished])
    #expect(world.endings.map(\.block) == [0, 1, 1, 2, 3], "the next block comes when the disturbed one is made good")
  }

  @Test func `the warm-up may be disturbed`() {
    let world = FakeWorld()
    world.loads = (0..<4).map { _ in Self.block(steal: 0, warmUp: 0.5) }
    #expect(world.carryOut(.go, pairs: 2).outcome == .kept && world.setAside.isEmpty && world.nextLoad == 4)
  }

  /// Of 2 blocks one, of 16 four: what is disturbed beyond that counts, and is an objection to the run.
  @Test(arguments: [(1, 1), (2, 1), (8, 4), (20, 10)])
  func `a quarter of the blocks may be measured again`(pairs: Int, again: Int) {
    let (world, result) = carryOut(Array(repeating: 0.03, count: 3 * pairs + 4), pairs: pairs)
    #expect(result.outcome == .kept && world.setAside.count == again)
    #expect(world.endings.count { $0.status == .finished } == 2 * pairs)
    #expect(world.nextLoad == 2 * pairs + again)
  }

  @Test func `a block that was set aside leaves no breaking point`() {
    let world = FakeWorld()
    world.loads = [0.05, 0, 0].map { Self.block(steal: $0) }
    let shape = LoadShape.steps(
      StepsShape(start: 10, step: 10, every: .seconds(1), most: 10, until: [], warmUp: .zero))
    #expect(world.carryOut(.go, pairs: 1, shape: shape).outcome == .kept && world.setAside.count == 1)
    #expect(world.callNames.count { $0 == "recordBreakingPoint" } == 2)
  }

  @Test func `nothing is set aside where the hypervisor does not tell`() {
    let world = FakeWorld()
    #expect(world.carryOut(.go).outcome == .kept && world.setAside.isEmpty)
  }
}
