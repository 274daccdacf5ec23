import Evidence
import Model
import Statistics
import Testing

@Suite struct GuardWatchTests {
  /// What one second brings.
  struct Second: Sendable {
    var completed = 0
    var timeouts = 0
    /// Latency of the completed requests, seconds.
    var latency = 0.05
    var active = 5.0
    var waiting = 0.0

    func slice(_ number: Int) -> Slice {
      var slice = Slice(second: number)
      slice.completed = completed
      if timeouts > 0 { slice.failed = [.acquireTimeout: timeouts] }
      let latencies = Histogram([Int64](repeating: Int64(latency * 1e9), count: completed))
      slice.histograms[.latency] = latencies.encoded()
      slice.active = Gauge(mean: active, max: Int(active) + 1)
      slice.waiting = Gauge(mean: waiting, max: 9)
      return slice
    }
  }

  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var seconds: [Second]
    /// The second, counted from -2, in which the guard trips.
    var trips: Int?
  }

  private static let good = Second(completed: 100)
  private static let bad = Second(completed: 70, timeouts: 30)
  private static let silent = Second()

  static let examples: [Example] = [
    Example(testDescription: "never", text: "error_rate > 20% for 3s", seconds: Array(repeating: good, count: 9)),
    Example(
      testDescription: "for long enough, warm-up counting", text: "error_rate > 20% for 3s", seconds: [bad, bad, bad],
      trips: 0),
    Example(testDescription: "not long enough", text: "error_rate > 20% for 3s", seconds: [bad, bad, good, bad, bad]),
    Example(
      testDescription: "again from the start", text: "error_rate > 20% for 3s",
      seconds: [bad, bad, good, bad, bad, bad], trips: 3),
    Example(
      testDescription: "a silent second neither counts nor breaks", text: "error_rate > 20% for 3s",
      seconds: [bad, silent, bad, silent, bad], trips: 2),
    Example(testDescription: "at once", text: "errors > 29", seconds: [good, bad], trips: -1),
    Example(
      testDescription: "counts are of the second", text: "acquire_timeouts > 50 for 2s", seconds: [bad, bad, bad]),
    Example(
      testDescription: "slow", text: "p(95) >= 400ms for 2s",
      seconds: [good, Second(completed: 10, latency: 0.5), Second(completed: 10, latency: 0.5)], trips: 0),
    Example(
      testDescription: "given up counts as slow", text: "p(95) > 400ms", seconds: [Second(completed: 94, timeouts: 6)],
      trips: -2),
    Example(
      testDescription: "few given up do not", text: "p(95) > 400ms", seconds: [Second(completed: 96, timeouts: 4)]),
    Example(
      testDescription: "utilisation of 10", text: "pool_utilisation > 90% for 2s",
      seconds: [Second(active: 9.5), Second(active: 10)], trips: -1),
    Example(testDescription: "waiting", text: "waiting > 20", seconds: [Second(waiting: 21)], trips: -2),
    Example(testDescription: "stopped", text: "goodput < 1 for 2s", seconds: [good, silent, silent], trips: 0),
    Example(testDescription: "a missing baseline never trips", text: "p(95) > baseline * 2", seconds: [bad, bad]),
  ]

  @Test(arguments: examples) func `a guard trips when its condition has held`(example: Example) throws {
    var watch = GuardWatch([try Guard(parsing: example.text)], settings: PoolSettings())
    let trips = example.seconds.enumerated().compactMap { watch.take($1.slice($0 - 2)) }
    #expect(trips.first?.second == example.trips.map(Double.init))
    #expect(trips.first.map { $0.tripped.text == example.text && !$0.values.isEmpty } ?? true)
  }

  @Test func `a guard on the baseline uses its value`() throws {
    var watch = GuardWatch(
      [try Guard(parsing: "p(95) > baseline * 2 for 2s")], settings: PoolSettings(), baseline: [.latency(95): 0.02])
    #expect(watch.take(Self.good.slice(0)) == nil)
    #expect(watch.take(Self.good.slice(1))?.values.count == 2)
  }

  /// Samples a second apart, CPU seconds of two cores; the guard is on 95 %.
  @Test(arguments: [
    ([0.0, 1.96, 3.92, 5.88], Double?.some(3)), ([0, 1.96, 3.0, 4.96], nil), ([0, 1.0, 2.96, 4.92, 6.88], 4),
    ([5, 0, 1.96, 3.92, 5.88], 4),
  ]) func `CPU is judged by the growth of its counters`(cpu: [Double], trips: Double?) throws {
    var watch = GuardWatch([try Guard(parsing: "server_cpu > 95% for 3s")], settings: PoolSettings())
    let found = cpu.enumerated().compactMap { second, used in
      watch.take(
        ProbeSample(
          second: Double(second), values: [.serverCPUSeconds: used, .machineTotalSeconds: 2 * Double(second)]))
    }
    #expect(found.first?.second == trips)
    #expect(found.first.map { $0.values.allSatisfy { abs($0 - 0.98) < 1e-9 } } ?? true)
  }

  @Test func `a new block starts afresh`() throws {
    var watch = GuardWatch([try Guard(parsing: "error_rate > 20% for 2s")], settings: PoolSettings())
    #expect(watch.take(Self.bad.slice(58)) == nil)
    watch.startBlock(settings: PoolSettings())
    #expect(watch.take(Self.bad.slice(-2)) == nil)
    #expect(watch.take(Self.bad.slice(-1)) != nil)
  }

  @Test func `of several guards the first listed is named, and each keeps its own time`() throws {
    let guards = try ["p(95) > 400ms for 5s", "error_rate > 20% for 2s", "errors > 1 for 2s"].map {
      try Guard(parsing: $0)
    }
    var watch = GuardWatch(guards, settings: PoolSettings())
    _ = watch.take(Self.bad.slice(0))
    #expect(watch.take(Self.bad.slice(1))?.tripped == guards[1])
  }
}
