import Model

/// What the number of a setting counts, and how it is written.
package enum Unit: String, Hashable, Sendable {
  case count
  /// A share from 0 to 1.
  case fraction
  /// Seconds with a fraction, as Python's and JavaScript's numbers have them.
  case seconds
  case wholeSeconds
  case milliseconds
  /// A number with its unit, as Go reads it: `1h30m`, `1.5s`.
  case goDuration
  /// A duration of the language, written here as `30s` or `10m`.
  case duration
  /// PostgreSQL's: whole milliseconds, or a number with ms, s, min, h or d.
  case serverMilliseconds

  /// What one step is, in nanoseconds; nil for what is no duration.
  var step: Int64? {
    switch self {
    case .count, .fraction: nil
    case .seconds, .goDuration, .duration: 1
    case .wholeSeconds: 1_000_000_000
    case .milliseconds, .serverMilliseconds: 1_000_000
    }
  }

  /// Its short name in a table.
  package var symbol: String {
    switch self {
    case .count: "count"
    case .fraction: "share"
    case .seconds, .wholeSeconds: "s"
    case .milliseconds, .serverMilliseconds: "ms"
    case .goDuration, .duration: "duration"
    }
  }

  package var accepted: String {
    switch self {
    case .count: "a whole number"
    case .fraction: "a share from 0 to 1, such as 0.025"
    case .seconds: "seconds, such as 30 or 0.5"
    case .wholeSeconds: "whole seconds, such as 30"
    case .milliseconds: "whole milliseconds, such as 30000"
    case .goDuration: "a duration such as 30s, 1h30m or 500ms"
    case .duration: "a duration such as 30s, 10m or 500ms"
    case .serverMilliseconds: "milliseconds, or a number with ms, s, min, h or d, such as 10min"
    }
  }

  /// The amount that a text says: nanoseconds, or the count. nil when it is not of this unit.
  package func amount(_ text: String) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? text.dropFirst() : text[...]
    return magnitude(digits).map { isNegative ? -$0 : $0 }
  }

  private func magnitude(_ text: Substring) -> Int64? {
    switch self {
    case .count: Self.whole(text)
    case .fraction: nil
    case .wholeSeconds, .milliseconds: Self.whole(text).flatMap { Self.product($0, step ?? 1) }
    case .seconds: Self.decimal(text, of: 1_000_000_000)
    case .goDuration, .duration: text == "0" ? 0 : Self.compound(text, Self.units)
    case .serverMilliseconds:
      Self.whole(text).flatMap { Self.product($0, 1_000_000) } ?? Self.compound(text, Self.serverUnits)
    }
  }

  /// The text of a value, exact; nil when the unit cannot say it.
  package func text(_ value: SettingValue) -> String? {
    switch value {
    case .count(let count): self == .count ? "\(count)" : nil
    case .duration(let duration): text(nanoseconds: duration.nanoseconds)
    case .fraction(let share): self == .fraction ? "\(share)" : nil
    case .unlimited: nil
    }
  }

  private func text(nanoseconds: Int64) -> String? {
    guard let step, nanoseconds % step == 0 else { return nil }
    switch self {
    case .count, .fraction: return nil
    case .wholeSeconds, .milliseconds, .serverMilliseconds: return "\(nanoseconds / step)"
    case .seconds: return Self.seconds(nanoseconds)
    case .goDuration, .duration:
      let unit = Self.units.first { nanoseconds % $0.nanoseconds == 0 } ?? ("ns", 1)
      return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }
  }

  private typealias Suffix = (suffix: String, nanoseconds: Int64)

  /// Largest first.
  private static let units: [Suffix] = [
    ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]
  private static let serverUnits: [Suffix] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000),
    ("ms", 1_000_000),
  ]

  private static func compound(_ text: Substring, _ units: [Suffix]) -> Int64? {
    var rest = text
    var total: Int64 = 0
    repeat {
      let number = rest.prefix { $0 == "." || isDigit($0) }
      rest = rest.dropFirst(number.count)
      let suffix = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(suffix.count)
      guard let unit = units.first(where: { $0.suffix == suffix }), let part = decimal(number, of: unit.nanoseconds)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      if overflow { return nil }
      total = sum
    } while !rest.isEmpty
    return total
  }

  /// A decimal number times `scale`, exact; nil when it is none, too large or finer than a nanosecond.
  private static func decimal(_ text: Substring, of scale: Int64) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let front = whole(parts[0]), let total = product(front, scale) else {
      return nil
    }
    guard parts.count == 2 else { return total }
    var sum = total
    var place = scale
    guard !parts[1].isEmpty else { return nil }
    for digit in parts[1] {
      guard isDigit(digit), let number = digit.wholeNumberValue else { return nil }
      if number == 0 { place /= 10; continue }
      guard place >= 10, place % 10 == 0 else { return nil }
      place /= 10
      sum += Int64(number) * place
    }
    return sum
  }

  private static func whole(_ text: Substring) -> Int64? {
    (1...15).contains(text.count) && text.allSatisfy(isDigit) ? Int64(text) : nil
  }

  private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

  /// Leaves room above, so that sums of a few cannot overflow.
  private static func product(_ left: Int64, _ right: Int64) -> Int64? {
    let (result, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow || result > 1 << 61 ? nil : result
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    let (front, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard rest != 0 else { return "\(front)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return "\(front).\(fraction)"
  }
}
