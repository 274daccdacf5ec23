import Model

/// A measured value with what it rests on.
package struct Figure: Hashable, Sendable {
  /// In the metric's base unit.
  package var value: Double
  /// 95 % interval over blocks; nil where there are too few blocks for one.
  package var interval: ClosedRange<Double>?
  /// Blocks behind the value.
  package var blocks: Int
  /// Requests or samples behind the value.
  package var samples: Int
  /// The percentile lies at or beyond a timeout, so that its true value is unknown and larger.
  package var isCensored: Bool
  package init(
    value: Double, interval: ClosedRange<Double>? = nil, blocks: Int, samples: Int, isCensored: Bool = false
  ) {
    self.value = value
    self.interval = interval
    self.blocks = blocks
    self.samples = samples
    self.isCensored = isCensored
  }
}

/// All figures of one run, from its finished blocks; an aborted block is never averaged in.
package struct RunFigures: Hashable, Sendable {
  package var run: Run
  /// Further runs that are pooled with `run`; empty but for a group.
  package var others: [Run] = []
  package var figures: [Metric: Figure]
  /// Requests over all finished blocks, warm-up excluded: due + inFlightAtStart = completed + failed + inFlight.
  package var due: Int
  package var completed: Int
  package var failed: [ErrorClass: Int]
  /// Not answered yet when the measured parts ended, and when they began.
  package var inFlight: Int
  package var inFlightAtStart: Int
  /// Finished blocks, and seconds measured in them.
  package var blocks: Int
  package var measuredSeconds: Int
  /// Mean time, in seconds, that a request held a connection: from sending its statement to the last row, of an app's
  /// pool its mean in use over the rate.
  package var serviceMean: Double?
  /// What the pools really took; nil when no block reported, or blocks disagree.
  package var effective: PoolSettings?
  /// The transactions of a mixed load, or the steps of a flow, in the order of the file; empty where there is but one.
  package var parts: [PartFigures] = []
  /// nil where the load is no flow.
  package var flows: FlowFigures?
  /// What each block of a load of steps found.
  package var breakingPoints: [BreakingPoint] = []
  /// Of blocks that were measured again, which ones and why: `pair 3: the hypervisor took 2.7 % of the machine's CPU`.
  package var measuredAgain: [String] = []
  /// Why the run cannot support a verdict (generator fell behind, steal, counts that do not add up ...), as sentences.
  package var objections: [String]
  package init(
    run: Run, figures: [Metric: Figure], due: Int, completed: Int, failed: [ErrorClass: Int], inFlight: Int,
    inFlightAtStart: Int = 0, blocks: Int, measuredSeconds: Int, effective: PoolSettings?, objections: [String],
    serviceMean: Double? = nil
  ) {
    self.serviceMean = serviceMean
    self.run = run
    self.figures = figures
    self.due = due
    self.completed = completed
    self.failed = failed
    self.inFlight = inFlight
    self.inFlightAtStart = inFlightAtStart
    self.blocks = blocks
    self.measuredSeconds = measuredSeconds
    self.effective = effective
    self.objections = objections
  }

  package subscript(metric: Metric) -> Figure? { figures[metric] }

  package var runs: [Run] { [run] + others }

  /// As a person names it: `run-12`, or `run-12,run-14` for a group.
  package var name: String { runs.map(\.id.description).joined(separator: ",") }

  /// The rows of `run show` and `diff`, in order.
  package static let tableMetrics: [Metric] = [
    .throughput, .goodput, .errorRate, .acquireTimeouts,
    .latency(50), .latency(95), .latency(99), .latency(99.9),
    .wait(50), .wait(95), .query(50), .query(95),
    .serverCPU, .cpuPerThousand, .connectionsUsed, .poolUtilisation, .waiting, .backendMemory, .sessionRate,
    .flowSuccess, .flow(50), .flow(95), .breakingPoint,
  ]
}
