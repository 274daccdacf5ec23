import Model

/// What the target that is the pool gets under each arm.
package struct PoolValues: Hashable, Sendable {
  /// The settings that the experiment tunes; no other one is written.
  package let keys: [SettingKey]
  private let baseline: PoolSettings
  private let change: PoolSettings

  package init(keys: [SettingKey], baseline: PoolSettings, change: PoolSettings) {
    self.keys = keys.sorted()
    self.baseline = baseline
    self.change = change
  }

  package init(_ experiment: Experiment) {
    self.init(
      keys: experiment.baseline.overlaid(with: experiment.change).keys, baseline: experiment.settings(of: .baseline),
      change: experiment.settings(of: .retest))
  }

  package subscript(arm: Arm) -> PoolSettings { arm == .baseline ? baseline : change }
}

/// What a target gets: as the pool, or in its own words.
package enum TargetValues: Hashable, Sendable {
  case pool(PoolValues)
  case own(OwnValues)

  var pool: PoolValues? { if case .pool(let values) = self { values } else { nil } }
}
