import Model

/// One neutral setting in an ecosystem's own words.
package struct Dialect: Hashable, Sendable {
  package var name: String
  /// Other names that mean the same in the same unit.
  package var aliases: [String]
  package var unit: Unit
  package var standard: Standard
  package var zero: Meaning
  package var negative: Meaning
  /// How "no limit" is written; nil when it cannot be said.
  package var none: String?
  /// The least value that is used as it is written.
  package var floor: Floor?
  /// What the pool silently uses for a text that it cannot read; nil: it refuses it.
  package var unreadable: SettingValue?
  /// A second setting whose count is added to this one's.
  package var addend: Addend?
  /// What the setting means, where ecosystems differ: `floor`, `retained size`.
  package var sense: String?
  package var note: String?
  /// Where it is written, when that is not where the others are.
  package var place: String?

  package init(
    _ name: String, aliases: [String] = [], _ unit: Unit, _ standard: Standard, zero: Meaning = .ordinary,
    negative: Meaning = .refused, none: String? = nil, floor: Floor? = nil,
    unreadable: SettingValue? = nil, addend: Addend? = nil, sense: String? = nil, note: String? = nil,
    place: String? = nil
  ) {
    self.name = name
    self.aliases = aliases
    self.unit = unit
    self.standard = standard
    self.zero = zero
    self.negative = negative
    self.none = none
    self.floor = floor
    self.unreadable = unreadable
    self.addend = addend
    self.sense = sense
    self.note = note
    self.place = place
  }

  /// What holds when nothing is written.
  package enum Standard: Hashable, Sendable {
    case value(SettingValue)
    case required
    /// Depends on the machine or on another setting: the rule.
    case computed(String)
  }

  /// What a zero or a negative number means.
  package enum Meaning: Hashable, Sendable {
    case ordinary
    case unlimited
    case refused
    /// Silently used as if this were written.
    case becomes(SettingValue)
    /// Something that no neutral value says: the sentence.
    case special(String)
    /// Nothing is known of it for certain.
    case unstated
  }

  /// What the pool does below a value.
  package struct Floor: Hashable, Sendable {
    package var least: SettingValue
    /// What the pool uses instead, without failing; nil: it refuses to start.
    package var becomes: SettingValue?
    package init(_ least: SettingValue, becomes: SettingValue? = nil) {
      self.least = least
      self.becomes = becomes
    }
  }

  /// A second count that adds to the first, such as SQLAlchemy's overflow.
  package struct Addend: Hashable, Sendable {
    package var name: String
    package var standard: Int
    package init(_ name: String, standard: Int) {
      self.name = name
      self.standard = standard
    }
  }
}

/// What a written value was understood as.
package enum Understood: Hashable, Sendable {
  case value(SettingValue)
  /// The pool uses this value instead of the written one, without failing.
  case replaced(SettingValue)
  /// It is accepted, and no neutral value says what it means: the sentence.
  case untranslatable(String)
  /// It is not accepted: what is.
  case refused(accepted: String)
}

extension Dialect {
  /// Reads a written value, with what zero, negative values and values below the floor mean here.
  package func read(_ text: String, as key: SettingKey) -> Understood {
    if let none, !Self.isNumber(none), text == none { return .value(.unlimited) }
    if unit == .fraction {
      let share = text.hasSuffix("%") ? nil : SettingValue(text, for: key)
      return share.map(Understood.value) ?? .refused(accepted: accepted)
    }
    guard let amount = unit.amount(text) else { return refusal }
    return read(amount: amount, as: key)
  }

  /// The same of an amount whose unit is known from elsewhere: nanoseconds, or the count.
  package func read(amount: Int64, as key: SettingKey) -> Understood {
    if amount <= 0 { return outcome(of: amount == 0 ? zero : negative, key) }
    let value = key.value(amount)
    guard let value, let floor, value.isBelow(floor.least) else {
      return value.map(Understood.value) ?? .refused(accepted: accepted)
    }
    return floor.becomes.map(Understood.replaced) ?? .refused(accepted: accepted)
  }

  private var refusal: Understood {
    unreadable.map(Understood.replaced) ?? .refused(accepted: accepted)
  }

  private func outcome(of meaning: Meaning, _ key: SettingKey) -> Understood {
    switch meaning {
    case .ordinary: key.value(0).map(Understood.value) ?? .refused(accepted: accepted)
    case .unlimited: .value(.unlimited)
    case .refused: .refused(accepted: accepted)
    case .becomes(let value): .replaced(value)
    case .special(let sentence): .untranslatable(sentence)
    case .unstated: .untranslatable("what the pool makes of it is not known for certain")
    }
  }

  private static func isNumber(_ text: String) -> Bool { Int(text) != nil }

  /// What a person may write here.
  package var accepted: String {
    var text = unit.accepted
    if let floor, floor.becomes == nil { text += " of at least \(unit.text(floor.least) ?? "")" }
    if let none { text += "; \(none) for no limit" }
    if zero == .refused { text += "; not 0" }
    return text
  }

  /// The pool's silent correction of values below its floor, as a sentence.
  package var clamping: String? {
    guard let floor, let least = unit.text(floor.least) else { return nil }
    guard let used = floor.becomes, let used = unit.text(used) else { return "below \(least) it refuses to start" }
    return "below \(least) it silently uses \(used)"
  }

  /// What the pool does with a value that it replaces, as a sentence.
  package func replacing(_ value: SettingValue, _ key: SettingKey) -> String {
    if floor?.becomes == value, let clamping { return clamping }
    return "it silently uses \(unit.text(value) ?? value.text(for: key))"
  }
}

extension SettingValue {
  /// Counts and durations in order; no limit is above everything.
  func isBelow(_ other: SettingValue) -> Bool {
    switch (self, other) {
    case (.count(let left), .count(let right)): left < right
    case (.duration(let left), .duration(let right)): left < right
    case (.fraction(let left), .fraction(let right)): left < right
    default: false
    }
  }
}

extension SettingKey {
  /// The value of an amount: nanoseconds for durations, itself for counts; nil when it is out of the key's range.
  func value(_ amount: Int64) -> SettingValue? {
    switch kind {
    case .count(let minimum, _): amount >= minimum && amount <= 1_000_000 ? .count(Int(amount)) : nil
    case .duration: amount > 0 ? .duration(.nanoseconds(amount)) : nil
    case .fraction: nil
    }
  }
}
