import Configuration
import Ecosystems
import Model

/// The env file of an app: the tuned settings in its lines and in the parameters of the URL in it.
///
/// A snapshot has one line for each name that is there: `NAME=value`, or `NAME?parameter=value` for one of a URL. Quotes and comments
/// stay in the file, which keeps them anyway, so that nothing but the values gets into the journal.
struct AppSettingsFile {
  private let file: EnvFile
  private let spec: AppTargetSpec
  private let places: [(key: SettingKey, place: AppPlace)]
  private let target: String

  init(_ spec: AppTargetSpec, path: String, keys: [SettingKey], target: String) throws(StagingError) {
    self.spec = spec
    self.target = target
    file = EnvFile(path: path, target: target)
    var found: [(key: SettingKey, place: AppPlace)] = []
    for key in keys {
      switch spec.place(of: key) {
      case .success(let place): found.append((key, place))
      case .failure(let fault):
        throw StagingError(
          .inexpressible, target: target, setting: key.rawValue, wanted: "a setting that the app has", found: "a value",
          path: path, reason: fault.reason)
      }
    }
    places = found
  }

  typealias Line = SnapshotText.Line

  func place(of key: SettingKey) -> AppPlace? { places.first { $0.key == key }?.place }

  /// The name of the variable or parameter that holds `key`.
  func name(of key: SettingKey) -> String {
    guard let place = place(of: key) else { return key.rawValue }
    return name(place.name, place.kind)
  }

  private func name(_ name: String, _ kind: AppPlace.Kind) -> String {
    kind == .variable ? name : "\(spec.urlVariable ?? "")?\(name)"
  }

  /// What the settings come to in the app's words.
  func lines(of settings: PoolSettings) throws(StagingError) -> [Line] {
    var lines: [Line] = []
    for (key, place) in places {
      switch place.written(settings[key], for: key) {
      case .success(let written): lines += written.map { Line(name: name($0.name, place.kind), value: $0.value) }
      case .failure(let fault):
        throw StagingError(
          .inexpressible, target: target, setting: key.rawValue, wanted: place.dialect.accepted,
          found: settings[key].text(for: key), path: file.path, reason: fault.reason)
      }
    }
    return lines
  }

  /// Every name that a snapshot may have.
  private var names: [String] {
    places.flatMap { _, place in
      ([place.name] + [place.dialect.addend?.name].compactMap { $0 }).map { name($0, place.kind) }
    }
  }

  private var variables: [String] {
    let own = names.filter { !$0.contains("?") }
    return own + (own.count < names.count ? [spec.urlVariable].compactMap { $0 } : [])
  }

  /// nil when there is no file.
  func snapshot() throws(StagingError) -> String? {
    guard let text = try file.read(editing: variables) else { return nil }
    var lines: [Line] = []
    for name in names {
      guard let value = value(of: name, in: text) else { continue }
      guard Self.mayBeKept(value) else {
        throw StagingError(
          .badValue, target: target, setting: name, wanted: "a number", found: "something else, not shown",
          path: file.path, line: text.value(of: Self.variable(of: name))?.line)
      }
      lines.append(Line(name: name, value: value))
    }
    return SnapshotText(lines).text
  }

  func planned(_ settings: PoolSettings, over snapshot: String?) throws(StagingError) -> String {
    let wanted = try lines(of: settings)
    let before = SnapshotText(snapshot).lines
    return SnapshotText(names.compactMap { name in (wanted + before).first { $0.name == name } }).text
  }

  func write(_ settings: PoolSettings) throws(StagingError) {
    guard let before = try file.read(editing: variables) else {
      throw StagingError(
        .badValue, target: target, setting: "the env file", wanted: "a file", path: file.path)
    }
    var text = before
    for line in try lines(of: settings) { try set(line.name, to: line.value, in: &text) }
    if text != before { try file.write(text) }
  }

  /// Gives every name the value that the snapshot has of it, and takes away those that it has not.
  func restore(_ snapshot: String?) throws(StagingError) {
    file.removeLeftover()
    guard let before = try file.read(editing: variables) else {
      guard snapshot == nil else {
        throw StagingError(
          .badValue, target: target, setting: "the env file", wanted: "a file", path: file.path)
      }
      return
    }
    var text = before
    let wanted = SnapshotText(snapshot)
    for name in names {
      if let old = wanted[name] {
        if value(of: name, in: text) != old { try set(name, to: old, in: &text) }
      } else {
        try remove(name, in: &text)
      }
    }
    if text != before { try file.write(text) }
  }

  /// What of a value may stand in a journal: no text in which somebody could have put a secret.
  private static func mayBeKept(_ value: String) -> Bool {
    if ["", "none", "None", "null", "unlimited", "off", "inf"].contains(value) { return true }
    let digits = value.drop { $0 == "-" || $0 == "+" }
    return value.utf8.count <= 24 && digits.first?.isNumber == true
      && digits.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLetter || $0 == "." || $0 == "%") }
  }
}

// One value in the text.
extension AppSettingsFile {
  private static func variable(of name: String) -> String { String(name.prefix { $0 != "?" }) }

  private static func parameter(of name: String) -> String? {
    name.firstIndex(of: "?").map { String(name[$0...].dropFirst()) }
  }

  private func value(of name: String, in text: EnvFileText) -> String? {
    let held = text.value(of: Self.variable(of: name))?.value
    guard let parameter = Self.parameter(of: name) else { return held }
    return held.flatMap { URLParameters($0).value(of: parameter) }
  }

  private func set(_ name: String, to value: String, in text: inout EnvFileText) throws(StagingError) {
    let variable = Self.variable(of: name)
    guard let parameter = Self.parameter(of: name) else { return text.set(variable, to: value) }
    var url = try self.url(variable, in: text)
    url.set(parameter, to: value)
    text.set(variable, to: url.text)
  }

  private func remove(_ name: String, in text: inout EnvFileText) throws(StagingError) {
    let variable = Self.variable(of: name)
    guard let parameter = Self.parameter(of: name) else { return text.restore([], of: variable) }
    guard text.value(of: variable) != nil else { return }
    var url = try self.url(variable, in: text)
    url.remove(parameter)
    text.set(variable, to: url.text)
  }

  private func url(_ variable: String, in text: EnvFileText) throws(StagingError) -> URLParameters {
    let found = text.value(of: variable)
    guard let found, found.value.contains("://") else {
      throw StagingError(
        .badValue, target: target, setting: variable, wanted: "a URL, such as postgresql://host/name", found: "none",
        path: file.path, line: found?.line)
    }
    return URLParameters(found.value)
  }
}

extension AppSettingsFile {
  /// All that the env file says, as far as it can be read: not to be shown, but to know what must not be.
  var settings: [(name: String, value: String)] { (try? file.read(editing: []))??.settings ?? [] }

  /// The servers that the env file names, as far as it can be read.
  func servers() throws(StagingError) -> [DatabaseAddress] {
    guard let text = try file.read(editing: []) else { return [] }
    let read = EnvironmentFile.read(Array(text.text.utf8), path: file.path, others: { _ in nil })
    return read.applications.flatMap(\.addresses)
  }
}
