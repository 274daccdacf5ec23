/// Numbers with PostgreSQL's units, as `config.sgml` (section 20.1.1) has them: `1GB`, `1.5 min`, `30s`.
package enum PostgreSQLQuantity {
  private static let times: [(unit: String, microseconds: Double)] = [
    ("us", 1), ("ms", 1e3), ("s", 1e6), ("min", 60e6), ("h", 3_600e6), ("d", 86_400e6),
  ]
  private static let sizes: [(unit: String, bytes: Double)] = [
    ("B", 1), ("kB", 1024), ("MB", 1_048_576), ("GB", 1_073_741_824), ("TB", 1_099_511_627_776),
  ]

  /// Milliseconds; a number without a unit is in the parameter's own one (`ms` of `statement_timeout`). nil for other texts.
  package static func milliseconds(_ text: String, unit standard: String = "ms") -> Double? {
    guard let (number, unit) = split(text) else { return nil }
    guard let factor = times.first(where: { $0.unit == (unit.isEmpty ? standard : unit) }) else { return nil }
    return number * factor.microseconds / 1e3
  }

  /// Bytes; a number without a unit is in the parameter's own one (`8kB` of `shared_buffers`).
  package static func bytes(_ text: String, unit standard: String = "8kB") -> Double? {
    guard let (number, unit) = split(text) else { return nil }
    if unit.isEmpty && standard == "8kB" { return number * 8192 }
    guard let factor = sizes.first(where: { $0.unit == (unit.isEmpty ? standard : unit) }) else { return nil }
    return number * factor.bytes
  }

  /// A count without unit: PostgreSQL takes decimal, `0x...`, octal with a leading 0, and rounds `1.6`.
  package static func count(_ text: String) -> Int? {
    let trimmed = Array(text.utf8)[...].trimmed
    if let value = CNumber.integer(trimmed) { return value }
    guard let (number, unit) = split(text), unit.isEmpty, abs(number) < 1e15 else { return nil }
    return Int(number.rounded(.toNearestOrEven))
  }

  private static func split(_ text: String) -> (number: Double, unit: String)? {
    let trimmed = Array(text.utf8)[...].trimmed
    guard trimmed.count <= 100 else { return nil }
    let sign = trimmed.prefix { $0 == .dash || $0 == UInt8(ascii: "+") }
    let body = trimmed.dropFirst(sign.count)
    var number = body.prefix { $0.isDigit || $0 == .dot }
    if body.starts(with: "0x".utf8) { number = body.prefix(2 + body.dropFirst(2).prefix { $0.hexValue != nil }.count) }
    number = trimmed[number.startIndex..<(number.endIndex + exponentLength(trimmed[number.endIndex...]))]
    let unit = trimmed[number.endIndex...].trimmed.text
    if let whole = CNumber.integer(trimmed.dropLast(trimmed.endIndex - number.endIndex)) {
      return (Double(whole), unit)
    }
    guard sign.count <= 1, let value = Double(number.text) else { return nil }
    return (sign.first == .dash ? -value : value, unit)
  }

  private static func exponentLength(_ text: ArraySlice<UInt8>) -> Int {
    guard let first = text.first, first | 32 == UInt8(ascii: "e") else { return 0 }
    let sign = text.dropFirst().prefix { $0 == .dash || $0 == UInt8(ascii: "+") }.count
    let digits = text.dropFirst(1 + sign).prefix { $0.isDigit }.count
    return sign <= 1 && digits > 0 ? 1 + sign + digits : 0
  }
}
