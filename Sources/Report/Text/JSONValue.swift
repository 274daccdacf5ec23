/// A JSON document whose text is always the same: keys in the order given, no number that a reader could not read.
package indirect enum JSONValue: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package var key: String
    package var value: JSONValue
  }

  case null
  case bool(Bool)
  case integer(Int)
  /// NaN and infinities have no form in JSON and are written `null`.
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// Over several lines, two spaces a level, with a newline at the end: what `--json` prints.
  package var text: String {
    var output = ""
    write(to: &output, indent: 0)
    return output + "\n"
  }

  /// On one line, without a newline: for logs.
  package var line: String {
    var output = ""
    write(to: &output, indent: nil)
    return output
  }

  private func write(to output: inout String, indent: Int?) {
    switch self {
    case .null: output += "null"
    case .bool(let value): output += value ? "true" : "false"
    case .integer(let value): output += "\(value)"
    case .number(let value): output += Self.number(value)
    case .string(let value): Self.quote(value, to: &output)
    case .array(let values):
      Self.list(values, "[", "]", to: &output, indent) { $0.write(to: &$1, indent: $2) }
    case .object(let members):
      Self.list(members, "{", "}", to: &output, indent) { member, output, indent in
        Self.quote(member.key, to: &output)
        output += indent == nil ? ":" : ": "
        member.value.write(to: &output, indent: indent)
      }
    }
  }

  private static func list<Element>(
    _ elements: [Element], _ open: String, _ close: String, to output: inout String, _ indent: Int?,
    _ write: (Element, inout String, Int?) -> Void
  ) {
    output += open
    for (number, element) in elements.enumerated() {
      if number > 0 { output += "," }
      newLine(&output, indent.map { $0 + 1 })
      write(element, &output, indent.map { $0 + 1 })
    }
    if !elements.isEmpty { newLine(&output, indent) }
    output += close
  }

  private static func newLine(_ output: inout String, _ indent: Int?) {
    if let indent { output += "\n" + String(repeating: "  ", count: indent) }
  }

  /// The shortest text that reads back as the same number; whole numbers without `.0`.
  private static func number(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if let whole = Int(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
    return "\(value)"
  }

  private static func quote(_ text: String, to output: inout String) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(key: $0, value: $1) })
  }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }

  package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
  package init(_ value: Int?) { self = value.map(JSONValue.integer) ?? .null }
  package init(_ value: Double?) { self = value.map(JSONValue.number) ?? .null }
  /// An interval as `[low, high]`.
  package init(_ value: ClosedRange<Double>?) {
    self = value.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null
  }

  /// An object with these members, in this order.
  package static func members(_ pairs: [(String, JSONValue)]) -> JSONValue {
    .object(pairs.map { Member(key: $0, value: $1) })
  }
}
