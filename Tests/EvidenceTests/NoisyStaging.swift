import Model
import Statistics

@testable import Evidence

/// Interleaved runs as a machine with a mood of its own would leave them: the speed wanders (Ornstein and Uhlenbeck),
/// drifts, differs from block to block, and stalls for moments. From a seed.
struct NoisyStaging: Sendable {
  /// Standard deviation of the wandering speed, and the time it takes to forget, seconds.
  var wander: Double
  var memory: Double
  /// Standard deviation of what stays the same throughout a block.
  var block = 0.0
  /// By how much it is slower at the end than at the beginning.
  var drift = 0.0
  /// Mean seconds between two stalls of 0.2 to 0.6 s; nil: none.
  var stalls: Double?
  var pairs = 8
  /// Measured windows of 5 s in a block; the warm-up of 10 s is not simulated, only its time passes.
  var windows = 4
  var requestsPerSecond = 400
  /// How much more volatile latency is than speed, as queueing makes it: 1/(1 - load). That of several cores at half load.
  var load = 0.2

  /// METHODS: quiet machine, cloud host, noisy host.
  static let quiet = NoisyStaging(wander: 0.005, memory: 120)
  static let cloud = NoisyStaging(wander: 0.02, memory: 120, block: 0.007, drift: 0.03, stalls: 90)
  static let noisy = NoisyStaging(wander: 0.05, memory: 300, block: 0.015, drift: 0.06, stalls: 45)

  /// What the second arm does to its requests.
  struct Change: Sendable {
    /// Factors of the latency below the median and of that of the slowest 3 %; in between they pass into each other.
    var fast = 1.0
    var slow = 1.0
    var cpu = 1.0
    var timeouts = 0.0

    static let none = Change()
    static func slower(_ share: Double) -> Change { Change(fast: 1 + share, slow: 1 + share) }
  }

  /// Baseline and retest of one execution; a coin orders each pair.
  func record(_ change: Change = .none, seed: UInt64) -> (baseline: RecordedRun, retest: RecordedRun) {
    var machine = Machine(self, seed: seed)
    var blocks: [Arm: [RecordedRun.RecordedBlock]] = [:]
    var arm = Arm.baseline
    for position in 0..<2 * pairs {
      arm = position.isMultiple(of: 2) ? (machine.random.coin() ? .baseline : .retest) : arm.other
      blocks[arm, default: []].append(machine.measure(position, arm == .retest ? change : .none))
    }
    return (run(.baseline, blocks), run(.retest, blocks))
  }

  private func run(_ arm: Arm, _ blocks: [Arm: [RecordedRun.RecordedBlock]]) -> RecordedRun {
    let run = Run(
      id: RunID(arm == .baseline ? 1 : 2), execution: ExecutionID(experiment: "noise", number: 1), arm: arm,
      status: .finished, wanted: PoolSettings(), started: Timestamp(microseconds: 0))
    return RecordedRun(run: run, blocks: blocks[arm] ?? [])
  }
}

extension Arm {
  fileprivate var other: Arm { self == .baseline ? .retest : .baseline }
}

private struct Machine {
  let staging: NoisyStaging
  var random: RandomSource
  private var mood: Double
  private var clock = 0.0

  /// Mean service time, seconds.
  private static let service = 0.01

  init(_ staging: NoisyStaging, seed: UInt64) {
    self.staging = staging
    random = RandomSource(seed: seed, stream: 77)
    mood = 0
    mood = staging.wander * normal()
  }

  /// The sum of four uniform numbers: near enough, and fast where nothing is optimised.
  private mutating func normal() -> Double {
    (random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2) * 3.0.squareRoot()
  }

  private mutating func pass(_ seconds: Double) {
    let kept = exponential(-seconds / staging.memory)
    mood = mood * kept + staging.wander * (1 - kept * kept).squareRoot() * normal()
    clock += seconds
  }

  mutating func measure(_ position: Int, _ change: NoisyStaging.Change) -> RecordedRun.RecordedBlock {
    pass(10)
    let seconds = 5 * staging.windows
    let block = Block(
      id: position + 1, pair: position / 2, position: position, status: .finished,
      started: Timestamp(microseconds: Int64(clock * 1e6)),
      ended: Timestamp(microseconds: Int64((clock + Double(seconds)) * 1e6)), effective: PoolSettings())
    let level = 1 + staging.block * normal()
    var slices: [Slice] = []
    var speed = 0.0
    for window in 1...staging.windows {
      pass(5)
      let total = Double(2 * staging.pairs * (10 + seconds))
      let slowness = (1 + mood) * level * (1 + staging.drift * clock / total)
      speed += slowness / Double(staging.windows)
      slices.append(slice(second: 5 * window - 1, slowness: slowness, change))
    }
    let cpu = 0.3 * speed * change.cpu * (1 + 0.01 * normal())
    return RecordedRun.RecordedBlock(block: block, slices: slices, samples: samples(seconds, cpu: cpu))
  }

  /// Five seconds in one slice, which the analysis does not mind, and which costs a fifth.
  private mutating func slice(second: Int, slowness: Double, _ change: NoisyStaging.Change) -> Slice {
    var slice = Slice(second: second)
    let arrivals = Double(5 * staging.requestsPerSecond)
    slice.due = Int((arrivals + arrivals.squareRoot() * normal()).rounded())
    for _ in 0..<slice.due / 50 {
      // Binomial by fifties, which is enough for a rate of a few percent.
      if random.uniform() < 50 * change.timeouts { slice.failed[.acquireTimeout, default: 0] += 1 }
    }
    slice.completed = slice.due - slice.failures
    let queueing = (1 - staging.load) / (1 - min(0.95, staging.load * slowness))
    let latency = histogram(Machine.service / (1 - staging.load) * slowness * queueing, slice.completed, change)
    slice.histograms = [.latency: latency.encoded()]
    slice.active = Gauge(mean: Double(latency.sum) / 5e9, max: 8)
    slice.waiting = Gauge(mean: 0.5 * slowness * queueing * (1 + 0.1 * normal()), max: 3)
    slice.generatorCPU = 0.5
    return slice
  }

  /// Shares of requests that are slower than each step of the ladder.
  private static let beyond = [
    0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.08, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.008, 0.006, 0.004,
    0.002, 0.001,
  ]
  private static let logs = beyond.map { logarithm($0) }

  /// Exponential latencies as a sample of `count` has them: the gaps between its order statistics are independent, with
  /// mean ln(s/s') and variance (1/s' - 1/s)/count (Rényi 1953).
  private mutating func histogram(_ mean: Double, _ count: Int, _ change: NoisyStaging.Change) -> Histogram {
    var steps: [(value: Double, times: Int)] = []
    var (value, share, log, counted) = (0.0, 1.0, 0.0, 0)
    for (next, nextLog) in zip(Self.beyond, Self.logs) {
      value += max(0, log - nextLog + ((1 / next - 1 / share) / Double(count)).squareRoot() * normal())
      let upTo = Int((Double(count) * (1 - next)).rounded())
      steps.append((mean * value * factor(next, change), upTo - counted))
      (share, log, counted) = (next, nextLog, upTo)
    }
    steps.append((mean * (value + 1) * change.slow, count - counted))
    stall(&steps)
    var histogram = Histogram()
    for step in steps.reversed() { histogram.record(Int64(step.value * 1e9), times: step.times) }
    return histogram
  }

  /// From `fast` at the median to `slow` at 3 %.
  private func factor(_ share: Double, _ change: NoisyStaging.Change) -> Double {
    let slowness = min(1, max(0, (0.5 - share) / 0.47))
    return change.fast + (change.slow - change.fast) * slowness
  }

  /// Requests that fall due in a stall wait for its end.
  private mutating func stall(_ steps: inout [(value: Double, times: Int)]) {
    guard let every = staging.stalls, random.uniform() < 5 / every else { return }
    let length = random.uniform(in: 0.2..<0.6)
    let held = Int(length * Double(staging.requestsPerSecond))
    for part in 1...4 { steps.append((length * Double(part) / 4, held / 4)) }
    var owed = held / 4 * 4
    for index in steps.indices where owed > 0 {
      let taken = min(owed, steps[index].times / 2)
      steps[index].times -= taken
      owed -= taken
    }
    steps[steps.count - 1].times -= owed
  }

  private func samples(_ seconds: Int, cpu: Double) -> [ProbeSample] {
    [0, seconds].map { second in
      let time = Double(second)
      return ProbeSample(
        second: time,
        values: [
          .serverCPUSeconds: 100 + 2 * time * cpu, .machineBusySeconds: 500 + 2 * time * 0.5,
          .machineTotalSeconds: 900 + 2 * time, .machineStealSeconds: 1, .sessions: 100,
        ])
    }
  }
}
