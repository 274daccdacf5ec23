import Model
import Statistics

/// Watches the guards of an experiment while its load runs: fed second by second, it says which one trips.
///
/// Warm-up counts too: a guard protects staging, and does not care what is measured. A second that says nothing about
/// a metric (no request finished, no sample taken) neither extends nor breaks the time that its condition holds.
package struct GuardWatch: Sendable {
  /// The guard that tripped, and the values that it saw, newest last, in the metric's base unit.
  package struct Trip: Hashable, Sendable {
    package var tripped: Guard
    /// A percentile of which too many requests were given up at a time limit is infinite.
    package var values: [Double]
    /// Of the slice or sample that tripped it; negative during warm-up.
    package var second: Double
  }

  private struct Watched: Sendable {
    let watched: Guard
    var limit: Double
    var held = 0.0
    var values: [Double] = []

    /// True when the condition has held long enough.
    mutating func take(_ value: Double?, lasting seconds: Double) -> Bool {
      guard let value else { return false }
      guard watched.condition.comparator.holds(value, limit) else {
        held = 0
        values = []
        return false
      }
      held += seconds
      values.append(value)
      return held >= watched.hold.seconds
    }
  }

  private var guards: [Watched]
  private let pool: PoolUnderLoad
  private var maxSize: Int
  private var finished: Int?
  private var previous: ProbeSample?
  private var previousOfPool: ProbeSample?

  /// - Parameter baseline: values of the baseline run, for guards that name it; those without one are never tripped.
  package init(
    _ guards: [Guard], settings: PoolSettings, baseline: [Metric: Double] = [:], pool: PoolUnderLoad = .own
  ) {
    self.pool = pool
    self.guards = guards.compactMap { watched in
      watched.condition.limit(baseline: baseline[watched.condition.metric], maxSize: settings.maxSize)
        .map { Watched(watched: watched, limit: $0) }
    }
    maxSize = settings.maxSize
  }

  /// A new block begins: what held in the last one is forgotten.
  package mutating func startBlock(settings: PoolSettings) {
    maxSize = settings.maxSize
    finished = nil
    previous = nil
    previousOfPool = nil
    limitShares()
    for index in guards.indices {
      guards[index].held = 0
      guards[index].values = []
    }
  }

  private mutating func limitShares() {
    for index in guards.indices {
      if case .shareOfMaximum(let share) = guards[index].watched.condition.bound {
        guards[index].limit = share * Double(maxSize)
      }
    }
  }

  /// Counts (`errors`, `acquire_timeouts`) and rates are those of this second.
  package mutating func take(_ slice: Slice) -> Trip? {
    finished = slice.completed + slice.failures
    return trip(at: Double(slice.second), lasting: 1) { [pool, maxSize] in
      pool.isTold && $0.isOfPool ? nil : slice.value(of: $0, maxSize: maxSize)
    }
  }

  /// CPU and session figures are those since the sample before, counts of an app's pool those since it was read before.
  package mutating func take(_ sample: ProbeSample) -> Trip? {
    let ofPool = takePool(sample)
    return sample.tellsOfPoolOnly ? ofPool : takeServer(sample) ?? ofPool
  }

  private mutating func takePool(_ sample: ProbeSample) -> Trip? {
    guard pool.isTold, sample.tellsOfPool else { return nil }
    defer { previousOfPool = sample }
    if let most = sample.values[.poolMax] {
      maxSize = Int(most)
      limitShares()
    }
    let before = previousOfPool
    // A reading a second: each stands for its own, and what was not read neither extends nor breaks.
    return trip(at: sample.second, lasting: 1) {
      sample.valueOfPool($0, since: before)
    }
  }

  private mutating func takeServer(_ sample: ProbeSample) -> Trip? {
    defer { previous = sample }
    let seconds = previous.map { sample.second - $0.second } ?? 0
    guard seconds > 0 else { return nil }
    // As if the measured part had begun with the sample before.
    let span = [
      ProbeSample(second: 0, values: previous?.values ?? [:]), ProbeSample(second: seconds, values: sample.values),
    ]
    let probes = ProbeFigures(span, seconds: Int(seconds.rounded(.up)))
    return trip(at: sample.second, lasting: seconds) { [finished] in probes.value(of: $0, finishedPerSecond: finished) }
  }

  private mutating func trip(at second: Double, lasting seconds: Double, _ value: (Metric) -> Double?) -> Trip? {
    var first: Trip?
    for index in guards.indices {
      let isTripped = guards[index].take(value(guards[index].watched.condition.metric), lasting: seconds)
      if isTripped, first == nil {
        first = Trip(tripped: guards[index].watched, values: guards[index].values, second: second)
      }
    }
    return first
  }
}

extension Slice {
  fileprivate func value(of metric: Metric, maxSize: Int) -> Double? {
    let finished = completed + failures
    return switch metric {
    case .latency, .wait, .query, .flow: quantile(metric)
    case .flowSuccess: flows.flatMap { $0.ended > 0 ? Double($0.completed) / Double($0.ended) : nil }
    case .throughput: Double(finished)
    case .goodput: Double(completed)
    case .errorRate: finished > 0 ? Double(failures) / Double(finished) : nil
    case .errors: Double(failures)
    case .acquireTimeouts: Double(failed[.acquireTimeout] ?? 0)
    case .poolUtilisation: active.mean / Double(maxSize)
    case .connectionsUsed: Double(active.max)
    case .waiting: waiting.mean
    case .serverCPU, .machineCPU, .cpuPerThousand, .backendMemory, .sessionRate, .replicationLag, .freeSlots,
      .breakingPoint, .latencyDrift, .memoryDrift:
      nil
    }
  }

  /// Requests given up at a time limit count as slower than all others.
  private func quantile(_ metric: Metric) -> Double? {
    guard let (kind, q) = metric.percentile else { return nil }
    let recorded = histograms[kind].flatMap { Histogram(encoded: $0) } ?? Histogram()
    let givenUp = kind == .latency ? failed.reduce(0) { $0 + ($1.key.isTimeout ? $1.value : 0) } : 0
    let count = recorded.count + givenUp
    guard count > 0 else { return nil }
    let rank = QuantileInterval.rank(of: q, count: count)
    guard rank <= recorded.count else { return .infinity }
    return recorded.quantile(Double(rank) / Double(recorded.count)).map { $0 / 1e9 }
  }
}

extension ProbeSample {
  fileprivate func valueOfPool(_ metric: Metric, since before: ProbeSample?) -> Double? {
    switch metric {
    case .poolUtilisation:
      values[.poolInUse].flatMap { inUse in values[.poolMax].flatMap { $0 > 0 ? inUse / $0 : nil } }
    case .connectionsUsed: values[.poolInUse]
    case .waiting: values[.poolWaiting]
    case .acquireTimeouts:
      before.flatMap { before in
        values[.poolTimeouts].flatMap { count in
          let grown = count - (before.values[.poolTimeouts] ?? 0)
          return grown >= 0 ? grown : nil
        }
      }
    default: nil
    }
  }
}

extension ProbeFigures {
  fileprivate func value(of metric: Metric, finishedPerSecond: Int?) -> Double? {
    switch metric {
    case .serverCPU: serverCPU
    case .machineCPU: machineCPU
    case .backendMemory: samples.last?.values[.backendMemory]
    case .sessionRate: sessionRate
    case .replicationLag: samples.last?.values[.replicationLag]
    case .freeSlots: samples.last?.values[.freeSlots]
    case .cpuPerThousand:
      finishedPerSecond.flatMap { finished in
        finished > 0 ? serverCPUPerSecond.map { $0 / Double(finished) * 1000 } : nil
      }
    default: nil
    }
  }
}
