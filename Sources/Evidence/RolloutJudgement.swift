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
    let rules = rollout.checks.map { check in
      var outcome = judge.outcome(check)
      outcome.rule += " at max_size \(size)"
      return outcome
    }
    let place = rollout.steps.firstIndex(of: size).map { "step \($0 + 1) of \(rollout.steps.count)" } ?? "a step"
    let reason = rules.sentence(holding: "All \(rules.count) checks hold.")
    return Verdict(
      decision: Decision(of: rules), rules: rules, reason: "At max_size \(size), \(place) of the rollout: \(reason)")
  }
}
