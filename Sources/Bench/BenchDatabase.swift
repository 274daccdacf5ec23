import Model
import Statistics
import Store

/// Records a database as poolops leaves it after years: many short runs, and two of an hour each, one slice a second.
/// Through the Store's own API, with the histograms, samples and settings of a real run.
func benchDatabase(_ options: BenchOptions) -> Int32 {
  do throws(StoreError) {
    let store = try ResultsStore.open(path: options.path, mode: .readWrite)
    // The two long ones in the midst of the others, so that neither is where a scan would begin or end.
    let short = max(0, options.runs / 2 - 1)
    var maker = RunMaker(store)
    for number in 0..<short / 2 { try maker.record(number, pairs: 8, seconds: 20) }
    let hour = try maker.record(1_000_000, pairs: 60, seconds: 60)
    for number in short / 2..<short { try maker.record(number, pairs: 8, seconds: 20) }
    store.close()
    print("runs=\(2 * short + 2) before=\(hour.before) after=\(hour.after)")
    return 0
  } catch {
    return refuse(error.description)
  }
}

/// Makes executions, each with its two runs.
private struct RunMaker {
  private static let rate = 400
  private static let start: Int64 = 1_795_200_000_000_000
  private let store: ResultsStore
  private var random: RandomSource
  private var now: Timestamp
  /// Seconds that were drawn, for all runs but the long ones: their rows count, not what they say. Kept from one execution to the next.
  private var drawn: [Slice] = []

  init(_ store: ResultsStore) {
    self.store = store
    random = RandomSource(seed: 0, stream: 1)
    now = Timestamp(microseconds: Self.start)
  }

  @discardableResult
  mutating func record(
    _ seed: Int, pairs: Int, seconds: Int
  ) throws(StoreError) -> (before: RunID, after: RunID) {
    random = RandomSource(seed: UInt64(seed), stream: 1)
    now = Timestamp(microseconds: Self.start + Int64(seed) * 3_600_000_000)
    let execution = try store.beginExecution(experiment: "peak", text: "", digest: "", seed: 1, at: now)
    let before = try begin(execution, .baseline)
    let after = try begin(execution, .retest)
    for pair in 0..<pairs {
      try block(of: before, pair, seconds, mean: 0.0484)
      try block(of: after, pair, seconds, mean: 0.0500)
    }
    for run in [before, after] { try store.finishRun(run, status: .finished, at: now) }
    try store.finishExecution(execution, outcome: .kept, at: now)
    return (before, after)
  }

  private func begin(_ execution: ExecutionID, _ arm: Arm) throws(StoreError) -> RunID {
    let facts = ["cores": "2", "postgres_version": "15.14", "kernel": "6.1", "load": "400 requests a second"]
    return try store.beginRun(execution, arm: arm, wanted: Self.settings(arm), environment: facts, at: now)
  }

  private static func settings(_ arm: Arm) -> PoolSettings {
    var settings = PoolSettings()
    settings.maxSize = arm == .baseline ? 40 : 50
    return settings
  }

  private mutating func block(of run: RunID, _ pair: Int, _ seconds: Int, mean: Double) throws(StoreError) {
    let arm: Arm = run.number % 2 == 1 ? .baseline : .retest
    let block = try store.beginBlock(run: run, pair: pair, position: 2 * pair + (arm == .baseline ? 0 : 1), at: now)
    let level = mean * (1 + 0.02 * (random.uniform() - 0.5))
    var slices: [Slice] = []
    for second in -3..<seconds { slices.append(seconds > 20 ? slice(second, mean: level) : drawnSlice(second)) }
    let samples = (0...seconds).map { ProbeSample(second: Double($0) + 0.01, values: Self.gauges($0)) }
    try store.append(slices: slices, samples: samples, toBlock: block)
    now = Timestamp(microseconds: now.microseconds + Int64(seconds + 3) * 1_000_000)
    try store.finishBlock(block, status: .finished, effective: Self.settings(arm), inFlightAtEnd: 0, at: now)
  }

  private mutating func drawnSlice(_ second: Int) -> Slice {
    if drawn.count < 200 { drawn.append(slice(second, mean: 0.0484)) }
    var slice = drawn[random.integer(below: drawn.count)]
    slice.second = second
    return slice
  }

  private mutating func slice(_ second: Int, mean: Double) -> Slice {
    var slice = Slice(second: second)
    (slice.due, slice.completed) = (Self.rate, Self.rate)
    var parts: [HistogramKind: Histogram] = [:]
    for _ in 0..<Self.rate {
      let query = random.exponential(mean: mean)
      // Nearly everybody finds a free connection, as in a pool that is large enough.
      let wait = random.uniform() < 0.05 ? random.exponential(mean: 0.005) : 0
      let slip = random.exponential(mean: 0.00005)
      parts[.query, default: Histogram()].record(Int64(query * 1e9))
      parts[.wait, default: Histogram()].record(Int64(wait * 1e9))
      parts[.latency, default: Histogram()].record(Int64((query + wait + slip) * 1e9))
      parts[.service, default: Histogram()].record(Int64((query + wait) * 1e9))
      parts[.slip, default: Histogram()].record(Int64(slip * 1e9))
    }
    slice.histograms = parts.mapValues { $0.encoded() }
    slice.active = Gauge(mean: Double(Self.rate) * mean, max: 38)
    slice.idle = Gauge(mean: 20, max: 30)
    slice.generatorCPU = 0.04
    return slice
  }

  private static func gauges(_ second: Int) -> [ProbeGauge: Double] {
    let second = Double(second)
    return [
      .serverCPUSeconds: 100 + 0.2 * second, .machineBusySeconds: 500 + 0.5 * second,
      .machineTotalSeconds: 900 + 2 * second, .machineStealSeconds: 1, .backendMemory: 5e6, .backendsActive: 19,
      .backendsIdle: 20, .backendsIdleInTransaction: 0, .backendsOther: 0, .sessions: 60,
      .sessionsAbandoned: 0, .sessionsFatal: 0, .sessionsKilled: 0, .activeSeconds: 19 * second,
      .idleInTransactionSeconds: 0,
    ]
  }
}
