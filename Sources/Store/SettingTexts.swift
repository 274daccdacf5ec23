import Model

extension PoolSettings {
  /// Every setting as a text that reads back to the same value, in the order of `SettingKey`.
  var storedTexts: [(key: SettingKey, text: String)] {
    SettingKey.allCases.map { ($0, Self.storedText(self[$0], for: $0)) }
  }

  /// The short form that people write; where that would round, one with all digits.
  private static func storedText(_ value: SettingValue, for key: SettingKey) -> String {
    let short = value.text(for: key)
    if SettingValue(short, for: key) == value { return short }
    return switch value {
    case .duration(let duration): exactMicroseconds(duration.nanoseconds)
    case .fraction(let share): "\(share)"
    case .count, .unlimited: short
    }
  }

  private static func exactMicroseconds(_ nanoseconds: Int64) -> String {
    let rest = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest + "us"
  }
}
