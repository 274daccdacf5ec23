import Model

/// What a settings file says, in neutral values.
package struct SettingsReading: Hashable, Sendable {
  /// A remark about a line: a sentence without its full stop.
  package struct Remark: Hashable, Sendable {
    package var line: Int
    package var text: String
  }

  package var values: [SettingKey: SettingValue] = [:]
  /// What is wrong; with any, the values are not to be used.
  package var faults: [Remark] = []
  /// What was left out, or is used otherwise than it is written.
  package var notices: [Remark] = []
}

extension Ecosystem {
  /// Every name that this ecosystem's settings have.
  package var names: [String] {
    SettingKey.allCases.compactMap { dialect(of: $0) }.flatMap {
      [$0.name] + $0.aliases + [$0.addend?.name].compactMap { $0 }
    }
  }

  /// Reads settings in the ecosystem's own words.
  package func read(_ text: String) -> SettingsReading {
    let file = SettingsText(text)
    var reading = SettingsReading()
    for line in file.unreadable { reading.fault(line, "this is no 'name=value'") }
    for section in file.passedOver {
      reading.notice(section.line, "the section [\(section.name)] is left out: it may set sizes of its own")
    }
    var known: [String: WrittenSetting] = [:]
    for setting in file.settings {
      guard names.contains(setting.name) else { leaveOut(setting, &reading); continue }
      if let first = known[setting.name] {
        reading.notice(setting.line, "\(setting.name) stands in line \(first.line) too; the last one counts")
      }
      known[setting.name] = setting
    }
    for key in SettingKey.allCases {
      if let dialect = dialect(of: key) { read(key, dialect, known, &reading) }
    }
    compareSizes(known, &reading)
    reading.faults.sort { $0.line < $1.line }
    return reading
  }

  private func read(
    _ key: SettingKey, _ dialect: Dialect, _ known: [String: WrittenSetting], _ reading: inout SettingsReading
  ) {
    let own = ([dialect.name] + dialect.aliases).compactMap { known[$0] }.max { $0.line < $1.line }
    let extra = dialect.addend.flatMap { known[$0.name] }
    if dialect.addend != nil, own != nil || extra != nil { return sum(key, dialect, own, extra, &reading) }
    guard let own else { return }
    if let value = understood(own, dialect, key, &reading) { reading.values[key] = value }
  }

  private func understood(
    _ setting: WrittenSetting, _ dialect: Dialect, _ key: SettingKey, _ reading: inout SettingsReading
  ) -> SettingValue? {
    let place = "\(setting.name)=\(setting.value.prefix(40))"
    switch dialect.read(setting.value, as: key) {
    case .value(let value): return value
    case .replaced(let value):
      reading.notice(setting.line, "\(place): \(dialect.replacing(value, key))")
      return value
    case .untranslatable(let sentence):
      reading.notice(setting.line, "\(place) is left out: \(sentence)")
    case .refused(let accepted):
      reading.fault(setting.line, "\(place): accepted is \(accepted)")
    }
    return nil
  }

  /// A size that two settings make together; the one that is not written has its default.
  private func sum(
    _ key: SettingKey, _ dialect: Dialect, _ own: WrittenSetting?, _ extra: WrittenSetting?,
    _ reading: inout SettingsReading
  ) {
    guard let addend = dialect.addend, case .value(.count(let total)) = dialect.standard else { return }
    var size: SettingValue? = .count(total - addend.standard)
    if let own { size = understood(own, dialect, key, &reading) }
    var more = addend.standard
    if let extra {
      guard let amount = Unit.count.amount(extra.value), amount <= 1_000_000 else {
        return reading.fault(extra.line, "\(extra.name)=\(extra.value.prefix(40)): accepted is a whole number")
      }
      if amount < 0 { size = size == nil ? nil : .unlimited } else { more = Int(amount) }
    } else if addend.standard > 0, let own, size != .unlimited {
      reading.notice(own.line, "\(addend.name) is not written: its default, \(addend.standard), is added")
    }
    guard let size else { return }
    if case .count(let count) = size { reading.values[key] = .count(count + more) } else { reading.values[key] = size }
  }

  private func compareSizes(_ known: [String: WrittenSetting], _ reading: inout SettingsReading) {
    guard case .count(let least) = reading.values[.minSize], case .count(let most) = reading.values[.maxSize],
      least > most, let name = dialect(of: .minSize)?.name, let line = known[name]?.line
    else { return }
    reading.notice(
      line, "\(name) is \(least), above the most connections, \(most): the pool refuses it or uses \(most)")
  }

  private func leaveOut(_ setting: WrittenSetting, _ reading: inout SettingsReading) {
    let name = setting.name
    if Self.oracleNames.contains(name) || setting.value.contains("POOL_GETMODE") {
      let nearest = dialect(of: .acquireTimeout).map { "; nearest: \($0.name)" } ?? ""
      return reading.fault(
        setting.line,
        "\(Self.shown(name)) is of python-oracledb, Oracle's driver; no pool for PostgreSQL has it\(nearest)")
    }
    if let what = strangers[name] { return reading.notice(setting.line, "\(name) is left out: \(what)") }
    let near = names.map { ($0, distance: editDistance(name.lowercased(), $0.lowercased())) }
      .min { $0.distance < $1.distance }
    if let near, near.distance <= 2, name.count > near.distance * 2 {
      return reading.fault(setting.line, "\(Self.shown(name)) is unknown in \(title). Did you mean '\(near.0)'?")
    }
    reading.notice(setting.line, "\(Self.shown(name)) is left out: it is none of the settings that are translated")
  }

  /// `getmode` and its neighbours, which documents about pools mention as if every driver had them.
  private static let oracleNames: Set<String> = ["getmode", "max_lifetime_session", "ping_interval"]

  /// A name, where it can be one: nothing that might be a key or a password.
  private static func shown(_ name: String) -> String {
    let isName = name.count <= 60 && name.allSatisfy { $0.isASCII && ($0.isLetter || "_.-".contains($0)) }
    return isName ? "'\(name)'" : "a name"
  }
}

extension SettingsReading {
  fileprivate mutating func fault(_ line: Int, _ text: String) { faults.append(Remark(line: line, text: text)) }
  fileprivate mutating func notice(_ line: Int, _ text: String) { notices.append(Remark(line: line, text: text)) }
}
