import Model
import Statistics

/// A run's finished blocks, each reduced to its values: what figures, comparison and judgement are made from.
struct Measurement {
  let run: Run
  /// Further runs whose blocks are among `blocks`.
  let others: [Run]
  let metrics: [Metric]
  private(set) var blocks: [BlockFigures]
  /// Of blocks that were measured again, which ones and why, as `pair 3: the hypervisor took ...`.
  private(set) var setAside: [String] = []

  /// Fewest blocks that an interval over blocks may rest on.
  static let blocksForInterval = 3

  init(_ recorded: RecordedRun, metrics: some Sequence<Metric>) {
    self.init(recorded.run, metrics: metrics)
    for block in recorded.blocks { take(block) }
  }

  init(_ run: Run, metrics: some Sequence<Metric>) {
    self.run = run
    others = []
    self.metrics = Array(Set(metrics))
    blocks = []
  }

  /// Adds a block of the run; one that did not finish, or does not count, is passed over.
  mutating func take(_ block: RecordedRun.RecordedBlock) {
    if let reason = block.block.setAside { setAside.append("pair \(block.block.pair + 1): \(reason)") }
    guard block.block.status == .finished else { return }
    blocks.append(BlockFigures(block, wanted: run.wanted, metrics: metrics, pool: run.poolUnderLoad))
  }

  /// The blocks of several runs together. Traps without any.
  init(pooling parts: [Measurement]) {
    run = parts[0].run
    others = parts.dropFirst().map(\.run)
    metrics = parts[0].metrics
    blocks = parts.flatMap(\.blocks)
    setAside = parts.flatMap { part in part.setAside.map { "\(part.run.id), \($0)" } }
  }

  /// The most connections that the pool could have: as its app tells, else in force where known, else wanted.
  var maxSize: Int {
    blocks.compactMap { $0.app?.maxSize }.max().map { Int($0) }
      ?? blocks.compactMap(\.block.effective).map(\.maxSize).max() ?? run.wanted.maxSize
  }

  /// Mean seconds that a request held a connection of the pool under load; by Little's law where that is not poolops's own.
  var serviceMean: Double? {
    guard run.poolUnderLoad.isTold else { return pooled(.query).mean.map { $0 / 1e9 } }
    let held = blocks.compactMap { block in
      block.finished > 0 ? block.app?.inUse.map { $0 * Double(block.seconds) / Double(block.finished) } : nil
    }
    return Summary.mean(held)
  }

  var finished: Int { blocks.reduce(0) { $0 + $1.finished } }

  /// The histogram of all blocks together.
  func pooled(_ kind: HistogramKind) -> Histogram { Histogram.merged(blocks.compactMap { $0.histograms[kind] }) }

  /// Failures of one kind, block by block; clustered, so never to be pooled without their design effect.
  func proportions(_ isEvent: (ErrorClass) -> Bool) -> [Proportion] {
    blocks.filter { $0.finished > 0 }.map { block in
      let events = block.failed.reduce(0) { $0 + (isEvent($1.key) ? $1.value : 0) }
      return Proportion(events, of: block.finished)
    }
  }

  /// The same for a metric that counts failures. Who tells may count several timeouts for one request.
  func proportions(of metric: Metric) -> [Proportion] {
    guard metric == .acquireTimeouts else { return proportions { _ in true } }
    guard run.poolUnderLoad.isTold else { return proportions { $0 == .acquireTimeout } }
    return blocks.filter { $0.finished > 0 }.compactMap { block in
      block[.acquireTimeouts].map { Proportion(min(Int($0), block.finished), of: block.finished) }
    }
  }

  func figures(_ level: Level = .once) -> [Metric: Figure] {
    var figures: [Metric: Figure] = [:]
    for metric in metrics { figures[metric] = figure(metric, level) }
    return figures
  }

  func figure(_ metric: Metric, _ level: Level = .once) -> Figure? {
    let values = blocks.compactMap { $0[metric] }
    guard !values.isEmpty else { return nil }
    var figure = Figure(value: 0, blocks: values.count, samples: samples(of: metric), isCensored: isCensored(metric))
    switch metric {
    case .errors, .acquireTimeouts:
      figure.value = values.reduce(0, +)
    case .connectionsUsed:
      figure.value = values.max() ?? 0
    case .freeSlots:
      figure.value = values.min() ?? 0
    case .flowSuccess:
      let successes = blocks.compactMap(\.flows).filter { $0.ended > 0 }
        .map { Proportion($0.completed, of: $0.ended) }
      figure.value = Proportion.pooled(successes).rate ?? 0
      figure.interval = Self.interval(of: successes, level)
    case .errorRate:
      let errors = proportions { _ in true }
      figure.value = Proportion.pooled(errors).rate ?? 0
      figure.interval = Self.interval(of: errors, level)
    default:
      figure.value = Summary.mean(values) ?? 0
      figure.interval = Self.interval(of: values, most: metric.unit == .fraction ? 1 : .infinity, level)
    }
    return figure
  }

  /// Student's t (at any time: its mixture) over the blocks' values, cut at what the metric can be.
  private static func interval(of values: [Double], most: Double, _ level: Level) -> ClosedRange<Double>? {
    guard values.count >= blocksForInterval, let interval = level.mean(values), interval.high.isFinite else {
      return nil
    }
    let low = max(interval.low, 0)
    return low...max(low, min(interval.high, most))
  }

  /// Wilson's interval from counts divided by the design effect: failures come in bursts.
  static func interval(of blocks: [Proportion], _ level: Level) -> ClosedRange<Double>? {
    guard blocks.count >= blocksForInterval, let effect = Proportion.designEffect(blocks) else { return nil }
    let interval = level.proportion(Proportion.pooled(blocks).effective(designEffect: effect))
    return interval.low...interval.high
  }

  private func samples(of metric: Metric) -> Int {
    switch metric {
    case .latency, .wait, .query, .flow:
      blocks.reduce(0) { sum, block in
        sum + (metric.percentile.flatMap { block.histograms[$0.kind]?.count } ?? 0)
      }
    case .serverCPU, .machineCPU, .cpuPerThousand, .backendMemory, .sessionRate, .replicationLag, .freeSlots:
      blocks.reduce(0) { $0 + $1.probes.samples.count }
    case .poolUtilisation, .connectionsUsed, .waiting: blocks.reduce(0) { $0 + ($1.app?.count ?? $1.seconds) }
    case .flowSuccess: blocks.reduce(0) { $0 + ($1.flows?.ended ?? 0) }
    case .breakingPoint: blocks.count { $0.block.breakingPoint != nil }
    default: finished
    }
  }

  /// Whether so many requests were given up at a time limit that the percentile over all requests lies beyond it.
  func isCensored(_ metric: Metric) -> Bool {
    // Where every step held, the breaking point lies beyond the last one.
    if metric == .breakingPoint { return blocks.contains { $0.block.breakingPoint.map { $0.broke == nil } ?? false } }
    guard let q = metric.percentile?.q else { return false }
    let cut = blocks.reduce(0) { $0 + $1.cutOff(metric) }
    let asked = blocks.reduce(0) { $0 + $1.asked(metric) }
    return asked > 0 && Double(cut) / Double(asked) > 1 - q
  }
}

extension BlockFigures {
  /// Requests whose value of this metric was cut off by a time limit.
  func cutOff(_ metric: Metric) -> Int {
    switch metric {
    case .latency: timeouts
    case .wait: failed[.acquireTimeout] ?? 0
    case .query: failed[.statementTimeout] ?? 0
    // A request that fails ends its visit, so these are visits too.
    case .flow: timeouts
    default: 0
    }
  }

  /// Requests that would have a value of this metric without time limits.
  func asked(_ metric: Metric) -> Int {
    switch metric {
    case .latency: completed + timeouts
    case .wait: histograms[.wait]?.count ?? 0
    case .flow: (flows?.completed ?? 0) + timeouts
    default: completed + (failed[.statementTimeout] ?? 0)
    }
  }
}
