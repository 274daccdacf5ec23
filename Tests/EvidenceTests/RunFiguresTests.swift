import Evidence
import Model
import Statistics
import Testing

@Suite struct RunFiguresTests {
  @Test func `a load that ended within a second has its rates and means over the time that it took`() throws {
    var recorded = Synthetic(blocks: 1, seconds: 3, warmUp: 0).run(.retest)
    for index in recorded.blocks[0].slices.indices {
      recorded.blocks[0].slices[index].waiting = Gauge(mean: 4, max: 5)
      recorded.blocks[0].slices[index].active = Gauge(mean: 10, max: 12)
    }
    recorded.blocks[0].slices[2].length = 0.5
    recorded.blocks[0].slices[2].waiting.mean = 14
    let figures = RunFigures.of(recorded)
    #expect(figures[.throughput]?.value == 120 && figures[.poolUtilisation]?.value == 0.5)
    #expect(figures[.waiting]?.value == 6)
  }

  /// 2 % of the requests give up.
  private static let withTimeouts = RunFigures.of(
    Synthetic(timeouts: 0.02).run(.baseline), extra: [.errors, .machineCPU, .wait(99), .query(99)])

  /// The p-quantile of an exponential of mean 50 ms (1.25 x 40 ms) is -0.05 ln(1 - p); drift lifts it by 1.3 %.
  @Test(arguments: [
    (Metric.latency(50), 0.0351, 0.04), (.latency(95), 0.1518, 0.05), (.latency(99), 0.2333, 0.08),
    (.query(50), 0.0281, 0.04), (.wait(95), 0.0353, 0.05),
    (.throughput, 100, 0.001), (.goodput, 98, 0.005), (.errorRate, 0.02, 0.15), (.errors, 320, 0.15),
    (.serverCPU, 0.30, 0.03), (.machineCPU, 0.50, 0.001), (.cpuPerThousand, 6.0, 0.03),
    (.backendMemory, 5 * 1_048_576, 1e-9), (.sessionRate, 3, 1e-9), (.connectionsUsed, 10, 1e-9),
    (.poolUtilisation, 0.199, 0.06), (.waiting, 1.65, 0.15),
  ]) func `figures are those of the load, without its warm-up`(
    metric: Metric, expected: Double, tolerance: Double
  ) throws {
    let figures = Self.withTimeouts
    let figure = try #require(figures[metric])
    #expect(abs(figure.value / expected - 1) <= tolerance, "\(figure)")
    #expect(figure.blocks == 8)
    #expect(figures.objections.isEmpty)
  }

  @Test func `totals add up and leave out warm-up and aborted blocks`() {
    var recorded = Synthetic(blocks: 4).run(.baseline)
    recorded.blocks[2].block.status = .aborted
    let figures = RunFigures.of(recorded)
    #expect([figures.due, figures.completed, figures.inFlight, figures.blocks] == [6000, 6000, 0, 3])
    #expect(figures.measuredSeconds == 60)
    #expect(figures.effective?.maxSize == 20)
  }

  @Test func `a block that was set aside is no objection, and counts for nothing but its mention`() {
    var recorded = Synthetic(blocks: 4).run(.baseline)
    var disturbed = Synthetic(blocks: 4, steal: 0.1).run(.baseline).blocks[2]
    #expect(!RunFigures.of(RecordedRun(run: recorded.run, blocks: [disturbed])).objections.isEmpty)
    disturbed.block.status = .aborted
    disturbed.block.setAside = "the hypervisor took 10.0 % of the machine's CPU"
    recorded.blocks.insert(disturbed, at: 2)
    let figures = RunFigures.of(recorded)
    #expect(figures.objections.isEmpty && figures.blocks == 4 && figures.due == 8000)
    #expect(figures.measuredAgain == ["pair 3: the hypervisor took 10.0 % of the machine's CPU"])
  }

  @Test func `requests in flight are carried from the warm-up into the measured part`() {
    var recorded = Synthetic(blocks: 1).run(.baseline)
    recorded.blocks[0].slices[0].due += 7
    recorded.blocks[0].slices[5].due += 2
    let figures = RunFigures.of(recorded)
    #expect([figures.inFlightAtStart, figures.inFlight] == [7, 9])
    #expect(figures.due + figures.inFlightAtStart == figures.completed + figures.inFlight)
  }

  @Test(arguments: [(1, false), (2, false), (3, true)])
  func `an interval needs three blocks`(blocks: Int, hasInterval: Bool) {
    let figures = RunFigures.of(Synthetic(blocks: blocks, timeouts: 0.02).run(.baseline))
    for metric in [Metric.latency(95), .throughput, .errorRate, .serverCPU] {
      #expect((figures[metric]?.interval != nil) == hasInterval)
    }
  }

  /// 2 % of 100 requests a second that give up lie beyond p98.
  @Test(arguments: [
    (Metric.latency(50), false), (.latency(95), false), (.latency(99), true), (.latency(99.9), true),
    (.wait(95), false), (.wait(99), true), (.query(99), false),
  ]) func `a percentile that lies beyond the timeout is censored`(metric: Metric, isCensored: Bool) {
    #expect(Self.withTimeouts[metric]?.isCensored == isCensored)
  }

  @Test func `bursts widen the interval of the error rate`() throws {
    var bursty = Synthetic().run(.baseline)
    let even = Synthetic(timeouts: 0.02).run(.baseline)
    bursty.blocks[3] = Synthetic(timeouts: 0.16).run(.baseline).blocks[3]
    let widths = try [bursty, even].map { recorded in
      let interval = try #require(RunFigures.of(recorded)[.errorRate]?.interval)
      return interval.upperBound - interval.lowerBound
    }
    #expect(widths[0] > 5 * widths[1])
  }

  @Test func `a stall of a second moves the pooled percentile, not the windowed one`() throws {
    var stalled = Synthetic(blocks: 1).run(.baseline)
    let calm = try #require(RunFigures.of(stalled)[.latency(95)]?.value)
    stalled.blocks[0].slices[10].histograms[.latency] = Histogram([Int64](repeating: 900_000_000, count: 100)).encoded()
    let after = try #require(RunFigures.of(stalled)[.latency(95)]?.value)
    #expect(abs(after / calm - 1) < 0.15)
  }

  @Test func `a counter that fell, because the server was restarted, gives no figure`() {
    var recorded = Synthetic(blocks: 1).run(.baseline)
    let last = recorded.blocks[0].samples.count - 1
    recorded.blocks[0].samples[last].values[.serverCPUSeconds] = 1
    let figures = RunFigures.of(recorded)
    #expect(figures[.serverCPU] == nil && figures[.cpuPerThousand] == nil && figures[.sessionRate] != nil)
  }

  @Test func `a run without finished blocks has no figures and says so`() {
    let figures = RunFigures.of(Synthetic(status: .aborted).run(.baseline))
    #expect(figures.figures.isEmpty)
    #expect(figures.objections == ["no block finished"])
  }
}

@Suite struct ObjectionsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var expected: String?
    var load = Synthetic(blocks: 1)
    var isOpenLoop = false
    var spoil: @Sendable (inout RecordedRun) -> Void = { _ in }
  }

  static let cases: [Case] = [
    Case(testDescription: "sound", expected: nil),
    Case(testDescription: "sound, open loop", expected: nil, isOpenLoop: true),
    Case(testDescription: "late by 9 ms", expected: nil, load: Synthetic(blocks: 1, slip: 0.009)),
    Case(
      testDescription: "late by 12 ms", expected: "the load generator was late", load: Synthetic(blocks: 1, slip: 0.012)
    ),
    Case(testDescription: "busy 79 %", expected: nil, load: Synthetic(blocks: 1, generatorCPU: 0.79)),
    Case(
      testDescription: "busy 81 %", expected: "used 81 % of its core", load: Synthetic(blocks: 1, generatorCPU: 0.81)),
    Case(testDescription: "steal 1.9 %", expected: nil, load: Synthetic(blocks: 1, steal: 0.019)),
    Case(
      testDescription: "steal 5.8 %", expected: "took 5.8 % of the machine's CPU",
      load: Synthetic(blocks: 1, steal: 0.058)),
    Case(
      testDescription: "not in force", expected: "max_size was 10 in a block, not 20 as wanted",
      load: Synthetic(blocks: 1, effectiveMaxSize: 10)),
    Case(
      testDescription: "gauges off by 10 %", expected: "Little's law is off by -9.1 %",
      spoil: { run in for index in run.blocks[0].slices.indices { run.blocks[0].slices[index].active.mean *= 1.125 } }),
    Case(
      testDescription: "more answers than requests", expected: "answered 5 more requests than were due",
      spoil: { $0.blocks[0].slices[0].due -= 5 }),
    Case(
      testDescription: "a lost count", expected: "2000 requests succeeded, but 1900 latencies were recorded",
      spoil: { $0.blocks[0].slices[9].histograms[.latency] = nil }),
    Case(
      testDescription: "a damaged histogram", expected: "1 histogram cannot be read",
      spoil: { $0.blocks[0].slices[9].histograms[.query] = [1, 2, 3] }),
    Case(
      testDescription: "fell behind", expected: "only 97.6 % of the offered requests", isOpenLoop: true,
      spoil: { $0.blocks[0].slices[9].due += 50 }),
    Case(testDescription: "fell behind, closed loop", expected: nil, spoil: { $0.blocks[0].slices[9].due += 50 }),
    Case(testDescription: "aborted", expected: "the run was aborted", spoil: { $0.run.status = .aborted }),
    Case(testDescription: "still running", expected: nil, spoil: { $0.run.status = .running }),
  ]

  @Test(arguments: cases) func `a run says why it cannot support a verdict`(example: Case) {
    var recorded = example.load.run(.baseline)
    example.spoil(&recorded)
    let shape: LoadShape? =
      example.isOpenLoop ? .arrivalRate(rate: 100, spacing: .even, warmUp: .seconds(2), duration: .seconds(20)) : nil
    let objections = RunFigures.of(recorded, shape: shape).objections
    let found = objections.contains { $0.contains(example.expected ?? "") }
    #expect(example.expected == nil ? objections.isEmpty : found, "\(objections)")
  }
}
