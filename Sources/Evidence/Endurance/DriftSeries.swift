import Model
import Statistics

/// The measured part of one block, cut into equal parts, each with one value of each quantity.
struct DriftSeries {
  /// Whole seconds of a stretch in which a drift is told: ends of the load that cut a second off cost it a few.
  static let leastSeconds = Int(Metric.driftStretch.seconds) - 5
  /// Seconds of a part in a run that is no longer than need be: many times what a pool, a scheduler or a cache remembers.
  private static let partSeconds = 100

  let seconds: Int
  private let pool: PoolUnderLoad
  fileprivate let parts: [Part]

  fileprivate struct Part {
    var range: Range<Int>
    var slices: [Slice] = []
    var samples: [ProbeSample] = []
  }

  /// Nil for a stretch that is too short.
  init?(_ recorded: RecordedRun.RecordedBlock, pool: PoolUnderLoad = .own) {
    self.pool = pool
    let measured = recorded.slices.filter { !$0.isWarmUp }
    seconds = (measured.last?.second ?? -1) + 1
    guard seconds >= Self.leastSeconds else { return nil }
    let count = min(max(seconds / Self.partSeconds, Trend.leastValues), Trend.mostValues)
    var parts = (0..<count).map { [seconds] in Part(range: $0 * seconds / count..<($0 + 1) * seconds / count) }
    var part = 0
    for slice in measured {
      while part + 1 < count, slice.second >= parts[part].range.upperBound { part += 1 }
      parts[part].slices.append(slice)
    }
    part = 0
    for sample in recorded.samples where sample.second >= 0 {
      while part + 1 < count, sample.second >= Double(parts[part].range.upperBound) { part += 1 }
      parts[part].samples.append(sample)
    }
    self.parts = parts
  }

  func drift(_ quantity: Drift.Quantity) -> Drift? {
    Drift(quantity, parts.map { $0.value(quantity, pool) }, seconds: seconds)
  }
}

extension DriftSeries.Part {
  fileprivate func value(_ quantity: Drift.Quantity, _ pool: PoolUnderLoad) -> Double? {
    switch quantity {
    case .latency: latency
    case .backendMemory: median { $0.values[.backendMemory] }
    case .generatorMemory: median { $0.values[.generatorMemory] }
    case .sessions: median(\.sessions)
    case .connections where pool.isTold: Summary.mean(samples.compactMap(\.connectionsOfPool))
    case .connections: Summary.mean(slices.map { $0.active.mean + $0.idle.mean })
    case .errors: errors
    }
  }

  /// Infinite where so many requests were given up at a time limit that the percentile lies beyond it.
  private var latency: Double? {
    let completed = slices.reduce(0) { $0 + $1.completed }
    let timeouts = slices.reduce(0) { $0 + $1.failed.reduce(0) { $0 + ($1.key.isTimeout ? $1.value : 0) } }
    if Double(timeouts) > 0.05 * Double(completed + timeouts) { return .infinity }
    let encoded = slices.compactMap { slice in
      slice.histograms[.latency].map { (second: slice.second - range.lowerBound, bytes: $0) }
    }
    return WindowedQuantile.reduce(encoded, seconds: range.count, requests: completed, to: [0.95]).values[0.95]
      .map { $0 / 1e9 }
  }

  private var errors: Double? {
    let failed = slices.reduce(0) { $0 + $1.failures }
    return Proportion(failed, of: failed + slices.reduce(0) { $0 + $1.completed }).rate
  }

  private func median(_ value: (ProbeSample) -> Double?) -> Double? { Summary.median(samples.compactMap(value)) }
}

extension ProbeSample {
  /// Of the app's pool; nil where it did not tell both.
  fileprivate var connectionsOfPool: Double? {
    values[.poolInUse].flatMap { inUse in values[.poolIdle].map { inUse + $0 } }
  }

  /// Backends of the load, in whatever state; nil where the server did not say.
  fileprivate var sessions: Double? {
    let states: [ProbeGauge] = [.backendsActive, .backendsIdle, .backendsIdleInTransaction, .backendsOther]
    let known = states.compactMap { values[$0] }
    return known.isEmpty ? nil : known.reduce(0, +)
  }
}
