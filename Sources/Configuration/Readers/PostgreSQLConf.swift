/// `postgresql.conf` and `postgresql.auto.conf`, by the rules of PostgreSQL's own scanner (`guc-file.l`).
package struct PostgreSQLConf {
  /// As deep as PostgreSQL follows includes.
  private static let deepest = 10
  private static let mostIncludes = 100
  private static let mostBytes = 16 << 20

  private let others: OtherFiles
  private var file: ConfigurationFile
  private var server: Server
  private var directives: [Directive] = []
  private var bytesLeft = Self.mostBytes
  private var indices: [String: Int] = [:]

  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    withoutActuallyEscaping(others) { others in
      var reader = PostgreSQLConf(path, others)
      reader.readMain(SourceText(bytes, path: path))
      return reader.file
    }
  }

  private init(_ path: String, _ others: @escaping OtherFiles) {
    self.others = others
    file = ConfigurationFile(path: path, format: .postgreSQL)
    server = Server(name: path, at: Place(path, line: 1))
  }

  private mutating func readMain(_ text: SourceText) {
    read(text, depth: 0)
    readWhatTheServerWrote(beside: text.path)
    file.directives = directives
    file.servers = [server]
  }

  /// `ALTER SYSTEM` writes into a file that is read after the others.
  private mutating func readWhatTheServerWrote(beside path: String) {
    guard path == "postgresql.conf" || path.hasSuffix("/postgresql.conf") else { return }
    let automatic = Self.path("postgresql.auto.conf", beside: path)
    guard let bytes = others(automatic) else { return }
    file.includes.append(automatic)
    read(SourceText(bytes, path: automatic), depth: 1)
  }

  private mutating func read(_ text: SourceText, depth: Int) {
    for remark in text.remarks { file.remark(remark.weight, remark.text, at: remark.place) }
    bytesLeft -= text.bytes.count
    var comments = Directives(path: text.path)
    for (index, range) in text.lines.enumerated() {
      let line = text.bytes[range]
      var scanner = Scanner(rest: line)
      let name = scanner.next()
      if name != .end {
        comments.statement(line: index + 1)
        let column = line.prefix { $0.isBlank || $0 == .carriageReturn }.count + 1
        readSetting(name, &scanner, at: Place(text.path, line: index + 1, column: column), depth: depth)
      }
      if let hash = scanner.comment {
        comments.comment(
          line[(hash + 1)...], line: index + 1, column: hash - range.lowerBound + 1,
          after: name == .end ? nil : index + 1)
      }
    }
    directives += comments.finish()
  }

  private mutating func readSetting(_ token: Token, _ scanner: inout Scanner, at place: Place, depth: Int) {
    guard let name = token.name else { return syntaxError("a line begins with the name of a parameter", at: place) }
    var value = scanner.next()
    if value == .equals { value = scanner.next() }
    guard let text = value.value else {
      let why = value == .end ? "\(name) has no value" : "the value of \(name) needs '...' around it"
      return syntaxError(why, at: place)
    }
    guard scanner.next() == .end else {
      return syntaxError("after the value of \(name) stands something else than a comment", at: place)
    }
    switch name {
    case "include": include(text, isNeeded: true, at: place, depth: depth)
    case "include_if_exists": include(text, isNeeded: false, at: place, depth: depth)
    case "include_dir":
      file.notice("the files of include_dir '\(Redaction.text(text))' are not read: give them by name", at: place)
    default: keep(name, text, at: place)
    }
  }

  private mutating func syntaxError(_ why: String, at place: Place) {
    file.fault("syntax error: \(why); PostgreSQL does not start with it", at: place)
  }

  private mutating func keep(_ name: String, _ text: String, at place: Place) {
    guard server.settings.count < ConfigurationFile.mostSettings else {
      if server.settings.count == ConfigurationFile.mostSettings {
        file.fault("too many settings: the rest is not read", at: place)
      }
      return
    }
    if let before = indices[name] {
      let other = server.settings[before].place
      let there = other.file == place.file ? "line \(other.line)" : "\(other)"
      file.notice(
        "\(Redaction.text(name)) stands here again: this value counts, the one of \(there) does not", at: place)
    }
    indices[name] = server.settings.count
    server.settings.append(Redaction.written(name, text, at: place))
  }

  private mutating func include(_ name: String, isNeeded: Bool, at place: Place, depth: Int) {
    let path = Self.path(name, beside: place.file)
    let shown = Redaction.text(name)
    guard depth < Self.deepest, file.includes.count < Self.mostIncludes, bytesLeft > 0 else {
      return file.fault("'\(shown)' is not read: includes go deeper than \(Self.deepest) files", at: place)
    }
    guard path != place.file else { return file.fault("'\(shown)' includes itself", at: place) }
    guard !name.isEmpty, let bytes = others(path) else {
      if isNeeded { file.fault("'\(shown)' cannot be read, and PostgreSQL does not start without it", at: place) }
      return
    }
    file.includes.append(path)
    read(SourceText(bytes, path: path), depth: depth + 1)
  }

  /// Relative names are taken from the folder of the file that names them.
  private static func path(_ name: String, beside path: String) -> String {
    guard !name.utf8.starts(with: "/".utf8), let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }
}

extension PostgreSQLConf {
  private enum Token: Equatable {
    case identifier(String)
    case qualified(String)
    case string(String)
    case number(String)
    case word(String)
    case equals
    case end
    case strange

    /// Names are the same in any case.
    var name: String? {
      switch self {
      case .identifier(let text), .qualified(let text): text.lowercasedASCII
      default: nil
      }
    }

    var value: String? {
      switch self {
      case .identifier(let text), .string(let text), .number(let text), .word(let text): text
      default: nil
      }
    }
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>
    /// Where a comment began.
    private(set) var comment: Int?

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func next() -> Token {
      rest = rest.drop { $0.isBlank || $0 == .carriageReturn }
      guard let first = rest.first else { return .end }
      switch first {
      case .hash:
        comment = rest.startIndex
        rest = rest[rest.endIndex...]
        return .end
      case .equals:
        rest.removeFirst()
        return .equals
      case .quote: return string()
      case _ where Self.isLetter(first): return word()
      default: return number()
      }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte.isLetter || byte == .underscore || byte >= 128 }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLetter(byte) || byte.isDigit }

    /// The longest that fits wins: `a.b` is a qualified name, `a.b.c` and `a-b` are words.
    private mutating func word() -> Token {
      let word = rest.prefix {
        Self.isLetterOrDigit($0) || $0 == .dash || $0 == .dot || $0 == .colon || $0 == .slash
      }
      let identifier = word.prefix { Self.isLetterOrDigit($0) }
      rest = rest[word.endIndex...]
      if identifier.count == word.count { return .identifier(word.text) }
      let second = word.dropFirst(identifier.count + 1)
      let isQualified =
        word[identifier.endIndex] == .dot && (second.first.map(Self.isLetter) ?? false)
        && second.allSatisfy(Self.isLetterOrDigit)
      return isQualified ? .qualified(word.text) : .word(word.text)
    }

    private mutating func number() -> Token {
      let integer = integerLength()
      let real = realLength()
      guard max(integer, real) > 0 else {
        rest = rest[rest.endIndex...]
        return .strange
      }
      defer { rest = rest.dropFirst(max(integer, real)) }
      return .number(rest.prefix(max(integer, real)).text)
    }

    private func signLength() -> Int { rest.first == .dash || rest.first == UInt8(ascii: "+") ? 1 : 0 }

    private func integerLength() -> Int {
      let body = rest.dropFirst(signLength())
      var digits = body.prefix { $0.isDigit }.count
      if body.starts(with: "0x".utf8) {
        let hex = body.dropFirst(2).prefix { $0.hexValue != nil }.count
        if hex > 0 { digits = 2 + hex }
      }
      guard digits > 0 else { return 0 }
      return signLength() + digits + body.dropFirst(digits).prefix { $0.isLetter }.count
    }

    private func realLength() -> Int {
      let body = rest.dropFirst(signLength())
      let whole = body.prefix { $0.isDigit }.count
      guard body.dropFirst(whole).first == .dot else { return 0 }
      let fraction = body.dropFirst(whole + 1).prefix { $0.isDigit }.count
      let tail = body.dropFirst(whole + 1 + fraction)
      return signLength() + whole + 1 + fraction + Self.exponentLength(tail)
    }

    private static func exponentLength(_ tail: ArraySlice<UInt8>) -> Int {
      guard let first = tail.first, first | 32 == UInt8(ascii: "e") else { return 0 }
      let sign = [.dash, UInt8(ascii: "+")].contains(tail.dropFirst().first ?? 0) ? 1 : 0
      let digits = tail.dropFirst(1 + sign).prefix { $0.isDigit }.count
      return digits > 0 ? 1 + sign + digits : 0
    }

    private mutating func string() -> Token {
      var bytes: [UInt8] = []
      var inside = rest.dropFirst()
      while let byte = inside.popFirst() {
        if byte == .quote {
          guard inside.first == .quote else {
            rest = inside
            return .string(String(decoding: bytes, as: UTF8.self))
          }
          inside.removeFirst()
          bytes.append(.quote)
        } else if byte == .backslash {
          guard let next = inside.popFirst() else { break }
          bytes.append(Self.escaped(next, &inside))
        } else {
          bytes.append(byte)
        }
      }
      rest = rest[rest.endIndex...]
      return .strange
    }

    private static func escaped(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> UInt8 {
      switch byte {
      case UInt8(ascii: "b"): return 8
      case UInt8(ascii: "f"): return 12
      case UInt8(ascii: "n"): return .lineFeed
      case UInt8(ascii: "r"): return .carriageReturn
      case UInt8(ascii: "t"): return .tab
      case 48...55:
        var value = Int(byte - 48)
        for _ in 0..<2 {
          guard let next = rest.first, (48...55).contains(next) else { break }
          value = value * 8 + Int(next - 48)
          rest.removeFirst()
        }
        return UInt8(truncatingIfNeeded: value)
      default: return byte
      }
    }
  }
}
