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
