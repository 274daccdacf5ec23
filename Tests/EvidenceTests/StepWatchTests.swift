import Evidence
import Model
import Statistics
import Testing

private func condition(_ text: String) throws -> Condition { try Condition(parsing: text) }

/// Seconds of a load whose latency, errors and CPU are those of its step.
private struct Step {
  var latency = 0.05
  var completed = 100
  var timeouts = 0
  var cpu = 0.2

  func slice(_ second: Int) -> Slice {
    var slice = Slice(second: second)
    slice.due = 100
    slice.completed = completed
    slice.failed = timeouts > 0 ? [.acquireTimeout: timeouts] : [:]
    slice.histograms[.latency] = Histogram([Int64](repeating: Int64(latency * 1e9), count: completed)).encoded()
    slice.active = Gauge(mean: 4, max: 5)
    return slice
  }
}

@Suite struct StepWatchTests {
  private static func shape(_ until: [String], most: Int = 40) throws -> LoadShape {
    .steps(
      StepsShape(
        start: 10, step: 10, every: .seconds(3), most: most, until: try until.map(condition), warmUp: .seconds(2)))
  }

  /// What the watch finds when the steps are these, fed second by second, or several at once.
  private func found(_ until: [String], _ steps: [Step], most: Int = 40, atOnce: Int = 1) throws -> BreakingPoint? {
    var settings = PoolSettings()
    settings.maxSize = 5
    var watch = try #require(StepWatch(try Self.shape(until, most: most), settings: settings))
    // The warm-up is terrible, and counts for nothing.
    var slices = [-2, -1].map { Step(latency: 9, completed: 1, timeouts: 99).slice($0) }
    var samples: [ProbeSample] = []
    var cpu = 0.0
    for (index, step) in steps.enumerated() {
      for second in (index * 3)..<(index * 3 + 3) {
        slices.append(step.slice(second))
        samples.append(
          ProbeSample(
            second: Double(second) + 0.01,
            values: [.serverCPUSeconds: cpu, .machineTotalSeconds: Double(second)]))
        cpu += step.cpu
      }
    }
    samples.append(
      ProbeSample(
        second: Double(steps.count * 3),
        values: [.serverCPUSeconds: cpu, .machineTotalSeconds: Double(steps.count * 3)]))
    while !slices.isEmpty {
      let next = Array(slices.prefix(atOnce))
      slices.removeFirst(next.count)
      let until = Double((next.last?.second ?? 0) + 1)
      let read = samples.filter { $0.second <= until }
      samples.removeFirst(read.count)
      if let point = watch.take(next, read) { return point }
    }
    return nil
  }

  @Test(arguments: [1, 2, 3, 20])
  func `the first step that shows a condition ends it, and the step before is the point`(
    atOnce: Int
  ) throws {
    let steps = [Step(), Step(latency: 0.2), Step(latency: 0.5, timeouts: 1), Step(latency: 2)]
    let byLatency = try found(["error_rate > 5%", "p(95) > 400ms"], steps, atOnce: atOnce)
    let byErrors = try found(["errors >= 3", "p(95) > 400ms"], steps, atOnce: atOnce)
    #expect(byLatency?.held == 20 && byLatency?.broke == 30 && byLatency?.condition == "p(95) > 400ms")
    #expect(abs((byLatency?.value ?? 0) / 0.5 - 1) < 0.01)
    #expect(byErrors == BreakingPoint(held: 20, broke: 30, condition: "errors >= 3", value: 3))
  }

  @Test func `all may hold, or none, and a step that is not over is not judged`() throws {
    let all = try found(["p(95) > 400ms"], Array(repeating: Step(), count: 4))
    let none = try found(["p(95) > 10ms"], [Step()])
    let early = try found(["p(95) > 10ms"], [], most: 20)
    #expect(all == BreakingPoint(held: 40) && none?.held == 0 && none?.broke == 10 && early == nil)
  }

  @Test func `who is given up is slower than any limit, and silence is no good sign`() throws {
    let givenUp = try found(["p(95) > 400ms"], [Step(), Step(completed: 90, timeouts: 10)])
    let silent = try found(["p(95) > 400ms"], [Step(), Step(completed: 0)])
    #expect(givenUp == BreakingPoint(held: 10, broke: 20, condition: "p(95) > 400ms", value: nil))
    #expect(silent == givenUp)
  }

  @Test func `conditions on the server and on the pool are those of the step alone`() throws {
    let cpu = try found(["server_cpu > 60%"], [Step(), Step(cpu: 0.5), Step(cpu: 0.9)], atOnce: 1)
    let share = try found(["connections_used >= 100%"], [Step()])
    #expect(cpu?.held == 20 && cpu?.broke == 30 && (cpu?.value ?? 0) > 0.6)
    #expect(share?.broke == 10 && share?.value == 5)
  }

  @Test func `other shapes have no steps, and a hard stop breaks the step that runs`() throws {
    let constant = LoadShape.constant(users: 1, warmUp: .zero, duration: .seconds(1))
    var watch = try #require(StepWatch(try Self.shape(["errors > 1000"]), settings: PoolSettings()))
    _ = watch.take((0..<4).map { Step().slice($0) }, [])
    #expect(StepWatch(constant, settings: PoolSettings()) == nil)
    #expect(watch.broken(by: "why") == BreakingPoint(held: 10, broke: 20, condition: "why"))
  }
}

@Suite struct SpikeRecoveryTests {
  private static let spike = SpikeShape(
    users: 30, baseUsers: 3, rise: .seconds(1), hold: .seconds(2), fall: .seconds(1), recovery: .seconds(6),
    warmUp: .seconds(3))

  /// A block whose p95 is high, and whose queue is long, in these seconds.
  private func recovery(slow: ClosedRange<Int>, waiting: ClosedRange<Int>, base: Int = 3) -> SpikeRecovery? {
    var shape = Self.spike
    shape.baseUsers = base
    var recorded = Synthetic(blocks: 1, seconds: 1, warmUp: 0).run(.retest)
    recorded.blocks[0].slices = (-3..<10).map { second in
      var slice = Step(latency: second == -3 || slow.contains(second) ? 0.9 : 0.05).slice(second)
      slice.waiting = waiting.contains(second) ? Gauge(mean: 12, max: 20) : Gauge()
      return slice
    }
    if base == 0 { recorded.blocks[0].slices.removeFirst(3) }
    return SpikeRecovery.all(of: recorded, .spike(shape)).first
  }

  @Test func `back is the first second from which on all is as it was in the warm-up`() throws {
    let atOnce = try #require(recovery(slow: 1...2, waiting: 1...2))
    let late = try #require(recovery(slow: 1...5, waiting: 1...6))
    let never = try #require(recovery(slow: 1...9, waiting: 0...0))
    let noBase = try #require(recovery(slow: 0...9, waiting: 1...4, base: 0))
    #expect([atOnce, late, never, noBase].map(\.seconds) == [0, 3, nil, 1])
    #expect(abs((late.usualP95 ?? 0) / 0.05 - 1) < 0.01 && abs((late.worstP95 ?? 0) / 0.9 - 1) < 0.01)
    #expect(late.mostWaiting == 20 && noBase.usualP95 == nil)
  }
}

@Suite struct FlowFiguresTests {
  /// Blocks of a flow of two steps: each second 50 visits begin, `failures` of them fail in the second step.
  private func run(failures: Int, _ arm: Arm = .retest, dishonest: Bool = false) -> RecordedRun {
    var recorded = Synthetic(blocks: 8, seconds: 6, warmUp: 1).run(arm)
    for block in recorded.blocks.indices {
      for index in recorded.blocks[block].slices.indices {
        var slice = recorded.blocks[block].slices[index]
        let latencies = [Int64](repeating: 50_000_000, count: 50)
        slice.due = 100
        slice.completed = 100 - failures
        slice.failed = failures > 0 ? [.sql("22012"): failures] : [:]
        slice.histograms[.latency] = Histogram([Int64](repeating: 50_000_000, count: 100 - failures)).encoded()
        slice.histograms[.flow] = Histogram(
          [Int64](repeating: 900_000_000 + Int64(block) * 1_000_000, count: 50 - failures)
        ).encoded()
        slice.flows = FlowCounts(
          started: slice.isWarmUp ? 57 : 50, completed: 50 - failures, failed: dishonest ? failures + 1 : failures)
        slice.parts = [
          TransactionPart(name: "find", completed: 50, latency: Histogram(latencies).encoded()),
          TransactionPart(
            name: "pay", completed: 50 - failures, failed: failures,
            latency: Histogram(latencies.dropLast(failures)).encoded()),
        ]
        recorded.blocks[block].slices[index] = slice
      }
    }
    return recorded
  }

  @Test func `visits and steps add up over the blocks`() throws {
    let figures = RunFigures.of(run(failures: 1))
    let flows = try #require(figures.flows)
    #expect(flows.counts == FlowCounts(started: 2400, completed: 2352, failed: 48))
    #expect(flows.underWayAtStart == 56 && flows.underWay == 56)
    #expect(figures.parts.map(\.name) == ["find", "pay"] && figures.parts.map(\.finished) == [2400, 2400])
    #expect(figures.parts.map(\.failed) == [0, 48] && abs((figures.parts[1].p95 ?? 0) / 0.05 - 1) < 0.01)
    #expect(figures[.flowSuccess]?.value == 0.98 && figures[.flowSuccess]?.samples == 2400)
    #expect(abs((figures[.flow(95)]?.value ?? 0) - 0.9035) < 0.01 && figures[.flow(95)]?.samples == 2352)
    #expect(figures.objections.allSatisfy { !$0.contains("visits") })
    #expect(RunFigures.of(run(failures: 1, dishonest: true)).objections.contains { $0.contains("visits of the flow") })
  }

  @Test(arguments: [
    (1, "flow_success > 95%", Decision.go), (10, "flow_success > 95%", .noGo), (1, "flow_p(95) < 1s", .go),
    (1, "flow_p(95) < 900ms", .noGo), (5, "flow_success >= baseline * 0.99", .noGo),
  ]) func `checks may be of whole visits`(failures: Int, check: String, decision: Decision) throws {
    let verdict = Judgement.judge(
      checks: [try condition(check)], plan: PairsSpec(), baseline: run(failures: 1, .baseline),
      retest: run(failures: failures))
    #expect(verdict.decision == decision, "\(verdict)")
  }

  @Test func `a run without flows has no rows of them`() {
    let plain = Synthetic()
    let comparison = Comparison.compare(plain.run(.baseline), plain.run(.retest))
    let flow = Comparison.compare(run(failures: 1, .baseline), run(failures: 1))
    #expect(!comparison.rows.contains { $0.metric.isOccasional } && comparison.before.parts.isEmpty)
    #expect(flow.rows.map(\.metric).suffix(3) == [.flowSuccess, .flow(50), .flow(95)])
  }

  /// Pairs whose blocks broke at 300 and 400 users; with `all`, the retest never broke.
  private func steps(_ arm: Arm, held: Int, broke: Int?) -> RecordedRun {
    var recorded = Synthetic(blocks: 8, seconds: 6, warmUp: 1).run(arm)
    for index in recorded.blocks.indices {
      recorded.blocks[index].block.breakingPoint = BreakingPoint(held: held + index % 2 * 10, broke: broke)
    }
    return recorded
  }

  @Test(arguments: [
    (400, 420 as Int?, "breaking_point >= baseline * 1.2", Decision.go), (400, nil, "breaking_point >= 350", .go),
    (400, 420, "breaking_point >= 420", .noGo), (400, nil, "breaking_point <= 450", .inconclusive),
    (400, nil, "breaking_point >= 450", .inconclusive), (400, nil, "breaking_point >= baseline * 2", .inconclusive),
    (400, 420, "breaking_point >= baseline * 2", .noGo),
  ]) func `checks may be of the breaking point`(held: Int, broke: Int?, check: String, decision: Decision) throws {
    let (before, after) = (steps(.baseline, held: 300, broke: 310), steps(.retest, held: held, broke: broke))
    let verdict = Judgement.judge(
      checks: [try condition(check)], plan: PairsSpec(), baseline: before, retest: after)
    #expect(verdict.decision == decision, "\(verdict)")
    var shorter = before
    for index in shorter.blocks.indices { shorter.blocks[index].slices.removeLast(3) }
    let comparison = Comparison.compare(shorter, after)
    let row = try #require(comparison.rows.last)
    #expect(comparison.rows.dropLast().allSatisfy { $0.finding == .notJudged } && comparison.otherDifferences.isEmpty)
    #expect(row.metric == .breakingPoint && row.finding == .improved, "\(row)")
  }
}
