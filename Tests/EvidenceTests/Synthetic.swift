import Model
import Statistics

/// Makes recorded runs as a load engine and probes would leave them, from a seed.
struct Synthetic: Hashable {
  var blocks = 8
  var seconds = 20
  var warmUp = 2
  /// Requests per second.
  var rate = 100
  /// Mean of the exponential query time, seconds; a wait of a quarter comes on top.
  var query = 0.040
  /// Share of requests that give up at `timeout` seconds.
  var timeouts = 0.0
  var timeout = 0.340
  /// Standard deviation of a block's level, as a share; the same for both arms' blocks of a pair where `drift` is used.
  var noise = 0.02
  var slip = 0.0001
  var generatorCPU = 0.2
  /// Shares of a machine of two cores.
  var serverCPU = 0.30
  var steal = 0.0
  var maxSize = 20
  /// What the pool took, where that is not what was wanted.
  var effectiveMaxSize: Int?
  var status = RecordStatus.finished
  var environment = ["cores": "2", "postgres_version": "16.4"]

  var isDefault: Bool { self == Synthetic() }

  func run(_ arm: Arm, seed: UInt64 = 1, execution: String = "peak#1", number: Int? = nil) -> RecordedRun {
    var wanted = PoolSettings()
    wanted.maxSize = maxSize
    wanted.acquireTimeout = .ofSeconds(timeout)
    let id = RunID(number ?? (arm == .baseline ? 12 : 13))
    let run = Run(
      id: id, execution: ExecutionID(text: execution) ?? ExecutionID(experiment: "peak", number: 1), arm: arm,
      status: .finished, wanted: wanted, started: Timestamp(microseconds: 0), environment: environment)
    var random = RandomSource(seed: seed, stream: arm == .baseline ? 1 : 2)
    return RecordedRun(run: run, blocks: (0..<blocks).map { block($0, wanted: wanted, arm: arm, &random) })
  }

  private func block(
    _ pair: Int, wanted: PoolSettings, arm: Arm, _ random: inout RandomSource
  ) -> RecordedRun.RecordedBlock {
    var effective = wanted
    effective.maxSize = effectiveMaxSize ?? maxSize
    let block = Block(
      id: pair + 1, pair: pair, position: 2 * pair + (arm == .baseline ? 0 : 1), status: status,
      started: Timestamp(microseconds: 0), effective: effective)
    let level = 1 + noise * Normal.quantile(random.uniform(in: 0.001..<0.999))
    // A machine that slows down by 3 % over the execution, alike for both arms.
    let drift = 1 + 0.03 * Double(pair) / Double(max(blocks, 2))
    let slips = Histogram([Int64](repeating: Int64(slip * 1e9), count: rate)).encoded()
    let slices = (-warmUp..<seconds).map { second in
      // Warm-up is slow, so that a figure that counts it shows.
      slice(second, query: query * level * drift * (second < 0 ? 10 : 1), slips: slips, &random)
    }
    return RecordedRun.RecordedBlock(block: block, slices: slices, samples: samples(level: level))
  }

  private func slice(_ second: Int, query mean: Double, slips: [UInt8], _ random: inout RandomSource) -> Slice {
    var slice = Slice(second: second)
    var times: [Double] = []
    for _ in 0..<rate {
      if random.uniform() < timeouts {
        slice.failed[.acquireTimeout, default: 0] += 1
      } else {
        times.append(random.exponential(mean: mean))
      }
    }
    // Largest first: a histogram that need not grow is several times faster to fill in debug builds.
    times.sort(by: >)
    slice.completed = times.count
    let histogram = { (factor: Double) in Histogram(times.lazy.map { Int64($0 * factor * 1e9) }) }
    let (query, latency) = (histogram(1), histogram(1.25))
    var wait = histogram(0.25)
    wait.record(Int64(timeout * 1e9), times: slice.failures)
    slice.due = rate
    slice.histograms = [.latency: latency.encoded(), .wait: wait.encoded(), .query: query.encoded(), .slip: slips]
    slice.active = Gauge(mean: Double(query.sum) / 1e9, max: maxSize / 2)
    slice.waiting = Gauge(mean: Double(wait.sum) / 1e9, max: 1)
    slice.generatorCPU = generatorCPU
    return slice
  }

  private func samples(level: Double) -> [ProbeSample] {
    (-warmUp...seconds).map { second in
      // Counters start anywhere; the warm-up is busier than the rest.
      let elapsed = Double(second) + (second < 0 ? Double(second) : 0)
      return ProbeSample(
        second: Double(second) + 0.01,
        values: [
          .serverCPUSeconds: 1000 + elapsed * 2 * serverCPU * level, .machineBusySeconds: 5000 + elapsed * 2 * 0.5,
          .machineTotalSeconds: 9000 + Double(second) * 2, .machineStealSeconds: 10 + Double(second) * 2 * steal,
          .backendMemory: 5 * 1_048_576, .sessions: 100 + Double(second) * 3,
        ])
    }
  }
}
