/// A value of a JSON text.
package indirect enum JSONTree: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: JSONTree
  }
  case null
  case bool(Bool)
  /// As it stands there, so that no digit of a long number is lost.
  case number(String)
  case string(String)
  case array([JSONTree])
  /// In the order of the text. Of a name that comes twice the last one counts, as in JavaScript and Python.
  case object([Member])

  package subscript(name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  /// nil for what is no number.
  package var double: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }
}

/// What keeps a text from being JSON, and where. Columns count bytes, both count from 1.
package struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int
  package var message: String
  package var description: String { "line \(line), column \(column): \(message)" }
}

/// Reads JSON as RFC 8259 has it and nothing else: no comments, no trailing commas, no NaN. For texts of others: whatever
/// comes, it takes time and memory in proportion to it.
package enum JSONText {
  package static let maximumBytes = 10_000_000
  package static let maximumDepth = 64
  package static let maximumValues = 200_000

  package static func read(_ bytes: [UInt8]) throws(JSONFault) -> JSONTree {
    guard bytes.count <= maximumBytes else {
      throw JSONFault(
        line: 1, column: 1, message: "\(bytes.count) bytes are too many; at most \(maximumBytes) are read")
    }
    var scanner = JSONScanner(bytes)
    return try scanner.document()
  }
}

private struct JSONScanner {
  private let bytes: [UInt8]
  private var at = 0
  private var values = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONFault) -> JSONTree {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    let value = try value(depth: 1)
    skipBlanks()
    if at < bytes.count { throw fault("something follows the value") }
    return value
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  private mutating func value(depth: Int) throws(JSONFault) -> JSONTree {
    guard depth <= JSONText.maximumDepth else { throw fault("nested deeper than \(JSONText.maximumDepth) levels") }
    values += 1
    guard values <= JSONText.maximumValues else { throw fault("more than \(JSONText.maximumValues) values") }
    skipBlanks()
    guard let byte = next else { throw fault("the text ends where a value should stand") }
    switch byte {
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw fault("no value begins like this")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONTree) throws(JSONFault) -> JSONTree {
    let text = word.description.utf8
    guard bytes[at...].starts(with: text) else { throw fault("no value begins like this") }
    at += text.count
    return value
  }

  private mutating func members(depth: Int) throws(JSONFault) -> [JSONTree.Member] {
    at += 1
    var members: [JSONTree.Member] = []
    skipBlanks()
    if take(UInt8(ascii: "}")) { return members }
    while true {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw fault("a name in quotes should stand here") }
      let name = try string()
      skipBlanks()
      guard take(UInt8(ascii: ":")) else { throw fault("a ':' should stand here") }
      members.append(JSONTree.Member(name: name, value: try value(depth: depth)))
      skipBlanks()
      if take(UInt8(ascii: "}")) { return members }
      guard take(UInt8(ascii: ",")) else { throw fault("a ',' or '}' should stand here") }
    }
  }

  private mutating func elements(depth: Int) throws(JSONFault) -> [JSONTree] {
    at += 1
    var elements: [JSONTree] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return elements }
    while true {
      elements.append(try value(depth: depth))
      skipBlanks()
      if take(UInt8(ascii: "]")) { return elements }
      guard take(UInt8(ascii: ",")) else { throw fault("a ',' or ']' should stand here") }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  // MARK: Numbers

  /// `-? int frac? exp?`.
  private mutating func number() throws(JSONFault) -> String {
    let start = at
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    if let byte = next, Self.isDigit(byte) { throw fault("a number does not begin with 0") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() throws(JSONFault) {
    let start = at
    while let byte = next, Self.isDigit(byte) { at += 1 }
    if at == start { throw fault("a digit should stand here") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  // MARK: Strings

  private mutating func string() throws(JSONFault) -> String {
    at += 1
    let start = at
    // Most have no escapes.
    while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { at += 1 }
    guard next != UInt8(ascii: "\"") else {
      let text = try text(bytes[start..<at])
      at += 1
      return text
    }
    var unescaped = Array(bytes[start..<at])
    while let byte = next {
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(unescaped[...])
      case UInt8(ascii: "\\"): try escape(into: &unescaped)
      case 0..<0x20:
        at -= 1
        throw fault("a control character in a string is written as an escape")
      default: unescaped.append(byte)
      }
    }
    throw fault("the text ends within a string")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(JSONFault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("the string is not UTF-8") }
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
    guard let byte = next else { throw fault("the text ends within a string") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Array(String(try scalar()).utf8)
    default:
      at -= 1
      throw fault("there is no escape like this")
    }
  }

  /// After `\u`. Half of a pair that stands alone becomes U+FFFD.
  private mutating func scalar() throws(JSONFault) -> Character {
    let first = try fourDigits()
    if (0xD800..<0xDC00).contains(first), bytes[at...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
      let mark = at
      at += 2
      let second = try fourDigits()
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return Character(scalar)
      }
      at = mark
    }
    return Character(Unicode.Scalar(first) ?? "\u{FFFD}")
  }

  private mutating func fourDigits() throws(JSONFault) -> UInt32 {
    guard bytes.count - at >= 4 else { throw fault("the text ends within a string") }
    var value: UInt32 = 0
    for byte in bytes[at..<at + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw fault("\\u is followed by four hexadecimal digits")
      }
      value = value << 4 + UInt32(digit)
    }
    at += 4
    return value
  }

  // MARK: Faults

  private func fault(_ message: String) -> JSONFault {
    let before = bytes[..<at]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONFault(line: line, column: at - start + 1, message: message)
  }
}
