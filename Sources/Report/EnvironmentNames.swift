import Model

/// One line of an env file: `DB_CONNECTION_LIMIT=50`.
package struct EnvironmentLine: Hashable, Sendable {
  package var name: String
  package var value: String
  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
  package var text: String { "\(name)=\(value)" }
}

/// How the target writes a neutral setting, for reports that show both forms.
package struct EnvironmentNames: Sendable {
  private let write: @Sendable (SettingKey, SettingValue) -> EnvironmentLine?

  /// - Parameter write: nil where the target has no such setting.
  package init(_ write: @escaping @Sendable (SettingKey, SettingValue) -> EnvironmentLine?) { self.write = write }

  package func line(_ key: SettingKey, _ value: SettingValue) -> EnvironmentLine? { write(key, value) }

  /// The lines of an env file that put `patch` in force, in the order of `SettingKey`.
  package func lines(_ patch: SettingPatch) -> [EnvironmentLine] {
    patch.keys.compactMap { key in patch[key].flatMap { line(key, $0) } }
  }
}

/// One setting that an experiment changes, with its inverse.
package struct SettingChange: Hashable, Sendable {
  package var key: SettingKey
  package var before: SettingValue
  package var after: SettingValue

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
}

extension [SettingChange] {
  /// As patches: what puts the change in force, and what puts it back.
  package var forward: SettingPatch { SettingPatch(Dictionary(uniqueKeysWithValues: map { ($0.key, $0.after) })) }
  package var inverse: SettingPatch { SettingPatch(Dictionary(uniqueKeysWithValues: map { ($0.key, $0.before) })) }
}
