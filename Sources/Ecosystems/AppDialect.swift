import Model

/// Where an app takes one setting from, and how it is written there.
package struct AppPlace: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case variable
    /// Of the URL that the app's URL variable holds.
    case urlParameter
  }
  package var kind: Kind
  package var dialect: Dialect
  package var name: String { dialect.name }

  /// The values that say `value`, by name: one, or two where the app adds a second to it.
  ///
  /// Refused is what would come out as another value: rounded, raised to a floor, or with no word for it.
  package func written(_ value: SettingValue, for key: SettingKey) -> Result<[SettingLine], AppPlaceFault> {
    let table = Ecosystem(
      id: "app", title: name, versions: .init("app"), source: "", form: .assignments, effective: "",
      settings: [key: .setting(dialect)])
    let written = table.write([key: value])
    if let loss = written.losses.first { return .failure(AppPlaceFault(reason: loss.text)) }
    return .success(written.lines)
  }

  /// The value that a text of the app says; nil when it is none.
  package func value(_ text: String, for key: SettingKey) -> SettingValue? {
    if case .count = key.kind, let number = Double(text), number == number.rounded(), abs(number) < 1e9 {
      return reading("\(Int(number))", key)
    }
    return reading(text, key)
  }

  private func reading(_ text: String, _ key: SettingKey) -> SettingValue? {
    if case .value(let value) = dialect.read(text, as: key) { value } else { nil }
  }
}

/// Why a setting cannot be given to an app: a sentence without its full stop.
package struct AppPlaceFault: Error, Hashable, Sendable {
  package var reason: String
}

extension AppTargetSpec {
  /// Where this app takes `key` from.
  package func place(of key: SettingKey) -> Result<AppPlace, AppPlaceFault> {
    if let variable = variables[key] { return .success(AppPlace(kind: .variable, dialect: dialect(of: key, variable))) }
    let table = ecosystem.flatMap(Ecosystem.named) ?? (urlVariable == nil ? nil : .prisma)
    guard let table else {
      return .failure(AppPlaceFault(reason: "the app has no variable for \(key.rawValue); name it in variables"))
    }
    guard let dialect = table.dialect(of: key) else {
      return .failure(AppPlaceFault(reason: "\(table.title) has no setting for \(key.rawValue)"))
    }
    if urlVariable != nil { return .success(AppPlace(kind: .urlParameter, dialect: dialect)) }
    guard dialect.name.isVariableName else {
      return .failure(
        AppPlaceFault(
          reason:
            "\(table.title) calls \(key.rawValue) '\(dialect.name)', which is no name of a variable; name it in variables"
        ))
    }
    return .success(AppPlace(kind: .variable, dialect: dialect))
  }

  /// The ecosystem's words under the app's own names.
  private func dialect(of key: SettingKey, _ variable: AppVariable) -> Dialect {
    var dialect = ecosystem.flatMap(Ecosystem.named)?.dialect(of: key) ?? .plain(key)
    dialect.name = variable.name
    dialect.aliases = []
    // Any standard but 0 makes it written.
    dialect.addend = variable.addend.map { Dialect.Addend($0, standard: 1) }
    if case .duration = key.kind, let unit = variable.unit { dialect.unit = Unit(unit) }
    return dialect
  }
}

extension Dialect {
  /// Of an app of which no more is known than a variable's name: counts, and seconds with a fraction.
  fileprivate static func plain(_ key: SettingKey) -> Dialect {
    switch key.kind {
    case .count(let minimum, _): Dialect(key.rawValue, .count, .required, zero: minimum == 0 ? .ordinary : .refused)
    case .duration: Dialect(key.rawValue, .seconds, .required, zero: .unstated)
    case .fraction: Dialect(key.rawValue, .fraction, .required)
    }
  }
}

extension Unit {
  fileprivate init(_ unit: AppVariable.Unit) {
    self =
      switch unit {
      case .seconds: .seconds
      case .milliseconds: .milliseconds
      case .duration: .duration
      }
  }
}

extension String {
  /// As shells and env files take it.
  fileprivate var isVariableName: Bool {
    guard let first = utf8.first, !(48...57).contains(first) else { return false }
    return utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
  }
}
