import Model

/// What a translation could not carry over as it was.
package struct TranslationLoss: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// The ecosystem has no such setting, or no word for "no limit".
    case inexpressible
    /// Its unit is too coarse.
    case rounded
    /// It lies below what the pool takes.
    case raised
    /// The word means another thing there.
    case meaning
    /// Nothing is written, and the defaults differ.
    case standard = "default"
  }
  package var key: SettingKey
  package var kind: Kind
  /// A sentence without its full stop.
  package var text: String
}

/// Settings as an ecosystem writes them, and what was lost on the way.
package struct Written: Hashable, Sendable {
  package var lines: [SettingLine] = []
  package var losses: [TranslationLoss] = []
}

extension Ecosystem {
  /// Writes neutral values in the ecosystem's own words, in the order of `SettingKey`.
  package func write(_ values: [SettingKey: SettingValue]) -> Written {
    var written = Written()
    for key in values.keys.sorted() {
      guard let value = values[key] else { continue }
      switch self[key] {
      case .setting(let dialect): write(value, dialect, key, &written)
      case .absent(let behaves, let nearest):
        if value != behaves { written.lose(key, .inexpressible, absence(of: key, value, behaves, nearest)) }
      }
    }
    return written
  }

  private func absence(of key: SettingKey, _ value: SettingValue, _ behaves: SettingValue?, _ nearest: String) -> String
  {
    let fixed = behaves.map { "; it behaves as \(Ecosystem.said($0, key))" } ?? ""
    return "\(title) has no setting for \(Ecosystem.said(value, key))\(fixed). Nearest: \(nearest)"
  }

  private func write(_ value: SettingValue, _ dialect: Dialect, _ key: SettingKey, _ written: inout Written) {
    guard value != .unlimited else {
      guard let none = dialect.none else {
        return written.lose(key, .inexpressible, "\(title) has no word for no limit in \(dialect.name)")
      }
      return written.line(dialect, none)
    }
    guard let wanted = representable(value, dialect, key, &written) else { return }
    if let text = dialect.unit.text(wanted) { written.line(dialect, text) }
  }

  /// The nearest value that the dialect can write and the pool will use.
  private func representable(
    _ value: SettingValue, _ dialect: Dialect, _ key: SettingKey, _ written: inout Written
  ) -> SettingValue? {
    if value == .count(0), let reason = dialect.zeroIsNotNone {
      written.lose(key, .inexpressible, "0 in \(dialect.name) says another thing: \(reason)")
      return nil
    }
    let rounded = dialect.unit.rounded(value)
    if rounded != value {
      let result = "\(dialect.name) counts \(dialect.unit.accepted): \(Ecosystem.said(rounded, key)) is written"
      written.lose(key, .rounded, "\(result) for \(Ecosystem.said(value, key))")
    }
    guard let floor = dialect.floor, rounded.isBelow(floor.least) else { return rounded }
    let least = Ecosystem.said(floor.least, key)
    let reason = dialect.clamping ?? ""
    written.lose(key, .raised, "\(reason): \(least) is written for \(Ecosystem.said(value, key))")
    return floor.least
  }

  static func said(_ value: SettingValue, _ key: SettingKey) -> String {
    value == .unlimited ? "no limit" : value.text(for: key)
  }
}

extension Dialect {
  /// Why a count of 0 must not be written as 0; nil when it may be.
  fileprivate var zeroIsNotNone: String? {
    switch zero {
    case .ordinary: nil
    case .unlimited: "no limit"
    case .refused: "it is refused"
    case .becomes(let value): "it silently uses \(unit.text(value) ?? "another value")"
    case .special(let sentence): sentence
    case .unstated: "what the pool makes of it is not known"
    }
  }
}

extension Unit {
  /// The nearest value that the unit can write, never 0 for a value above it.
  fileprivate func rounded(_ value: SettingValue) -> SettingValue {
    guard case .duration(let duration) = value, let step else { return value }
    let (whole, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: step)
    let steps = max(1, whole + (rest * 2 >= step ? 1 : 0))
    return .duration(.nanoseconds(steps * step))
  }
}

extension Written {
  fileprivate mutating func lose(_ key: SettingKey, _ kind: TranslationLoss.Kind, _ text: String) {
    losses.append(TranslationLoss(key: key, kind: kind, text: text))
  }

  fileprivate mutating func line(_ dialect: Dialect, _ text: String) {
    lines.append(SettingLine(name: dialect.name, value: text))
    if let addend = dialect.addend, addend.standard != 0 { lines.append(SettingLine(name: addend.name, value: "0")) }
  }
}

/// Writes the values of one ecosystem in the words of another, with everything that changes on the way.
package func translate(
  from source: Ecosystem, to target: Ecosystem, values: [SettingKey: SettingValue]
) -> Written {
  var written = target.write(values)
  for key in SettingKey.allCases {
    if values[key] == nil {
      if let text = changedStandard(key, source, target) { written.lose(key, .standard, text) }
    } else if let from = source.dialect(of: key)?.sense, let to = target.dialect(of: key)?.sense, from != to {
      let (theirs, ours) = (source.said(key), target.said(key))
      written.lose(key, .meaning, "\(theirs) means \(from) in \(source.title), \(ours) means \(to) in \(target.title)")
    }
  }
  return written
}

extension Ecosystem {
  fileprivate func said(_ key: SettingKey) -> String { dialect(of: key)?.name ?? key.rawValue }

  /// The default in words: `10m`, `no limit`, `required`, a rule; nil when nothing is known.
  package func standardText(of key: SettingKey) -> String? {
    guard case .setting(let dialect) = self[key] else { return standard(of: key).map { Self.said($0, key) } }
    switch dialect.standard {
    case .value(let value): return Self.said(value, key)
    case .required: return "required"
    case .computed(let rule): return rule
    }
  }
}

private func changedStandard(_ key: SettingKey, _ source: Ecosystem, _ target: Ecosystem) -> String? {
  guard let before = source.standardText(of: key), let after = target.standardText(of: key), before != after else {
    return nil
  }
  return "not written: \(source.title)'s default is \(before), \(target.title)'s is \(after)"
}
