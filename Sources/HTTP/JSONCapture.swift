import Model

/// The value at one place of a JSON body, found while the body is checked: a load takes one from each answer, so no tree is made
/// of it and nobody is told what is wrong. Telemetry's `JSONText` is for those who are.
package struct JSONCapture: Hashable, Sendable {
  enum Step: Hashable, Sendable {
    /// As the UTF-8 of the body has it.
    case name([UInt8])
    case index(Int)
  }

  /// The place as it was written.
  let text: String
  let steps: [Step]

  /// Nil for a place at which several values may stand.
  package init?(_ place: JSONPlace) {
    var steps: [Step] = []
    for step in place.steps {
      switch step {
      case .name(let name): steps.append(.name(Array(name.utf8)))
      case .index(let index): steps.append(.index(index))
      case .all: return nil
      }
    }
    self.steps = steps
    text = place.text
  }

  /// The value there: a string unescaped, anything else as it is written. Nil when there is none, or `null`, or when `document`
  /// as a whole is not valid JSON. Of members with the same name the last one counts.
  package func value(in document: [UInt8]) -> String? {
    var reader = JSONReader(bytes: document, steps: steps)
    return reader.read()
  }
}

/// Goes through a document once, checks all of it, and remembers the value at one place.
private struct JSONReader {
  /// Of values in one another; more is refused, so that a hostile document cannot exhaust the stack.
  private static let deepest = 256

  let bytes: [UInt8]
  let steps: [JSONCapture.Step]
  private var place = 0
  private var found: String?

  private struct Invalid: Error {}

  init(bytes: [UInt8], steps: [JSONCapture.Step]) {
    self.bytes = bytes
    self.steps = steps
  }

  mutating func read() -> String? {
    do {
      try value(matched: 0, depth: 0)
      skipBlanks()
      return place == bytes.count ? found : nil
    } catch {
      return nil
    }
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
  }

  private mutating func take(_ byte: Unicode.Scalar) throws(Invalid) {
    guard next == UInt8(ascii: byte) else { throw Invalid() }
    place += 1
  }

  private mutating func takes(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    place += 1
    return true
  }

  /// - Parameter matched: how many steps lead here; nil when the place lies elsewhere.
  private mutating func value(matched: Int?, depth: Int) throws(Invalid) {
    skipBlanks()
    let begin = place
    var text: String?
    switch next {
    case UInt8(ascii: "{"): try object(matched: matched, depth: depth + 1)
    case UInt8(ascii: "["): try array(matched: matched, depth: depth + 1)
    case UInt8(ascii: "\""): text = String(decoding: try string(), as: UTF8.self)
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"):
      try word("null")
      if matched == steps.count { found = nil }
      return
    default: try number()
    }
    guard matched == steps.count else { return }
    found = text ?? String(decoding: bytes[begin..<place], as: UTF8.self)
  }

  private mutating func object(matched: Int?, depth: Int) throws(Invalid) {
    if depth > Self.deepest { throw Invalid() }
    place += 1
    skipBlanks()
    if takes("}") { return }
    repeat {
      skipBlanks()
      let name = try string()
      skipBlanks()
      try take(":")
      let next = step(matched, .name(name))
      // A later member of the same name hides what an earlier one had.
      if next != nil { found = nil }
      try value(matched: next, depth: depth)
      skipBlanks()
    } while takes(",")
    try take("}")
  }

  private mutating func array(matched: Int?, depth: Int) throws(Invalid) {
    if depth > Self.deepest { throw Invalid() }
    place += 1
    skipBlanks()
    if takes("]") { return }
    var index = 0
    repeat {
      try value(matched: step(matched, .index(index)), depth: depth)
      index += 1
      skipBlanks()
    } while takes(",")
    try take("]")
  }

  private func step(_ matched: Int?, _ step: JSONCapture.Step) -> Int? {
    guard let matched, matched < steps.count, steps[matched] == step else { return nil }
    return matched + 1
  }

  private mutating func word(_ word: StaticString) throws(Invalid) {
    for offset in 0..<word.utf8CodeUnitCount {
      guard next == word.utf8Start[offset] else { throw Invalid() }
      place += 1
    }
  }

  private mutating func number() throws(Invalid) {
    _ = takes("-")
    if !takes("0") { try digits() }
    if takes(".") { try digits() }
    if takes("e") || takes("E") {
      if !takes("+") { _ = takes("-") }
      try digits()
    }
  }

  private mutating func digits() throws(Invalid) {
    guard let first = next, isDigit(first) else { throw Invalid() }
    while let byte = next, isDigit(byte) { place += 1 }
  }

  /// Unescaped, as UTF-8.
  private mutating func string() throws(Invalid) -> [UInt8] {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return text
      case UInt8(ascii: "\\"): text += try escape()
      case 0..<0x20: throw Invalid()
      default: text.append(byte)
      }
    }
    throw Invalid()
  }

  private mutating func escape() throws(Invalid) -> [UInt8] {
    guard let byte = next else { throw Invalid() }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
    default: throw Invalid()
    }
  }

  /// A half of a surrogate pair without the other is refused.
  private mutating func scalar() throws(Invalid) -> Character {
    var code = try fourDigits()
    if 0xD800...0xDBFF ~= code {
      try take("\\")
      try take("u")
      let low = try fourDigits()
      guard 0xDC00...0xDFFF ~= low else { throw Invalid() }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(UInt32(code)) else { throw Invalid() }
    return Character(scalar)
  }

  private mutating func fourDigits() throws(Invalid) -> Int {
    var code = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = hexadecimal(byte) else { throw Invalid() }
      code = code << 4 | digit
      place += 1
    }
    return code
  }
}
