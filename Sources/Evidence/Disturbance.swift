import Model

/// What happened to the machine while a block was measured, so that the block says nothing of the settings.
///
/// It is read from the machine and not from the load's figures, so a block may be measured again for it (docs/decisions/021-disturbed-blocks.md).
package struct Disturbance: Hashable, Sendable {
  /// Beyond this share of the machine's CPU taken by the hypervisor a block does not count.
  static let mostSteal = 0.02

  let steal: Double

  /// nil where the machine was left alone, or nothing tells.
  init?(steal: Double?) {
    guard let steal, steal > Self.mostSteal else { return nil }
    self.steal = steal
  }

  /// `the hypervisor took 2.7 % of the machine's CPU`.
  package var text: String { "the hypervisor took \(fixed(steal * 100, places: 1)) % of the machine's CPU" }
}

/// Watches the machine through one block.
package struct DisturbanceWatch: Sendable {
  private static let gauges: [ProbeGauge] = [.machineStealSeconds, .machineTotalSeconds]
  private var samples: [ProbeSample] = []
  private var seconds = 0

  package init() {}

  package mutating func take(_ slices: [Slice], _ samples: [ProbeSample]) {
    seconds = max(seconds, (slices.last?.second ?? -1) + 1)
    self.samples += samples.map { sample in
      ProbeSample(second: sample.second, values: sample.values.filter { Self.gauges.contains($0.key) })
    }
  }

  /// Of the measured part so far.
  package var disturbance: Disturbance? { Disturbance(steal: ProbeFigures(samples, seconds: seconds).steal) }
}
