/// TOML 1.0, read line by line into values by their paths. After a fault it goes on with the next line.
struct TOMLParser {
  enum Value {
    case string(String)
    /// Numbers, booleans and moments as text; whole numbers in decimal, without underscores.
    case plain(String)
    indirect case array([Value])
    indirect case table([(path: [String], value: Value)])
  }

  struct Entry {
    var path: [String]
    var value: Value
    var place: Place
  }

  struct Fault: Error {
    var text: String
    var offset: Int
    init(_ text: String, _ offset: Int) {
      self.text = text
      self.offset = offset
    }
  }

  static let deepest = 64
  private static let longestName = 1_000

  private let text: SourceText
  private let bytes: [UInt8]
  private var position = 0
  private(set) var entries: [Entry] = []
  private(set) var faults: [(text: String, place: Place)] = []
  private(set) var directives: Directives
  /// The table that keys go into, with the numbers of its elements where it is in an array of tables.
  private var table: [String] = []
  private var known = TOMLNames()
  /// The line that the statement began on, for comments behind it; nil between statements.
  private var statement: Int?

  init(_ text: SourceText) {
    self.text = text
    bytes = text.bytes
    directives = Directives(path: text.path)
  }

  mutating func parse() {
    while position < bytes.count {
      if entries.count >= ConfigurationFile.mostSettings {
        faults.append(("too many settings: the rest is not read", text.place(of: position)))
        return
      }
      do {
        try parseLine()
      } catch {
        faults.append((error.text, text.place(of: min(error.offset, bytes.count - 1))))
        position = max(position, min(error.offset, bytes.count))
        while position < bytes.count, bytes[position] != .lineFeed { position += 1 }
      }
      statement = nil
    }
  }

  private mutating func parseLine() throws(Fault) {
    skipBlanks()
    guard let byte = peek else { return }
    if byte != .hash && !isLineEnd {
      let line = text.line(of: position)
      statement = line
      directives.statement(line: line)
      if byte == .openBracket { try parseHeader() } else { try parsePair() }
      skipBlanks()
    }
    try skipComment()
    guard position >= bytes.count || isLineEnd else { throw Fault("after the value stands something else", position) }
    if position < bytes.count { skipLineEnd() }
  }

  private mutating func parseHeader() throws(Fault) {
    let start = position
    position += 1
    let isArray = peek == .openBracket
    if isArray { position += 1 }
    skipBlanks()
    let key = try parseKey()
    skipBlanks()
    for _ in 0..<(isArray ? 2 : 1) {
      guard peek == .closeBracket else { throw Fault("the '[' of a table is not closed", start) }
      position += 1
    }
    guard let table = isArray ? known.element(key) : known.table(key) else {
      throw Fault("the table '\(TOMLFile.name(key))' stands here again, or its name is that of a value", start)
    }
    self.table = table
  }

  private mutating func parsePair() throws(Fault) {
    let start = position
    let key = try parseKey()
    let value = try parseAssigned(key, depth: 0)
    guard let path = known.value(key, in: table) else {
      throw Fault("'\(TOMLFile.name(key))' stands here again", start)
    }
    entries.append(Entry(path: path, value: value, place: text.place(of: start)))
  }

  private mutating func parseAssigned(_ key: [String], depth: Int) throws(Fault) -> Value {
    skipBlanks()
    guard peek == .equals else { throw Fault("after the name stands no '='", position) }
    position += 1
    skipBlanks()
    return try parseValue(depth: depth)
  }

  private mutating func parseKey() throws(Fault) -> [String] {
    let start = position
    var parts: [String] = []
    while true {
      skipBlanks()
      switch peek {
      case UInt8.doubleQuote: parts.append(try parseBasicString())
      case UInt8.quote: parts.append(try parseLiteralString())
      default:
        let part = bytes[position...].prefix { $0.isNameByte || $0 == .dash }
        guard !part.isEmpty else { throw Fault("this is no name of a setting", position) }
        parts.append(part.text)
        position = part.endIndex
      }
      guard parts.count <= Self.deepest, position - start <= Self.longestName else {
        throw Fault("this name is too long, or has too many parts", position)
      }
      let end = position
      skipBlanks()
      guard peek == .dot else {
        position = end
        return parts
      }
      position += 1
    }
  }
}

// Values.
extension TOMLParser {
  private mutating func parseValue(depth: Int) throws(Fault) -> Value {
    guard depth < Self.deepest else { throw Fault("values are nested deeper than \(Self.deepest)", position) }
    switch peek {
    case UInt8.doubleQuote:
      if at("\"\"\"") { return .string(try parseMultiline(.doubleQuote)) }
      return .string(try parseBasicString())
    case UInt8.quote:
      if at("'''") { return .string(try parseMultiline(.quote)) }
      return .string(try parseLiteralString())
    case UInt8.openBracket: return try parseArray(depth: depth)
    case UInt8.openBrace: return try parseInlineTable(depth: depth)
    default: return .plain(try parsePlain())
    }
  }

  private mutating func parseArray(depth: Int) throws(Fault) -> Value {
    let start = position
    position += 1
    var values: [Value] = []
    while true {
      try skipLines()
      if peek == .closeBracket { break }
      values.append(try parseValue(depth: depth + 1))
      guard values.count <= ConfigurationFile.mostSettings else { throw Fault("this array is too long", position) }
      try skipLines()
      if peek == .closeBracket { break }
      guard peek == .comma else { throw Fault("the array that begins here is not closed, or lacks a comma", start) }
      position += 1
    }
    position += 1
    return .array(values)
  }

  private mutating func parseInlineTable(depth: Int) throws(Fault) -> Value {
    let start = position
    position += 1
    var pairs: [(path: [String], value: Value)] = []
    var names = TOMLNames()
    skipBlanks()
    if peek == .closeBrace {
      position += 1
      return .table([])
    }
    while true {
      let key = try parseKey()
      let value = try parseAssigned(key, depth: depth + 1)
      guard names.value(key, in: []) != nil else { throw Fault("'\(TOMLFile.name(key))' stands here again", start) }
      pairs.append((key, value))
      guard pairs.count <= ConfigurationFile.mostSettings else { throw Fault("this table is too long", position) }
      skipBlanks()
      if peek == .closeBrace { break }
      guard peek == .comma else { throw Fault("the '{' of a table is not closed in its line", start) }
      position += 1
      skipBlanks()
    }
    position += 1
    return .table(pairs)
  }

  private mutating func parsePlain() throws(Fault) -> String {
    let start = position
    var end = position
    while end < bytes.count, !bytes[end].isSpace, bytes[end] != .comma, bytes[end] != .closeBracket,
      bytes[end] != .closeBrace, bytes[end] != .hash
    { end += 1 }
    let word = bytes[start..<end]
    // A date and a time may have a blank between them.
    if word.count == 10, TOMLScalar.isDate(word), end + 3 < bytes.count, bytes[end] == .space, bytes[end + 1].isDigit,
      bytes[end + 2].isDigit, bytes[end + 3] == .colon
    {
      let time = bytes[(end + 1)...].prefix {
        !$0.isSpace && $0 != .comma && $0 != .closeBracket && $0 != .closeBrace && $0 != .hash
      }
      end = time.endIndex
    }
    guard let text = TOMLScalar.text(bytes[start..<end]) else {
      throw Fault("this is no value: a text needs quotes", start)
    }
    position = end
    return text
  }
}

// Strings.
extension TOMLParser {
  private mutating func parseBasicString() throws(Fault) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = peek, byte != .doubleQuote {
      guard !isLineEnd else { break }
      if byte == .backslash {
        try parseEscape(into: &text)
      } else {
        try append(byte, to: &text)
      }
    }
    guard peek == .doubleQuote else { throw Fault("the quote of a text is not closed in its line", start) }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func parseLiteralString() throws(Fault) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = peek, byte != .quote, !isLineEnd { try append(byte, to: &text) }
    guard peek == .quote else { throw Fault("the quote of a text is not closed in its line", start) }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func parseMultiline(_ quote: UInt8) throws(Fault) -> String {
    let start = position
    position += 3
    if isLineEnd { skipLineEnd() }
    var text: [UInt8] = []
    while let byte = peek {
      if byte == quote {
        let quotes = bytes[position...].prefix(5).prefix { $0 == quote }.count
        position += quotes
        if quotes >= 3 { return String(decoding: text + repeatElement(quote, count: quotes - 3), as: UTF8.self) }
        text += repeatElement(quote, count: quotes)
      } else if isLineEnd {
        skipLineEnd()
        text.append(.lineFeed)
      } else if byte == .backslash, quote == .doubleQuote {
        if !skipEscapedLineEnd() { try parseEscape(into: &text) }
      } else {
        try append(byte, to: &text)
      }
    }
    throw Fault("the \(quote == .quote ? "'''" : "\"\"\"") of a text are not closed", start)
  }

  private mutating func append(_ byte: UInt8, to text: inout [UInt8]) throws(Fault) {
    guard byte >= 32 && byte != 127 || byte == .tab else { throw Fault("a control character in a text", position) }
    text.append(byte)
    position += 1
  }

  /// A backslash at the end of a line takes away all white space that follows.
  private mutating func skipEscapedLineEnd() -> Bool {
    var index = position + 1
    while index < bytes.count, bytes[index].isBlank { index += 1 }
    guard index < bytes.count, isLineEnd(at: index) else { return false }
    while index < bytes.count, bytes[index].isBlank || isLineEnd(at: index) { index += 1 }
    position = index
    return true
  }

  private mutating func parseEscape(into text: inout [UInt8]) throws(Fault) {
    let start = position
    position += 1
    guard let byte = peek else { throw Fault("a backslash at the end", start) }
    position += 1
    switch byte {
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "t"): text.append(.tab)
    case UInt8(ascii: "n"): text.append(.lineFeed)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "r"): text.append(.carriageReturn)
    case .doubleQuote, .backslash: text.append(byte)
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let length = byte == UInt8(ascii: "u") ? 4 : 8
      let digits = bytes[position...].prefix(length).compactMap(\.hexValue)
      guard digits.count == length, let scalar = Unicode.Scalar(digits.reduce(UInt32(0)) { $0 << 4 | UInt32($1) })
      else {
        throw Fault("a '\\u' that is no character", start)
      }
      text += String(Character(scalar)).utf8
      position += length
    default: throw Fault("a backslash before a character that needs none (in '...' it would be plain)", start)
    }
  }
}

// White space and comments.
extension TOMLParser {
  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var isLineEnd: Bool { position < bytes.count && isLineEnd(at: position) }

  private func isLineEnd(at index: Int) -> Bool {
    bytes[index] == .lineFeed
      || (bytes[index] == .carriageReturn && index + 1 < bytes.count && bytes[index + 1] == .lineFeed)
  }

  private func at(_ word: StaticString) -> Bool { bytes[position...].starts(with: "\(word)".utf8) }

  private mutating func skipBlanks() { while let byte = peek, byte.isBlank { position += 1 } }

  private mutating func skipLineEnd() { position += bytes[position] == .carriageReturn ? 2 : 1 }

  private mutating func skipComment() throws(Fault) {
    guard peek == .hash else { return }
    let start = position
    while let byte = peek, !isLineEnd {
      guard byte >= 32 && byte != 127 || byte == .tab else { throw Fault("a control character in a comment", position) }
      position += 1
    }
    let place = text.place(of: start)
    directives.comment(bytes[(start + 1)..<position], line: place.line, column: place.column ?? 1, after: statement)
  }

  /// Within an array: ends of lines and comments as well.
  private mutating func skipLines() throws(Fault) {
    while true {
      skipBlanks()
      try skipComment()
      guard isLineEnd else { return }
      skipLineEnd()
    }
  }
}
