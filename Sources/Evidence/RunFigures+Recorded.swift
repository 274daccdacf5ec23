import Model
import Statistics

extension RunFigures {
  /// The figures of a recorded run, from its finished blocks.
  ///
  /// A percentile is the mean over blocks of the block's windowed quantile, see `WindowedQuantile`; its interval, and those
  /// of rates and gauges, are Student's t over the blocks' values. The error rate's is Wilson's, corrected for bursts.
  /// - Parameters:
  ///   - extra: metrics that are not in `tableMetrics`, such as a percentile that a check names.
  ///   - shape: the load's; nil omits what only the open loop can be asked: whether all offered requests were finished.
  package static func of(_ recorded: RecordedRun, extra: [Metric] = [], shape: LoadShape? = nil) -> RunFigures {
    RunFigures([Measurement(recorded, metrics: tableMetrics + extra)], shape: shape)
  }

  package init(_ recorded: RecordedRun) { self = .of(recorded) }

  /// The histograms that figures, comparison and judgement are made from: others need not be read.
  package static let kinds: [HistogramKind] = [.latency, .wait, .query, .slip, .flow]

  /// And the gauges.
  package static let gauges: [ProbeGauge] = [
    .serverCPUSeconds, .machineBusySeconds, .machineTotalSeconds, .machineStealSeconds, .backendMemory, .sessions,
    .poolMax, .poolInUse, .poolWaiting, .poolTimeouts,
  ]

  /// Of one run, or of several together. Traps without any.
  init(_ parts: [Measurement], shape: LoadShape?) {
    let measurement = parts.count == 1 ? parts[0] : Measurement(pooling: parts)
    let blocks = measurement.blocks
    let inForce = Set(blocks.map(\.block.effective))
    self.init(
      run: measurement.run, figures: measurement.figures(),
      due: blocks.reduce(0) { $0 + $1.due }, completed: blocks.reduce(0) { $0 + $1.completed },
      failed: blocks.reduce(into: [:]) { sum, block in sum.merge(block.failed, uniquingKeysWith: +) },
      inFlight: blocks.reduce(0) { $0 + $1.inFlight },
      inFlightAtStart: blocks.reduce(0) { $0 + $1.inFlightAtStart },
      blocks: blocks.count, measuredSeconds: blocks.reduce(0) { $0 + $1.seconds },
      effective: inForce.count == 1 ? inForce.first.flatMap { $0 } : nil,
      objections: parts.flatMap { part in
        Objections(measurement: part, isOpenLoop: shape?.isOpenLoop ?? false).sentences.map {
          parts.count == 1 ? $0 : "\(part.run.id): \($0)"
        }
      },
      serviceMean: measurement.serviceMean)
    others = measurement.others
    measuredAgain = measurement.setAside
    self.parts = PartTotals.merged(blocks.map(\.parts)).map(PartFigures.init)
    flows = FlowFigures(blocks)
    breakingPoints = blocks.compactMap(\.block.breakingPoint)
  }
}
