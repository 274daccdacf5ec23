/// One setting that an experiment changes, with its inverse.
package struct SettingChange: Hashable, Sendable {
  package var key: SettingKey
  package var before: SettingValue
  package var after: SettingValue
  package init(key: SettingKey, before: SettingValue, after: SettingValue) {
    self.key = key
    self.before = before
    self.after = after
  }

  /// What the change of `experiment` really alters, in the order of `SettingKey`.
  package static func all(of experiment: Experiment) -> [SettingChange] {
    let before = experiment.settings(of: .baseline)
    let after = experiment.settings(of: .retest)
    return SettingKey.allCases.compactMap { key in
      before[key] == after[key] ? nil : SettingChange(key: key, before: before[key], after: after[key])
    }
  }

  package var beforeText: String { before.text(for: key) }
  package var afterText: String { after.text(for: key) }
  /// `max_size 20 -> 50`
  package var text: String { "\(key.rawValue) \(beforeText) -> \(afterText)" }
}

extension [SettingChange] {
  /// As patches: what puts the change in force, and what puts it back.
  package var forward: SettingPatch { SettingPatch(Dictionary(uniqueKeysWithValues: map { ($0.key, $0.after) })) }
  package var inverse: SettingPatch { SettingPatch(Dictionary(uniqueKeysWithValues: map { ($0.key, $0.before) })) }
}
