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
}
