internal import Glibc
import Configuration
import Model

/// Whatever has three programs: one that sets values, one that tells them, one that puts them back.
///
/// They get the values as variables of their environment, `POOLOPS_MAX_SIZE=50`, never as words and never through a shell.
package final class CommandTarget: ChangeTarget {
  private let spec: CommandTargetSpec
  private let wanted: TargetValues
  private let programs: TargetPrograms
  package let locator: String

  package init(_ spec: CommandTargetSpec, _ values: TargetValues, in surroundings: TargetSurroundings) {
    self.spec = spec
    wanted = values
    locator = TargetPrograms.shown(spec.apply)
    programs = TargetPrograms(surroundings, locator: locator)
  }

  package var kind: String { "command" }

  package func preflight() throws(StagingError) {
    for words in [spec.apply, spec.readBack, spec.revert] { try programs.require(words) }
    let told = try tell()
    guard told.keys.contains(where: names.contains) else {
      throw StagingError(
        .unreadable, target: locator, setting: names.first, wanted: "\(names.first ?? "name")=value",
        path: "'\(TargetPrograms.shown(spec.readBack))'")
    }
  }

  /// What the program tells of the tuned settings, one `name=value` a line.
  package func snapshot() throws(StagingError) -> String? {
    let told = try tell()
    let lines = names.compactMap { name in told[name].map { SnapshotText.Line(name: name, value: $0) } }
    guard !lines.contains(where: { $0.value.contains(Configuration.Written.hidden) }) else {
      throw StagingError(
        .badValue, target: locator, setting: "a value", wanted: "one that may stand in a journal",
        found: "a secret, not shown", path: "'\(TargetPrograms.shown(spec.readBack))'")
    }
    return SnapshotText(lines).text
  }

  package func planned(_ arm: Arm, over snapshot: String?) -> String { SnapshotText(lines(of: arm)).text }

  package func apply(_ arm: Arm) throws(StagingError) {
    try programs.run(spec.apply, variables(lines(of: arm)), within: spec.timeout)
  }

  /// The program gets the values that were told before the change.
  package func revert(to snapshot: String?) throws(StagingError) {
    try programs.run(spec.revert, variables(SnapshotText(snapshot).lines), within: spec.timeout)
  }

  package func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce {
    try readBack(lines(of: arm), within: patience, wanted.pool?[arm])
  }

  package func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce {
    try readBack(SnapshotText(snapshot).lines, within: patience, nil)
  }

  package func takeNotes() -> [String] { programs.takeNotes() }

  private typealias Lines = [SnapshotText.Line]

  private var names: [String] {
    switch wanted {
    case .pool(let values): values.keys.map(\.rawValue)
    case .own(let own): own.names
    }
  }

  private func lines(of arm: Arm) -> Lines {
    switch wanted {
    case .pool(let values): values.keys.map { .init(name: $0.rawValue, value: values[arm][$0].text(for: $0)) }
    case .own(let own): own.names.map { .init(name: $0, value: own.values(of: arm)[$0] ?? "") }
    }
  }

  /// `POOLOPS_MAX_SIZE=50`, and of a duration its milliseconds too: `POOLOPS_ACQUIRE_TIMEOUT_MS=340`.
  private func variables(_ lines: Lines) -> [String: String] {
    var variables: [String: String] = [:]
    for line in lines {
      let variable = Self.variable(of: line.name)
      variables[variable] = line.value
      if case .duration(let duration) = setting(line.name, line.value) {
        variables[variable + "_MS"] = decimal(duration.seconds * 1000, places: 6)
      }
    }
    return variables
  }

  /// `default-pool.size` is `POOLOPS_DEFAULT_POOL_SIZE`.
  package static func variable(of name: String) -> String {
    "POOLOPS_" + name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0.uppercased() : "_" }.joined()
  }

  private func setting(_ name: String, _ value: String) -> SettingValue? {
    guard wanted.pool != nil, let key = SettingKey(rawValue: name) else { return nil }
    return SettingValue(value, for: key)
  }

  /// Longer ones are no settings.
  private static let longest = 200

  private func tell() throws(StagingError) -> [String: String] {
    let output = try programs.run(spec.readBack, within: spec.timeout, keeping: 65_536)
    var told: [String: String] = [:]
    for line in output.split(whereSeparator: \.isNewline) {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals].trimmed
      let value = line[equals...].dropFirst().trimmed
      guard names.contains(String(name)), value.count <= Self.longest else { continue }
      // One spelling for each value: `20000ms` is `20s`.
      let key = wanted.pool == nil ? nil : SettingKey(rawValue: String(name))
      let known = key.flatMap { key in SettingValue(String(value), for: key)?.text(for: key) }
      told[String(name)] = known ?? String(value)
    }
    return told
  }

  private func readBack(
    _ expected: Lines, within patience: Duration, _ settings: PoolSettings?
  ) throws(StagingError) -> InForce {
    let end = ContinuousClock.now + patience
    while true {
      let told = try tell()
      let values = expected.map { line in
        InForce.Value(
          name: line.name, wanted: line.value, found: told[line.name],
          source: "'\(TargetPrograms.shown(spec.readBack))'")
      }
      let found = InForce(values: values, settings: settings.map { read(told, over: $0) })
      if found.differences.isEmpty || ContinuousClock.now + .milliseconds(100) > end { return found }
      usleep(100_000)
    }
  }

  private func read(_ told: [String: String], over wanted: PoolSettings) -> PoolSettings {
    var settings = wanted
    for (name, value) in told {
      guard let key = SettingKey(rawValue: name), let value = SettingValue(value, for: key) else { continue }
      settings[key] = value
    }
    return settings
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
