import Model

/// Whether a step of a rollout may be followed by the next one.
///
/// One short block has no interval: its values decide, as those of a plain before and after do. What they cannot decide
/// stops the rollout too, for a step is taken only on data.
package enum RolloutJudgement {
  /// - Parameters:
  ///   - step: the run of this step alone.
  ///   - size: its `max_size`.
  /// - Returns: GO when every check holds.
  package static func judge(_ rollout: RolloutSpec, step: RecordedRun, size: Int) -> Verdict {
    let measurement = Measurement(step, metrics: rollout.checks.map(\.metric))
    let judge = CheckJudge(before: measurement, after: measurement, pairs: [], level: .once, isPlain: true)
    let outcomes = rollout.checks.map(judge.outcome)
    let rules = outcomes.map { outcome in
      var named = outcome
      named.rule += " at max_size \(size)"
      return named
    }
    let place = rollout.steps.firstIndex(of: size).map { "step \($0 + 1) of \(rollout.steps.count)" } ?? "a step"
    let reason = outcomes.sentence(
      holding: outcomes.count == 1 ? "Its one check holds." : "All \(outcomes.count) checks hold.")
    return Verdict(
      decision: Decision(of: rules), rules: rules, reason: "At max_size \(size), \(place) of the rollout: \(reason)")
  }
}
