import Model
import Testing

@testable import Evidence

@Suite struct AppPoolFiguresTests {
  /// A load over HTTP of 20 s blocks, in which the app tells of its pool at 0.4 s of every second.
  private static func run(
    _ arm: Arm = .retest, carrier: String? = "HTTP/1.1", blocks: Int = 8,
    _ told: (_ second: Int) -> [ProbeGauge: Double]?
  ) -> RecordedRun {
    var load = Synthetic(blocks: blocks)
    load.environment["carrier"] = carrier
    var run = load.run(arm)
    for block in run.blocks.indices {
      let readings = (-2..<20).compactMap { second in
        told(second).map { ProbeSample(second: Double(second) + 0.4, values: $0) }
      }
      run.blocks[block].samples = (run.blocks[block].samples + readings).sorted { $0.second < $1.second }
    }
    return run
  }

  /// 8 of 10 in use in even seconds and 6 in odd ones; busier before it is measured.
  private static func steady(_ second: Int, timeouts: (Int) -> Double? = { _ in 7 }) -> [ProbeGauge: Double] {
    let inUse: Double = second < 0 ? 10 : second.isMultiple(of: 2) ? 8 : 6
    return [
      .poolMax: 10, .poolInUse: inUse, .poolIdle: 10 - inUse, .poolWaiting: second < 0 ? 90 : inUse / 2,
      .poolTimeouts: timeouts(second) ?? .nan,
    ].filter { !$0.value.isNaN }
  }

  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Utilisation, most in use, waiting, timeouts of all blocks.
    var expected: [Double?]
    var told: @Sendable (Int) -> [ProbeGauge: Double]?
  }

  private static let examples = [
    Example(testDescription: "told every second", expected: [0.7, 8, 3.5, 0]) { steady($0) },
    Example(testDescription: "never told", expected: [nil, nil, nil, nil]) { _ in nil },
    Example(testDescription: "told in half of the seconds", expected: [0.8, 8, 4, 0]) {
      $0.isMultiple(of: 2) ? steady($0) : nil
    },
    Example(testDescription: "told in less than half", expected: [nil, nil, nil, 0]) {
      $0.isMultiple(of: 3) || $0 == 19 ? steady($0) : nil
    },
    Example(testDescription: "told in the warm-up alone", expected: [nil, nil, nil, nil]) {
      $0 < 0 ? steady($0) : nil
    },
    Example(testDescription: "without a most", expected: [nil, 8, 3.5, 0]) {
      steady($0).filter { $0.key != .poolMax }
    },
    Example(testDescription: "timeouts from before do not count", expected: [0.7, 8, 3.5, 8 * 20]) {
      steady($0) { 100 + Double($0) }
    },
    Example(testDescription: "a counter that comes up on the way", expected: [0.7, 8, 3.5, 8 * 4]) {
      steady($0) { $0 < 9 ? nil : 4 }
    },
    Example(testDescription: "a counter that is not told", expected: [0.7, 8, 3.5, nil]) { steady($0) { _ in nil } },
    Example(testDescription: "an app that was restarted", expected: [0.7, 8, 3.5, nil]) {
      steady($0) { $0 == 9 ? 0 : 50 + Double($0) }
    },
    Example(testDescription: "gone at the end", expected: [0.7, 8, 3.5, nil]) { $0 < 16 ? steady($0) : nil },
    Example(testDescription: "gone at the beginning", expected: [0.7, 8, 3.5, nil]) { $0 < 4 ? nil : steady($0) },
    Example(testDescription: "gone in the middle", expected: [0.7, 8, 3.5, 8 * 5]) { second in
      (8..<12).contains(second) ? nil : steady(second) { $0 < 10 ? 1 : 6 }
    },
  ]

  private static let metrics: [Metric] = [.poolUtilisation, .connectionsUsed, .waiting, .acquireTimeouts]

  /// To a billionth; -1 for what is not told.
  private static func rounded(_ value: Double?) -> Double { value.map { ($0 * 1e9).rounded() / 1e9 } ?? -1 }

  @Test(arguments: examples) func `under a load over HTTP the pool is what the app told`(example: Example) {
    let figures = RunFigures.of(Self.run(.retest, example.told))
    let found = Self.metrics.map { figures[$0]?.value }
    #expect(found.map(Self.rounded) == example.expected.map(Self.rounded))
    // What the probes read beside is as it was.
    let cpu = figures[.serverCPU]?.value ?? 0
    #expect(abs(cpu - 0.3) < 0.01 && figures.objections == [])
  }

  @Test func `a load of statements has its own pool, whatever an app tells`() {
    let (told, silent) = (Self.run(carrier: nil) { Self.steady($0) }, Self.run(carrier: nil) { _ in nil })
    #expect(RunFigures.of(told) == RunFigures.of(silent))
    #expect(RunFigures.of(told)[.poolUtilisation]?.samples == 160 && RunFigures.of(told)[.serverCPU]?.samples == 168)
  }

  @Test func `of statements through a PgBouncer the pool is what its console told`() {
    let figures = RunFigures.of(Self.run(carrier: "SQL through PgBouncer") { Self.steady($0) { _ in nil } })
    let found = Self.metrics.map { figures[$0]?.value }
    #expect(found.map(Self.rounded) == [0.7, 8, 3.5, -1])
  }

  @Test func `the mean time that a connection is held is the mean in use over the rate`() {
    let figures = RunFigures.of(Self.run { Self.steady($0) })
    #expect(abs((figures.serviceMean ?? 0) - 0.07) < 1e-9)
    #expect(RunFigures.of(Self.run { _ in nil }).serviceMean == nil)
    #expect(figures[.waiting]?.samples == 160)
  }

  @Test(arguments: [("HTTP/1.1", true), ("HTTP/2", false)])
  func `counts and times of shared connections are not held against each other`(carrier: String, objects: Bool) {
    var run = Self.run(carrier: carrier) { _ in nil }
    for block in run.blocks.indices {
      for slice in run.blocks[block].slices.indices {
        run.blocks[block].slices[slice].active.mean *= 1.2
      }
    }
    #expect(RunFigures.of(run).objections.contains { $0.contains("Little's law") } == objects)
  }

  @Test(arguments: [
    ("acquire_timeouts == 0", "told", RuleOutcome.Status.passed, "0 of 16000 requests"),
    ("acquire_timeouts == 0", "timeouts", .failed, "160 of 16000 requests"),
    ("acquire_timeouts == 0", "silent", .undecided, "no data on acquire timeouts in run-13"),
    ("acquire_timeouts == 0", "silent once", .undecided, "no data in 1 of 8 blocks"),
    ("pool_utilisation < 80%", "told", .passed, "70.0 %"), ("pool_utilisation < 60%", "told", .failed, "70.0 %"),
    ("pool_utilisation < 80%", "silent", .undecided, "no data on pool utilisation"),
    ("connections_used < 90%", "told", .passed, "of max_size 10 is 9"), ("waiting < 3", "told", .failed, "3.5"),
  ]) func `a check of the pool goes by what the app told`(
    check: String, runs: String, status: RuleOutcome.Status, evidence: String
  ) throws {
    let told = Self.run { second in
      runs == "silent" ? nil : Self.steady(second) { runs == "timeouts" ? Double($0) + 3 : 7 }
    }
    var after = told
    if runs == "silent once" { after.blocks[3].samples.removeAll { $0.tellsOfPoolOnly } }
    let verdict = Judgement.judge(
      checks: [try Condition(parsing: check)], plan: PairsSpec(), baseline: Self.run(.baseline) { Self.steady($0) },
      retest: after)
    let rule = try #require(verdict.rules.first)
    #expect(rule.status == status && rule.evidence.contains(evidence), "\(rule)")
  }

  @Test(arguments: [
    ("pool_utilisation > 75% for 2s", 0.7, nil), ("pool_utilisation > 65% for 2s", 0.7, 1.4),
    ("waiting > 5 for 3s", 0.7, 2.4), ("connections_used > 60% for 1s", 0.7, 0.4), ("acquire_timeouts > 2", 0.7, 1.4),
  ]) func `a guard on the pool sees what the app told, and not poolops's own connections`(
    text: String, share: Double, trips: Double?
  ) throws {
    var watch = GuardWatch([try Guard(parsing: text)], settings: PoolSettings(), pool: .app)
    var first: GuardWatch.Trip?
    for second in 0..<5 {
      var slice = Slice(second: second)
      slice.active = Gauge(mean: 900, max: 900)
      slice.waiting = Gauge(mean: 900, max: 900)
      slice.failed = [.acquireTimeout: 900]
      let told = ProbeSample(
        second: Double(second) + 0.4,
        values: [.poolMax: 10, .poolInUse: 10 * share, .poolWaiting: 6, .poolTimeouts: 50 + 3 * Double(second)])
      let other = ProbeSample(second: Double(second) + 1, values: [.serverCPUSeconds: 1, .machineTotalSeconds: 1])
      for trip in [watch.take(slice), watch.take(told), watch.take(other)] { first = first ?? trip }
    }
    #expect(first?.second == trips)
  }

  @Test func `the app's readings do not come between those that CPU is taken from`() throws {
    var watch = GuardWatch([try Guard(parsing: "server_cpu > 95% for 2s")], settings: PoolSettings(), pool: .app)
    var first: GuardWatch.Trip?
    for second in 0..<4 {
      let cpu = Double(second)
      for sample in [
        ProbeSample(second: cpu, values: [.serverCPUSeconds: cpu * 1.96, .machineTotalSeconds: cpu * 2]),
        ProbeSample(second: cpu + 0.4, values: [.poolInUse: 1]),
      ] { first = first ?? watch.take(sample) }
    }
    #expect(first?.second == 2)
  }

  @Test func `a chart shows the app's pool, with gaps where it told nothing`() throws {
    let series = RunSeries(Self.run { $0 == 5 ? nil : Self.steady($0) })
    let seconds = try #require(series.blocks.first).seconds
    #expect(seconds.map(\.active).prefix(4) == [10, 10, 8, 6] && seconds[7].active == nil && seconds[7].waiting == nil)
    #expect(seconds[6].idle == 2 && seconds[6].serverCPU != nil)
    #expect(RunSeries(Self.run(carrier: nil) { _ in nil }).blocks[0].seconds.allSatisfy { $0.active != nil })
  }
}
