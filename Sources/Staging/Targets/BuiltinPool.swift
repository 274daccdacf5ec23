import Ecosystems
import Model
import System

/// The built-in pool as a target: it takes its settings from an env file in staging, as an app does at its start.
///
/// Env files hold secrets, and the journal must not, so a snapshot is only the raw lines of the tuned variables, in the
/// order of `SettingKey`; comparing and restoring touch nothing else.
package struct BuiltinPoolTarget: Sendable {
  package let name = "builtin"
  private let path: String
  private let keys: [SettingKey]

  /// - Parameters:
  ///   - envFile: need not exist.
  ///   - keys: the settings that the experiment tunes; no other one is written.
  package init(envFile: String, keys: [SettingKey]) {
    path = envFile
    self.keys = keys.sorted()
  }

  /// The env file of an embedded staging: `<root>/.poolops/staging/app.env`.
  package static func envFile(root: String) -> String { EmbeddedCluster(root: root).folder + "/app.env" }

  /// The settings that snapshots speak of: what `recover` has when the experiment file is gone.
  package static func keys(in snapshots: [String?]) -> [SettingKey] {
    let texts = snapshots.compactMap { $0 }.map(EnvFileText.init)
    return SettingKey.allCases.filter { key in texts.contains { !$0.lines(of: Builtin.variable(for: key)).isEmpty } }
  }

  package var locator: String { path }

  /// What the file holds now of the tuned settings, one raw line each; nil when there is no file.
  package func snapshot() throws(StagingError) -> String? { try read().map(snapshot) }

  /// What `snapshot` would return after `apply(settings)` to a file that has given `snapshot`.
  package func planned(_ settings: PoolSettings, over snapshot: String?) -> String {
    var text = EnvFileText(snapshot ?? "")
    set(settings, in: &text)
    return self.snapshot(of: text)
  }

  /// Writes the tuned settings, as a whole or not at all.
  package func apply(_ settings: PoolSettings) throws(StagingError) {
    var text = try read() ?? EnvFileText("")
    set(settings, in: &text)
    try write(text)
  }

  /// Gives the tuned settings the lines that they had; a file that came with the change, and holds nothing else, goes with it.
  package func restore(_ snapshot: String?) throws(StagingError) {
    let wanted = EnvFileText(snapshot ?? "")
    guard var text = try read() ?? (snapshot == nil ? nil : EnvFileText("")) else { return }
    for variable in variables { text.restore(wanted.lines(of: variable), of: variable) }
    guard snapshot == nil, text.isEmpty else { return try write(text) }
    try forStaging { () throws(SystemFault) in try FileSystem.remove(path) }
  }

  /// What the pool takes at its start: its defaults, and over them what the file says of any setting.
  package func effectiveSettings() throws(StagingError) -> PoolSettings {
    let text = try read() ?? EnvFileText("")
    var settings = PoolSettings()
    for key in SettingKey.allCases {
      guard let (written, line) = text.value(of: Builtin.variable(for: key)) else { continue }
      guard let value = Builtin.value(written, for: key) else {
        throw fault(key, written, line, accepted: Builtin.accepted(for: key))
      }
      settings[key] = value
    }
    if settings.minSize > settings.maxSize {
      let line = text.value(of: Builtin.variable(for: .minSize)) ?? text.value(of: Builtin.variable(for: .maxSize))
      throw fault(
        .minSize, "\(settings.minSize)", line?.line,
        accepted: "at most \(settings.maxSize), the value of \(Builtin.variable(for: .maxSize))")
    }
    return settings
  }

  private func fault(_ key: SettingKey, _ found: String, _ line: Int?, accepted: String) -> StagingError {
    StagingError(
      .badValue, target: name, setting: Builtin.variable(for: key), wanted: accepted, found: found, path: path,
      line: line)
  }

  private var variables: [String] { keys.map(Builtin.variable) }

  private func snapshot(of text: EnvFileText) -> String {
    variables.flatMap { text.lines(of: $0) }.joined(separator: "\n")
  }

  private func set(_ settings: PoolSettings, in text: inout EnvFileText) {
    for key in keys { text.set(Builtin.variable(for: key), to: Builtin.text(settings[key], for: key)) }
  }

  private var file: EnvFile { EnvFile(path: path, target: name) }
  private func read() throws(StagingError) -> EnvFileText? { try file.read(editing: variables) }
  private func write(_ text: EnvFileText) throws(StagingError) { try file.write(text) }
}

/// The built-in pool as a target of an experiment. Its acts are those of the file: the pool reads it at each start.
package final class BuiltinTarget: ChangeTarget {
  private let pool: BuiltinPoolTarget
  private let values: PoolValues

  package init(_ pool: BuiltinPoolTarget, _ values: PoolValues) {
    self.pool = pool
    self.values = values
  }

  package var kind: String { pool.name }
  package var locator: String { pool.locator }

  package func preflight() throws(StagingError) { _ = try pool.snapshot() }
  package func snapshot() throws(StagingError) -> String? { try pool.snapshot() }
  package func planned(_ arm: Arm, over snapshot: String?) -> String { pool.planned(values[arm], over: snapshot) }
  package func apply(_ arm: Arm) throws(StagingError) { try pool.apply(values[arm]) }
  package func revert(to snapshot: String?) throws(StagingError) { try pool.restore(snapshot) }

  package func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce {
    let found = try pool.effectiveSettings()
    let wanted = values[arm]
    // All of them: the pool takes those that the experiment does not tune from the file too.
    let read = SettingKey.allCases.map { key in
      InForce.Value(
        name: Builtin.variable(for: key), wanted: Builtin.text(wanted[key], for: key),
        found: Builtin.text(found[key], for: key), source: locator)
    }
    return InForce(values: read, settings: found)
  }

  package func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce {
    let now = EnvFileText(try pool.snapshot() ?? "")
    let then = EnvFileText(snapshot ?? "")
    let read = values.keys.map { key in
      let variable = Builtin.variable(for: key)
      return InForce.Value(
        name: variable, wanted: then.value(of: variable)?.value ?? "not set",
        found: now.value(of: variable)?.value ?? "not set", source: locator)
    }
    return InForce(values: read)
  }
}
