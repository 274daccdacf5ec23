import Model
import Statistics

/// What one finished block measured, warm-up excluded: its totals, its histograms, and one value a metric.
struct BlockFigures {
  let block: Block
  /// Seconds measured.
  let seconds: Int
  /// Seconds from its beginning to its end, warm-up included.
  let length: Double
  let due: Int
  let completed: Int
  let failed: [ErrorClass: Int]
  /// Requests due but not answered when the measured part began.
  let inFlightAtStart: Int
  /// The fewest requests in flight at the end of any second, warm-up included; below 0 only when counts are wrong.
  let fewestInFlight: Int
  let generatorCPU: Double
  let probes: ProbeFigures
  /// Mean requests that hold a connection or wait for one.
  let meanInside: Double
  /// Of the whole measured part, by kind.
  private(set) var histograms: [HistogramKind: Histogram] = [:]
  /// Histograms that could not be read.
  private(set) var damaged = 0
  private var values: [Metric: Double] = [:]
  private let dueBySecond: [(second: Int, due: Int)]

  init(_ recorded: RecordedRun.RecordedBlock, wanted: PoolSettings, metrics: [Metric]) {
    block = recorded.block
    let measured = recorded.slices.filter { !$0.isWarmUp }
    let warmUp = recorded.slices.filter(\.isWarmUp)
    seconds = (measured.map(\.second).max() ?? -1) + 1
    length =
      block.ended.map { $0.duration(since: recorded.block.started).seconds } ?? Double(recorded.slices.count)
    due = measured.reduce(0) { $0 + $1.due }
    dueBySecond = recorded.slices.map { ($0.second, $0.due) }
    completed = measured.reduce(0) { $0 + $1.completed }
    failed = measured.reduce(into: [:]) { sum, slice in sum.merge(slice.failed, uniquingKeysWith: +) }
    inFlightAtStart = warmUp.reduce(0) { $0 + $1.growth }
    fewestInFlight = Self.fewestInFlight(recorded.slices)
    generatorCPU = measured.reduce(0) { $0 + $1.generatorCPU }
    let length = Double(max(seconds, 1))
    meanInside = measured.reduce(0) { $0 + $1.active.mean + $1.waiting.mean } / length
    probes = ProbeFigures(recorded.samples, seconds: seconds)
    guard seconds > 0 else { return }
    readHistograms(measured, metrics: metrics)
    let maxSize = Double((block.effective ?? wanted).maxSize)
    for metric in metrics where values[metric] == nil {
      values[metric] = plainValue(of: metric, measured, maxSize: maxSize)
    }
  }

  /// In the metric's base unit; nil when the block does not tell.
  subscript(metric: Metric) -> Double? { values[metric] }

  var failures: Int { failed.values.reduce(0, +) }
  var finished: Int { completed + failures }
  var timeouts: Int { failed.reduce(0) { $0 + ($1.key.isTimeout ? $1.value : 0) } }
  var inFlight: Int { inFlightAtStart + due - finished }
  var errors: Proportion { Proportion(failures, of: finished) }

  /// Requests that were not answered when the block ended and had been due for longer than `limit` seconds: no histogram
  /// holds them. At least so many; those in flight may all be the newest.
  func stuck(longerThan limit: Double) -> Int {
    let recent = Double(seconds) - limit
    let young = dueBySecond.reduce(0) { $0 + (Double($1.second + 1) > recent ? $1.due : 0) }
    return max(0, inFlight - young)
  }

  private static func fewestInFlight(_ slices: [Slice]) -> Int {
    var inFlight = 0
    return slices.reduce(0) { fewest, slice in
      inFlight += slice.growth
      return min(fewest, inFlight)
    }
  }

  private mutating func readHistograms(_ measured: [Slice], metrics: [Metric]) {
    for kind in RunFigures.kinds {
      let wanted = metrics.filter { $0.percentile?.kind == kind }
      let reduced = WindowedQuantile.reduce(
        measured.compactMap { slice in slice.histograms[kind].map { (slice.second, $0) } }, seconds: seconds,
        requests: kind == .wait ? finished : completed, to: wanted.compactMap { $0.percentile?.q })
      histograms[kind] = reduced.whole
      damaged += reduced.damaged
      for metric in wanted { values[metric] = metric.percentile.flatMap { reduced.values[$0.q] }.map { $0 / 1e9 } }
    }
  }

  private func plainValue(of metric: Metric, _ measured: [Slice], maxSize: Double) -> Double? {
    let length = Double(seconds)
    return switch metric {
    case .latency, .wait, .query: nil
    case .throughput: Double(finished) / length
    case .goodput: Double(completed) / length
    case .errorRate: errors.rate
    // Where nothing was answered, nothing is known of failures either.
    case .errors: finished > 0 ? Double(failures) : nil
    case .acquireTimeouts: finished > 0 ? Double(failed[.acquireTimeout] ?? 0) : nil
    case .poolUtilisation: measured.reduce(0) { $0 + $1.active.mean } / length / maxSize
    case .connectionsUsed: Double(measured.map(\.active.max).max() ?? 0)
    case .waiting: measured.reduce(0) { $0 + $1.waiting.mean } / length
    case .serverCPU: probes.serverCPU
    case .machineCPU: probes.machineCPU
    case .cpuPerThousand: finished > 0 ? probes.serverCPUPerSecond.map { $0 * length / Double(finished) * 1000 } : nil
    case .backendMemory: probes.backendMemory
    case .sessionRate: probes.sessionRate
    case .replicationLag: probes.replicationLag
    case .freeSlots: probes.freeSlots
    }
  }
}

extension Slice {
  /// By how many the requests in flight grew in this second.
  fileprivate var growth: Int { due - completed - failures }
}

extension ErrorClass {
  /// The request was given up after a time limit: the answer would have taken longer.
  var isTimeout: Bool {
    switch self {
    case .acquireTimeout, .statementTimeout, .connectTimeout, .requestTimeout, .firstByteTimeout: true
    default: false
    }
  }
}

extension Metric {
  /// Which histogram a percentile is read from, and the quantile, 0...1.
  var percentile: (kind: HistogramKind, q: Double)? {
    switch self {
    case .latency(let percentile): (.latency, percentile / 100)
    case .wait(let percentile): (.wait, percentile / 100)
    case .query(let percentile): (.query, percentile / 100)
    default: nil
    }
  }
}
