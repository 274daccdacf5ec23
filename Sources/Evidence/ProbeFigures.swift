import Model

/// What the probes of one block say. Counters are read as the difference between the first and the last sample of the
/// measured part; nil where there are fewer than two samples, or a counter fell because the server was restarted.
struct ProbeFigures {
  /// Of the measured part, without those of an app's pool.
  let samples: [ProbeSample]

  init(_ samples: [ProbeSample], seconds: Int) {
    // The last sample of a block is taken a little after its last second.
    self.samples = samples.filter { $0.second >= 0 && $0.second <= Double(seconds) + 0.5 && !$0.tellsOfPoolOnly }
  }

  /// Share of the machine's cores.
  var serverCPU: Double? { ratio(.serverCPUSeconds, .machineTotalSeconds) }
  var machineCPU: Double? { ratio(.machineBusySeconds, .machineTotalSeconds) }
  /// Time that the hypervisor gave to others, as a share of all cores.
  var steal: Double? { ratio(.machineStealSeconds, .machineTotalSeconds) }
  var serverCPUPerSecond: Double? { rate(.serverCPUSeconds) }
  var sessionRate: Double? { rate(.sessions) }

  var backendMemory: Double? {
    let values = samples.compactMap { $0.values[.backendMemory] }
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The worst of the block.
  var replicationLag: Double? { samples.compactMap { $0.values[.replicationLag] }.max() }
  var freeSlots: Double? { samples.compactMap { $0.values[.freeSlots] }.min() }

  private func rate(_ counter: ProbeGauge) -> Double? {
    growth(counter).map { $0.by / $0.seconds }
  }

  private func ratio(_ part: ProbeGauge, _ whole: ProbeGauge) -> Double? {
    guard let part = growth(part), let whole = growth(whole), whole.by > 0 else { return nil }
    // Per second on both sides, as the two may have been read by different probes.
    return (part.by / part.seconds) / (whole.by / whole.seconds)
  }

  private func growth(_ counter: ProbeGauge) -> (by: Double, seconds: Double)? {
    let read = samples.filter { $0.values[counter] != nil }
    guard let first = read.first, let last = read.last, last.second > first.second,
      let start = first.values[counter], let end = last.values[counter], end >= start
    else { return nil }
    return (end - start, last.second - first.second)
  }
}
