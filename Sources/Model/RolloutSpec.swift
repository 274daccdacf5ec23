/// How the change is approached before it is measured: one `max_size` after another, with a short block and checks each.
package struct RolloutSpec: Hashable, Sendable {
  /// Values of `max_size`, from the baseline's towards the change's.
  package var steps: [Int]
  /// What each step must keep before the next one; none names the baseline, which is not measured yet.
  package var checks: [Condition]
  /// Measured part of each block.
  package var duration: Duration
  package init(steps: [Int], checks: [Condition], duration: Duration = Self.standardDuration) {
    self.steps = steps
    self.checks = checks
    self.duration = duration
  }

  package static let standardDuration = Duration.seconds(5)
}

extension Experiment {
  /// The experiment whose change goes only as far as `size` connections.
  package func step(to size: Int) -> Experiment {
    var step = self
    step.change[.maxSize] = .count(size)
    return step
  }
}
