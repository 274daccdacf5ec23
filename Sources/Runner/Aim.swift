import Model

/// What the targets are to hold: an arm of the experiment, or of one of its steps.
struct Aim {
  let experiment: Experiment
  let arm: Arm
  init(_ experiment: Experiment, _ arm: Arm) {
    self.experiment = experiment
    self.arm = arm
  }

  var settings: PoolSettings { experiment.settings(of: arm) }

  /// What the load's own pool took must be what the target was given.
  /// - Parameter found: nil where the pool is somebody else's.
  func expect(_ found: PoolSettings?) throws(Failure) {
    guard let found else { return }
    let wanted = settings
    let wrong = SettingKey.allCases.filter { wanted[$0] != found[$0] }
    guard !wrong.isEmpty else { return }
    let list = wrong.map { "\($0.rawValue) is \(found[$0].text(for: $0)), wanted \(wanted[$0].text(for: $0))" }
    throw Failure(.noGo, "not in force: " + list.joined(separator: "; "))
  }
}
