import Model
import YAML

extension ExperimentReader {
  /// Both configurations, and what only shows when they are seen together.
  /// - Parameter othersChange: another target changes too, so that the pool may stay as it is.
  mutating func arms(
    baseline: Node?, change: Node?, othersChange: Bool
  ) -> (baseline: SettingPatch, change: SettingPatch)? {
    let before = baseline.flatMap { settings($0, "baseline") }
    let after = change.flatMap { settings($0, "change") }
    guard let before, let after, let baseline, let change else { return nil }
    let contradictions = PoolSettings(before).contradictions
    for sentence in contradictions { report(baseline.mark, "in the baseline \(sentence)") }
    let changed = PoolSettings(before.overlaid(with: after))
    for sentence in changed.contradictions where !contradictions.contains(sentence) {
      report(change.mark, "with the change \(sentence)")
    }
    if changed == PoolSettings(before), !othersChange {
      report(change.mark, "the change leaves every setting as it is in the baseline; there is nothing to compare")
    }
    return (before, after)
  }

  /// The only configuration of an experiment that changes nothing.
  mutating func baseline(_ node: Node) -> SettingPatch? {
    guard let settings = settings(node, "baseline") else { return nil }
    for sentence in PoolSettings(settings).contradictions { report(node.mark, "in the baseline \(sentence)") }
    return settings
  }

  private mutating func settings(_ node: Node, _ name: String) -> SettingPatch? {
    let known = SettingKey.allCases.map(\.rawValue)
    let before = faults.count
    guard let fields = fields(node, name, known: known) else { return nil }
    var patch = SettingPatch()
    for key in SettingKey.allCases {
      if let value = fields[key.rawValue] { patch[key] = setting(value, key) }
    }
    return faults.count == before ? patch : nil
  }

  private mutating func setting(_ node: Node, _ key: SettingKey) -> SettingValue? {
    if node.isExplicitNull, key.takesUnlimited { return .unlimited }
    guard let text = scalar(node, key.rawValue, accepts: key.accepted) else { return nil }
    if let value = SettingValue(text, for: key) { return value }
    if case .duration = key.kind { return fault(node.mark, durationFault(text, key.rawValue, key.accepted)) }
    if let count = Int(text), count > 1_000_000 {
      return fault(node.mark, "\(quoted(text)) is too large; \(key.rawValue) is at most 1000000")
    }
    return refuse(node, text, key.rawValue, key.accepted)
  }
}

extension SettingKey {
  fileprivate var takesUnlimited: Bool {
    switch kind {
    case .count(_, let unlimited): unlimited
    case .duration(let none): none
    case .fraction: false
    }
  }
}

extension Node {
  /// `null` or `~`, but not a value that was left out, which is more often forgotten than meant.
  fileprivate var isExplicitNull: Bool {
    guard isNull, case .scalar(let text, _) = content else { return false }
    return !text.isEmpty
  }
}
