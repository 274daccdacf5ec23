import Model
import Statistics

/// What one finished block measured, warm-up excluded: its totals, its histograms, and one value a metric.
struct BlockFigures {
  let block: Block
  /// Seconds measured, the last one also where the load ended within it.
  let seconds: Int
  /// The time measured, seconds.
  let time: Double
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
  /// Visits of a flow; nil where the load is none.
  let flows: FlowCounts?
  /// Visits that had begun and not ended when the measured part began.
  let flowsUnderWayAtStart: Int
  /// The transactions of a mixed load apart, in the order of the file.
  let parts: [PartTotals]
  let probes: ProbeFigures
  /// Of the pool under load, where that is an app's.
  let app: AppPoolFigures?
  /// Mean requests that hold a connection or wait for one.
  let meanInside: Double
  /// nil where the block is too short.
  let goodputSpread: Double?
  /// Of the whole measured part, by kind.
  private(set) var histograms: [HistogramKind: Histogram] = [:]
  /// Histograms that could not be read.
  private(set) var damaged = 0
  private var values: [Metric: Double] = [:]
  /// Of the drifts that were asked for; none where the block is too short to tell.
  let drifts: [Metric: Drift]
  private let dueBySecond: [(second: Int, due: Int)]

  init(
    _ recorded: RecordedRun.RecordedBlock, wanted: PoolSettings, metrics: [Metric], pool: PoolUnderLoad = .own
  ) {
    block = recorded.block
    let measured = recorded.slices.filter { !$0.isWarmUp }
    let warmUp = recorded.slices.filter(\.isWarmUp)
    seconds = (measured.map(\.second).max() ?? -1) + 1
    // A second that is missing was measured, and nothing was counted in it.
    let time = max(Double(seconds) - measured.reduce(0) { $0 + 1 - $1.length }, 0.001)
    self.time = time
    length =
      block.ended.map { $0.duration(since: recorded.block.started).seconds } ?? Double(recorded.slices.count)
    due = measured.reduce(0) { $0 + $1.due }
    dueBySecond = recorded.slices.map { ($0.second, $0.due) }
    completed = measured.reduce(0) { $0 + $1.completed }
    failed = measured.reduce(into: [:]) { sum, slice in sum.merge(slice.failed, uniquingKeysWith: +) }
    inFlightAtStart = warmUp.reduce(0) { $0 + $1.growth }
    fewestInFlight = Self.fewestInFlight(recorded.slices)
    generatorCPU = measured.reduce(0) { $0 + $1.generatorCPU }
    flows = measured.compactMap(\.flows).reduce(nil) { sum, flows in (sum ?? FlowCounts()) + flows }
    flowsUnderWayAtStart = warmUp.compactMap(\.flows).reduce(0) { $0 + $1.started - $1.ended }
    parts = PartTotals.all(measured)
    meanInside = measured.reduce(0) { $0 + ($1.active.mean + $1.waiting.mean) * $1.length } / time
    goodputSpread = GoodputSpread.of(measured)
    probes = ProbeFigures(recorded.samples, seconds: seconds)
    app = pool.isTold ? AppPoolFigures(recorded.samples, seconds: seconds) : nil
    let series = metrics.contains(where: \.isDrift) ? DriftSeries(recorded, pool: pool) : nil
    drifts = metrics.reduce(into: [:]) { drifts, metric in
      drifts[metric] = metric.drifting.flatMap { series?.drift($0) }
    }
    guard seconds > 0 else { return }
    readHistograms(measured, metrics: metrics)
    let maxSize = Double((block.effective ?? wanted).maxSize)
    for metric in metrics where values[metric] == nil {
      // What the slices count are poolops's own connections then, and never to be taken for the pool.
      if let app, metric.isOfPool {
        values[metric] = app[metric]
      } else {
        values[metric] = plainValue(of: metric, measured, maxSize: maxSize)
      }
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
        requests: requests(in: kind), to: wanted.compactMap { $0.percentile?.q })
      histograms[kind] = reduced.whole
      damaged += reduced.damaged
      for metric in wanted { values[metric] = metric.percentile.flatMap { reduced.values[$0.q] }.map { $0 / 1e9 } }
    }
  }

  private func requests(in kind: HistogramKind) -> Int {
    switch kind {
    case .wait: finished
    case .flow: flows?.completed ?? 0
    default: completed
    }
  }

  private func plainValue(of metric: Metric, _ measured: [Slice], maxSize: Double) -> Double? {
    switch metric {
    case .latency, .wait, .query, .flow, .latencyDrift, .memoryDrift: nil
    case .flowSuccess: flows.flatMap { $0.ended > 0 ? Double($0.completed) / Double($0.ended) : nil }
    case .breakingPoint: block.breakingPoint.map { Double($0.held) }
    case .throughput: Double(finished) / time
    case .goodput: Double(completed) / time
    case .errorRate: errors.rate
    // Where nothing was answered, nothing is known of failures either.
    case .errors: finished > 0 ? Double(failures) : nil
    case .acquireTimeouts: finished > 0 ? Double(failed[.acquireTimeout] ?? 0) : nil
    case .poolUtilisation: measured.reduce(0) { $0 + $1.active.mean * $1.length } / time / maxSize
    case .connectionsUsed: Double(measured.map(\.active.max).max() ?? 0)
    case .waiting: measured.reduce(0) { $0 + $1.waiting.mean * $1.length } / time
    case .serverCPU: probes.serverCPU
    case .machineCPU: probes.machineCPU
    case .cpuPerThousand: finished > 0 ? probes.serverCPUPerSecond.map { $0 * time / Double(finished) * 1000 } : nil
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
    case .flow(let percentile): (.flow, percentile / 100)
    default: nil
    }
  }
}
