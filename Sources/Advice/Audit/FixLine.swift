import Configuration
import Ecosystems
import Model

extension Landscape {
  /// The line that gives a written setting another value, as its file writes it.
  func fix(_ written: Configuration.Written, to value: String, also: [Finding.Fix] = []) -> Finding.Fix {
    Finding.Fix(line(of: written, value), at: written.place, setting: written.name, value: value, also: also)
  }

  /// The line that a setting is missing, beside what is written at a place.
  func addition(_ name: String, _ value: String, beside place: Place) -> Finding.Fix {
    Finding.Fix(line(named: name, value, in: format(of: place)), setting: name, value: value, file: place.file)
  }

  /// The setting goes.
  func removal(_ written: Configuration.Written) -> Finding.Fix {
    Finding.Fix("# \(line(of: written, written.text))", at: written.place, kind: .removal, setting: written.name)
  }

  private func line(of written: Configuration.Written, _ value: String) -> String {
    if let manner = manner(at: written.place) { return manner.line(value) }
    return line(named: written.name, value, in: format(of: written.place))
  }

  private func format(of place: Place) -> ConfigurationFile.Format {
    if let format = embeddedFormat(at: place) ?? formats[place.file] { return format }
    if place.file.hasSuffix(".ini") { return .pgBouncer }
    return place.file.hasSuffix(".conf") ? .postgreSQL : .environment
  }

  private func line(named name: String, _ value: String, in format: ConfigurationFile.Format) -> String {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    switch format {
    case .environment, .properties, .connection: return "\(name)=\(value)"
    case .pgBouncer, .postgreSQL: return "\(name) = \(value)"
    case .toml: return "\(last) = \(Int(value) == nil ? "\"\(value)\"" : value)"
    case .spring: return "\(last): \(value)"
    case .compose: return isParameter(name) ? "\(name)=\(value)" : "\(name): \"\(value)\""
    case .kubernetes: return isParameter(name) ? "\(name)=\(value)" : "value: \"\(value)\""
    }
  }

  /// Parameters of PostgreSQL and PgBouncer stand on a command line or behind a variable of the image.
  private func isParameter(_ name: String) -> Bool { !name.contains { $0.isUppercase } && !name.contains(".") }

  /// The line that gives a pool's setting another value; a parameter where it stands in the address.
  func fix(_ setting: PoolSetting, of pool: PoolUse, to value: String, also: [Finding.Fix] = []) -> Finding.Fix {
    guard let address = pool.address, address.options.contains(setting.written) else {
      return fix(setting.written, to: value, also: also)
    }
    return parameter(setting.written.name, value, address, also: also)
  }

  func parameter(
    _ name: String, _ value: String, _ address: DatabaseAddress, replaces: String? = nil, also: [Finding.Fix] = []
  ) -> Finding.Fix {
    Finding.Fix(
      "\(name)=\(value)", at: address.place, kind: .parameter, setting: name, value: value, replaces: replaces,
      also: also)
  }
}

extension PoolSetting {
  /// A duration in the words of this setting; nil where its unit is not known or too coarse.
  func text(_ duration: Duration) -> String? {
    if let step = SettingName(written.name)?.unit { return decimal(duration.seconds / step, places: 6) }
    if Duration(text: written.text) != nil { return duration.text }
    guard case .ecosystem(let unit) = unit else { return nil }
    return unit.text(.duration(duration))
  }

  /// `DB_POOL_TIMEOUT=30`.
  var said: String { "\(written.name)=\(written.text)" }
}
