import Model
import YAML

extension ExperimentReader {
  /// - Parameters:
  ///   - arms: nil where they have faults of their own.
  ///   - checks: the experiment's: those that need no baseline stand in where the rollout names none.
  mutating func rollout(
    _ node: Node, arms: (baseline: SettingPatch, change: SettingPatch)?, load: LoadSpec?, checks: [Condition],
    toldPool: Bool
  ) -> RolloutSpec? {
    guard let fields = fields(node, "rollout", known: ["steps", "checks", "duration"], required: ["steps"]) else {
      return nil
    }
    let steps = fields["steps"].flatMap { self.steps($0, arms) }
    let own = fields["checks"].map { rolloutChecks($0, load, toldPool) } ?? checks.filter { !$0.namesBaseline }
    let duration =
      fields["duration"].map { self.duration($0, "duration", atMost: .seconds(600)) }
      ?? RolloutSpec.standardDuration
    guard let steps, let own, let duration else { return nil }
    guard !own.isEmpty else {
      return fault(
        node.mark,
        "every check of the experiment names the baseline, which a rollout comes before; give it checks of its own")
    }
    return RolloutSpec(steps: steps, checks: own, duration: duration)
  }

  private mutating func rolloutChecks(_ node: Node, _ load: LoadSpec?, _ toldPool: Bool) -> [Condition]? {
    guard let checks = self.checks(node, of: load, toldPool: toldPool) else { return nil }
    guard let relative = checks.first(where: \.namesBaseline) else { return checks }
    return fault(
      node.mark, "\(quoted(relative.text)) names the baseline, which is not measured before a rollout; write a limit")
  }

  private mutating func steps(
    _ node: Node, _ arms: (baseline: SettingPatch, change: SettingPatch)?
  ) -> [Int]? {
    guard let nodes = list(node, "steps", accepts: "values of max_size, such as [20, 30, 40, 50]") else { return nil }
    let steps = nodes.compactMap { integer($0, "a step", 1...1_000_000) }
    guard !nodes.isEmpty else {
      return fault(node.mark, "steps is empty; write values of max_size, such as [20, 30, 50]")
    }
    guard steps.count == nodes.count, let arms else { return nil }
    let changed = arms.baseline.overlaid(with: arms.change)
    let (first, last) = (PoolSettings(arms.baseline).maxSize, PoolSettings(changed).maxSize)
    guard arms.change[.maxSize] != nil, first != last else {
      return fault(node.mark, "steps are values of max_size, which this experiment does not change")
    }
    for (index, step) in steps.enumerated() {
      let isBetween = (min(first, last)...max(first, last)).contains(step)
      let goesOn = index == 0 || (first < last) == (steps[index - 1] < step) && steps[index - 1] != step
      guard isBetween else {
        return fault(nodes[index].mark, "\(step) is no step here; steps go from max_size \(first) to \(last)")
      }
      guard goesOn else {
        let way = first < last ? "more" : "less"
        return fault(
          nodes[index].mark,
          "\(step) is no step after \(steps[index - 1]); from max_size \(first) to \(last) each is \(way)")
      }
      let settings = PoolSettings(changed.overlaid(with: SettingPatch([.maxSize: .count(step)])))
      for sentence in settings.contradictions { return fault(nodes[index].mark, "at \(step) \(sentence)") }
    }
    return steps
  }
}

extension Condition {
  fileprivate var namesBaseline: Bool { if case .baseline = bound { true } else { false } }
}
