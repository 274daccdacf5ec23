import Model
import Statistics
import Testing

@testable import Evidence

/// One long block, five seconds to a slice, made by a rule with a little noise.
private struct Soak {
  var seconds = 3600
  /// Of a window's p95 (autoregressive by 0.8 from one to the next), as a share.
  var noise = 0.02
  var kept = 0.8
  var seed: UInt64 = 1
  var status = RecordStatus.finished
  /// Each at a time from 0 to 1, times its level.
  var latency: @Sendable (Double) -> Double = { _ in 1 }
  var memory: @Sendable (Double) -> Double = { _ in 1 }
  var connections: @Sendable (Double) -> Double = { _ in 20 }
  /// Of 2,000 requests in five seconds.
  var failed: @Sendable (Double) -> Int = { _ in 0 }

  /// Shares of a latency distribution: forty steps of an exponential one.
  private static let steps: [Double] = (0..<40).map { -logarithm(1 - (Double($0) + 0.5) / 40) }

  var run: RecordedRun {
    var random = RandomSource(seed: seed, stream: 5)
    var wanted = PoolSettings()
    wanted.maxLifetime = nil
    let run = Run(
      id: RunID(13), execution: ExecutionID(experiment: "soak", number: 1), arm: .retest, status: status,
      wanted: wanted,
      started: Timestamp(microseconds: 0))
    let block = Block(id: 1, pair: 0, position: 1, status: status, started: run.started, effective: wanted)
    var mood = 0.0
    var slices: [Slice] = []
    var samples: [ProbeSample] = []
    for second in stride(from: 4, to: seconds, by: 5) {
      let time = Double(second) / Double(seconds)
      mood = kept * mood + noise * (1 - kept * kept).squareRoot() * normal(&random)
      slices.append(slice(second, time, level: 0.1 * latency(time) * (1 + mood)))
      samples.append(
        ProbeSample(
          second: Double(second),
          values: [
            .backendMemory: (5_000_000 * memory(time) / 4096).rounded() * 4096, .generatorMemory: 20_000_000,
            .backendsActive: 12, .backendsIdle: connections(time) - 12,
          ]))
    }
    return RecordedRun(run: run, blocks: [RecordedRun.RecordedBlock(block: block, slices: slices, samples: samples)])
  }

  private func slice(_ second: Int, _ time: Double, level: Double) -> Slice {
    var slice = Slice(second: second)
    slice.due = 2000
    slice.failed = failed(time) > 0 ? [.acquireTimeout: failed(time)] : [:]
    slice.completed = 2000 - failed(time)
    var histogram = Histogram()
    for (index, step) in Self.steps.enumerated().reversed() {
      let count = slice.completed * (index + 1) / 40 - slice.completed * index / 40
      histogram.record(Int64(level * step * 1e9), times: count)
    }
    slice.histograms = [.latency: histogram.encoded()]
    (slice.active, slice.idle) = (Gauge(mean: 12, max: 15), Gauge(mean: connections(time) - 12, max: 20))
    return slice
  }

  private func normal(_ random: inout RandomSource) -> Double {
    (random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2) * 3.0.squareRoot()
  }
}

@Suite struct EnduranceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    fileprivate var soak: Soak
    var quantity = Drift.Quantity.latency
    var verdict: Drift.Verdict
    /// What the interval holds.
    var perHour: Double?
    var note = ""
  }

  static let cases: [Case] = [
    Case(testDescription: "nothing moves", soak: Soak(), verdict: .steady, perHour: 0),
    Case(testDescription: "2 % slower is within the margin", soak: Soak(latency: { 1 + 0.02 * $0 }), verdict: .steady),
    Case(testDescription: "p95 +20 %", soak: Soak(latency: { 1 + 0.2 * $0 }), verdict: .drifts, perHour: 0.2),
    Case(
      testDescription: "p95 +20 % in half an hour", soak: Soak(seconds: 1800, latency: { 1 + 0.2 * $0 }),
      verdict: .drifts, perHour: 0.44),
    Case(testDescription: "p95 -20 %", soak: Soak(latency: { 1 - 0.2 * $0 }), verdict: .drifts, perHour: -0.2),
    Case(testDescription: "p95 jumps", soak: Soak(latency: { $0 < 0.6 ? 1 : 1.3 }), verdict: .jumped),
    Case(
      testDescription: "a machine that wanders", soak: Soak(seconds: 1800, noise: 0.1, kept: 0.97), verdict: .cannotTell
    ),
    Case(
      testDescription: "a leak of 30 %", soak: Soak(memory: { 1 + 0.3 * $0 }), quantity: .backendMemory,
      verdict: .drifts, perHour: 0.3),
    Case(
      testDescription: "a leak that grows", soak: Soak(memory: { 1 + $0 * $0 }), quantity: .backendMemory,
      verdict: .drifts, perHour: 1),
    Case(testDescription: "no leak", soak: Soak(), quantity: .backendMemory, verdict: .steady, perHour: 0),
    Case(testDescription: "poolops itself", soak: Soak(), quantity: .generatorMemory, verdict: .steady, perHour: 0),
    Case(
      testDescription: "connections leak", soak: Soak(connections: { 20 + 15 * $0 }), quantity: .connections,
      verdict: .drifts, perHour: 15),
    Case(
      testDescription: "sessions after a restart", soak: Soak(connections: { $0 < 0.3 ? 40 : 20 }), quantity: .sessions,
      verdict: .jumped),
    Case(
      testDescription: "errors from none to 1 %", soak: Soak(failed: { Int(20 * $0) }), quantity: .errors,
      verdict: .drifts, perHour: 0.01),
    Case(
      testDescription: "p95 is a timeout", soak: Soak(failed: { $0 > 0.5 && $0 < 0.6 ? 200 : 0 }), verdict: .cannotTell,
      note: "cut off by timeouts"),
  ]

  @Test(arguments: cases) func `a soak says how its quantities moved`(example: Case) throws {
    let stretch = try #require(Endurance(example.soak.run)?.stretches.first)
    let drift = try #require(stretch.drifts.first { $0.quantity == example.quantity })
    #expect(drift.verdict == example.verdict && drift.note.hasPrefix(example.note), "\(drift)")
    if let perHour = example.perHour { #expect(drift.interval?.contains(perHour) == true, "\(drift)") }
    #expect(stretch.drifts.count == 6 && stretch.isLongEnough)
  }

  @Test func `the jump is told with its moment and its size`() throws {
    let drifts = Endurance(Soak(latency: { $0 < 0.6 ? 1 : 1.3 }).run)?.stretches.first?.drifts
    let jump = try #require(drifts?.first?.jump)
    #expect(abs(jump.second - 2160) <= 120 && abs(jump.change - 0.3) < 0.03)
  }

  @Test(arguments: [(1790, 0, false), (1795, 6, true), (610, 0, false), (590, nil, false)])
  func `a drift is told from half an hour on, and short blocks are no soak`(
    seconds: Int, drifts: Int?, isLongEnough: Bool
  ) {
    let stretch = Endurance(Soak(seconds: seconds).run)?.stretches.first
    #expect(stretch?.drifts.count == drifts && stretch?.isLongEnough ?? false == isLongEnough)
  }

  @Test func `a block that was cut off is told as that, and a part without data is said`() throws {
    var run = Soak(status: .aborted).run
    run.blocks[0].samples.removeAll { $0.second > 1200 && $0.second < 1500 }
    let stretch = try #require(Endurance(run)?.stretches.first)
    let memory = stretch.drifts.first { $0.quantity == .backendMemory }
    #expect(stretch.status == .aborted && memory?.verdict == .cannotTell && memory?.note == "no data in 2 of 30 parts")
  }

  struct CheckCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    fileprivate var soak: Soak
    var check = "p95_drift < 10%"
    var status: RuleOutcome.Status
    var evidence: String
  }

  static let checks: [CheckCase] = [
    CheckCase(testDescription: "steady", soak: Soak(), status: .passed, evidence: "p95 "),
    CheckCase(
      testDescription: "drifts", soak: Soak(latency: { 1 + 0.3 * $0 }), status: .failed, evidence: "p95 rises by "),
    CheckCase(
      testDescription: "falls", soak: Soak(latency: { 1 - 0.3 * $0 }), status: .passed, evidence: "p95 falls by "),
    CheckCase(
      testDescription: "at the limit", soak: Soak(latency: { 1 + 0.1 * $0 }), status: .undecided,
      evidence: "p95 rises by "),
    CheckCase(
      testDescription: "jumped", soak: Soak(latency: { $0 < 0.6 ? 1 : 1.3 }), status: .undecided,
      evidence: "p95 jumped by +"),
    CheckCase(
      testDescription: "short", soak: Soak(seconds: 1200), status: .undecided,
      evidence: "run-13 measured 1200 s at a stretch; a drift is told from half an hour on"),
    CheckCase(
      testDescription: "memory", soak: Soak(memory: { 1 + 0.3 * $0 }), check: "memory_drift <= 5%", status: .failed,
      evidence: "memory per backend rises by "),
    CheckCase(
      testDescription: "memory, not along a line", soak: Soak(memory: { 1 + $0 * $0 }), check: "memory_drift <= 5%",
      status: .failed, evidence: "memory per backend rises by "),
  ]

  @Test(arguments: checks) func `a check on a drift is judged by its interval`(example: CheckCase) throws {
    let check = try Condition(parsing: example.check)
    let verdict = Judgement.judge(
      checks: [check], plan: PairsSpec(count: 8), baseline: Soak(seconds: 1200).run, retest: example.soak.run)
    #expect(verdict.rules[0].status == example.status, "\(verdict.rules[0].evidence)")
    #expect(verdict.rules[0].evidence.hasPrefix(example.evidence), "\(verdict.rules[0].evidence)")
  }
}

/// Connections of a pool of 20, second by second.
private struct Connections {
  var lifetime = 600.0
  var jitter = 0.025
  /// Those that are never closed for age.
  var immortal = 0
  /// Seconds after which every tenth connection is closed for idleness.
  var idle: Double?
  var seconds = 3600

  func run(maxLifetime: Duration?, oldest: Double = 599) -> RecordedRun.RecordedBlock {
    var random = RandomSource(seed: 3, stream: 8)
    var opened = [Int](repeating: 0, count: seconds + 10)
    var closed = opened
    for connection in 0..<20 {
      var moment = 0.5 + Double(connection % 3)
      var generation = 0
      while moment < Double(seconds + 10) {
        opened[Int(moment)] += 1
        var age = lifetime * (1 - jitter * random.uniform())
        if let idle, (connection + generation) % 10 == 0 { age = idle }
        if connection < immortal { age = 1e9 }
        moment += age
        if moment < Double(seconds + 10) { closed[Int(moment)] += 1 }
        generation += 1
      }
    }
    let slices = (0..<seconds + 10).map { index in
      var slice = Slice(second: index - 10)
      (slice.connectionsOpened, slice.connectionsClosed) = (opened[index], closed[index])
      return slice
    }
    var settings = PoolSettings()
    settings.maxLifetime = maxLifetime
    let block = Block(
      id: 1, pair: 0, position: 0, status: .finished, started: Timestamp(microseconds: 0), effective: settings)
    return .init(
      block: block, slices: slices, samples: [ProbeSample(second: 900, values: [.oldestSession: oldest])])
  }
}

@Suite struct RecyclingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    fileprivate var connections = Connections()
    var maxLifetime: Duration? = .seconds(600)
    var verdict: Recycling.Verdict
    var overdue = 0
    var isEarly = false
  }

  static let cases: [Case] = [
    Case(testDescription: "works", verdict: .works),
    Case(testDescription: "three never close", connections: Connections(immortal: 3), verdict: .outlived, overdue: 3),
    Case(
      testDescription: "a longer lifetime was in force", connections: Connections(lifetime: 900), verdict: .outlived,
      overdue: 20),
    Case(
      testDescription: "idle ones are closed sooner", connections: Connections(idle: 120), verdict: .works,
      isEarly: true),
    Case(
      testDescription: "too short for the lifetime", connections: Connections(lifetime: 7200),
      maxLifetime: .seconds(7200), verdict: .notDue),
    Case(testDescription: "no limit", connections: Connections(lifetime: 1e9), maxLifetime: nil, verdict: .unlimited),
  ]

  @Test(arguments: cases) func `closes are counted against those that were due`(example: Case) throws {
    let block = example.connections.run(maxLifetime: example.maxLifetime)
    let recycling = try #require(Recycling(block, settings: block.block.effective ?? PoolSettings()))
    #expect(recycling.verdict == example.verdict && recycling.overdue == example.overdue, "\(recycling)")
    #expect((recycling.early > 0) == example.isEarly && recycling.oldest == 599, "\(recycling)")
    let isExact = example.verdict == .works && !example.isEarly
    #expect(!isExact || recycling.due.contains(recycling.closed) && recycling.due.lowerBound >= 80, "\(recycling)")
  }

  @Test func `without an opening there is nothing to say`() {
    let block = RecordedRun.RecordedBlock(
      block: Connections().run(maxLifetime: nil).block, slices: [Slice(second: 0)], samples: [])
    #expect(Recycling(block, settings: PoolSettings()) == nil)
  }
}

@Suite struct RequestTimesTests {
  private static let recorded = Synthetic(blocks: 3, timeouts: 0.02).run(.baseline)
  private static let times = RequestTimes(recorded)

  @Test func `times are over all requests of the measured part`() throws {
    let latency = try #require(Self.times[.latency])
    let query = try #require(Self.times[.query])
    #expect(latency.count == query.count && latency.count + (Self.times[.wait]?.count ?? 0) > 11_000)
    #expect(zip(latency.values, query.values).allSatisfy { abs($0 / $1 / 1.25 - 1) < 0.02 })
    #expect(abs(latency.values[2] / 0.152 - 1) < 0.06 && latency.largest >= latency.values[4])
    #expect(Self.times.warmUpSeconds == 6 && Self.times.warmUpRequests == 600)
  }

  /// 2 % that gave up lie beyond p98: p99 and p99.9 of latency and of the wait.
  @Test(arguments: [(HistogramKind.latency, 2), (.wait, 2), (.query, 0), (.slip, 0)])
  func `percentiles beyond the timeout are told from others`(kind: HistogramKind, censored: Int) {
    #expect(Self.times[kind]?.censored == censored)
  }

  @Test(arguments: [(0.0001, 0.2, false, 0.0), (0.0012, 0.2, false, 1), (0.012, 0.2, true, 1), (0.0001, 0.9, true, 0)])
  func `a generator that fell behind says so`(slip: Double, cpu: Double, isBehind: Bool, late: Double) {
    let times = RequestTimes(Synthetic(blocks: 1, slip: slip, generatorCPU: cpu).run(.baseline))
    #expect(times.generatorFellBehind == isBehind && times.lateShare == late)
    #expect(abs((times.generatorCPU ?? 0) - cpu) < 1e-9)
  }
}
