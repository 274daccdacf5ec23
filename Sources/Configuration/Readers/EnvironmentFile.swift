/// `.env` files: `export`, quotes, comments, values over several lines, `$NAME` and `${NAME:-fallback}`.
///
/// Programs that read them differ in small things; where they do, this follows a shell.
package struct EnvironmentFile {
  private let text: SourceText
  private var position = 0
  private var file: ConfigurationFile
  private var application: Application
  private var directives: Directives
  private var interpolation = Interpolation(.environment)
  /// The setting that counts of each name, by its index.
  private var indices: [String: Int] = [:]
  /// From here on no quote of this kind is closed: looked for once.
  private var unclosed: [UInt8: Int] = [:]

  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    var reader = EnvironmentFile(SourceText(bytes, path: path))
    reader.readAll()
    return reader.file
  }

  private init(_ text: SourceText) {
    self.text = text
    file = ConfigurationFile(text, .environment)
    application = Application(.settings, name: text.path, at: Place(text.path, line: 1))
    directives = Directives(path: text.path)
  }

  private mutating func readAll() {
    var line = 0
    while line < text.lines.count, application.settings.count < ConfigurationFile.mostSettings {
      let last = readStatement(at: line)
      line = last + 1
    }
    if line < text.lines.count { file.fault("too many settings: the rest is not read", at: place(line)) }
    file.directives = directives.finish()
    file.applications = [application]
  }

  private func place(_ line: Int, _ column: Int? = nil) -> Place { Place(text.path, line: line + 1, column: column) }

  /// Reads what begins in a line; returns the last line that belongs to it.
  private mutating func readStatement(at line: Int) -> Int {
    let range = text.lines[line]
    var rest = text.bytes[range].drop { $0.isSpace }
    guard let first = rest.first else { return line }
    let column = rest.startIndex - range.lowerBound + 1
    if first == .hash {
      directives.comment(rest.dropFirst(), line: line + 1, column: column)
      return line
    }
    directives.statement(line: line + 1)
    let isExport = rest.starts(with: "export".utf8) && (rest.dropFirst(6).first?.isBlank ?? false)
    if isExport { rest = rest.dropFirst(6).drop { $0.isBlank } }
    let name = rest.prefix { $0.isNameByte || $0 == .dot || $0 == .dash }
    let after = rest[name.endIndex...].drop { $0.isBlank }
    guard let head = name.first, !head.isDigit else {
      file.fault("this line is no 'NAME=value'", at: place(line, column))
      return line
    }
    if after.isEmpty {
      if !isExport {
        file.notice("\(name.text) has no value here: it comes from the environment", at: place(line, column))
      }
      return line
    }
    guard after.first == .equals else {
      file.fault("this line is no 'NAME=value': after the name stands no '='", at: place(line, column))
      return line
    }
    return readValue(of: name.text, after.dropFirst(), line, column)
  }

  private mutating func readValue(of name: String, _ text: ArraySlice<UInt8>, _ line: Int, _ column: Int) -> Int {
    let value = text.drop { $0.isBlank }
    if let quote = value.first, quote == .quote || quote == .doubleQuote {
      if let close = closingQuote(quote, from: value.startIndex + 1) {
        return readQuoted(name, value.startIndex + 1..<close, quote, line, column)
      }
      file.fault("the quote before the value of \(name) is not closed", at: place(line, column))
      keep(name, unescaped(value.dropFirst(), isQuoted: quote == .doubleQuote), line, column)
      return line
    }
    var end = value.endIndex
    if let hash = value.indices.first(where: { value[$0] == .hash && ($0 == value.startIndex || value[$0 - 1].isBlank) }
    ) {
      end = hash
      comment(at: hash, of: line, statement: line)
    }
    keep(name, unescaped(value[value.startIndex..<max(value.startIndex, end)].trimmed, isQuoted: false), line, column)
    return line
  }

  private mutating func readQuoted(
    _ name: String, _ inside: Range<Int>, _ quote: UInt8, _ line: Int, _ column: Int
  ) -> Int {
    let last = text.line(of: inside.upperBound) - 1
    let raw = text.bytes[inside]
    if quote == .quote {
      keep(name, raw.text, line, column, expands: false)
    } else {
      keep(name, unescaped(raw, isQuoted: true), line, column)
    }
    let tail = text.bytes[(inside.upperBound + 1)..<max(inside.upperBound + 1, text.lines[last].upperBound)]
    let rest = tail.drop { $0.isSpace }
    if rest.first == .hash {
      comment(at: rest.startIndex, of: last, statement: line)
    } else if !rest.isEmpty {
      file.notice("what stands after the closing quote of \(name) is not read", at: place(last))
    }
    return last
  }

  private mutating func comment(at hash: Int, of line: Int, statement: Int) {
    let range = text.lines[line]
    directives.comment(
      text.bytes[(hash + 1)..<max(hash + 1, range.upperBound)], line: line + 1,
      column: hash - range.lowerBound + 1, after: statement + 1)
  }

  private mutating func closingQuote(_ quote: UInt8, from start: Int) -> Int? {
    if let known = unclosed[quote], start >= known { return nil }
    var index = start
    while index < text.bytes.count {
      let byte = text.bytes[index]
      if byte == quote { return index }
      index += byte == .backslash && quote == .doubleQuote ? 2 : 1
    }
    unclosed[quote] = start
    return nil
  }

  /// What stands for a dollar sign that begins no placeholder, until they are put in.
  private static let literalDollar: UInt8 = 1

  private func unescaped(_ raw: ArraySlice<UInt8>, isQuoted: Bool) -> String {
    guard raw.contains(.backslash) || raw.contains(.carriageReturn) else { return raw.text }
    var bytes: [UInt8] = []
    var rest = raw
    while let byte = rest.popFirst() {
      if byte == .carriageReturn, rest.first == .lineFeed { continue }
      guard byte == .backslash, let next = rest.first, let meant = Self.escape(next, isQuoted: isQuoted) else {
        bytes.append(byte)
        continue
      }
      rest.removeFirst()
      bytes.append(meant)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func escape(_ byte: UInt8, isQuoted: Bool) -> UInt8? {
    if byte == .dollar { return literalDollar }
    guard isQuoted else { return nil }
    switch byte {
    case UInt8(ascii: "n"): return .lineFeed
    case UInt8(ascii: "r"): return .carriageReturn
    case UInt8(ascii: "t"): return .tab
    case .doubleQuote, .backslash: return byte
    default: return nil
    }
  }

  /// A function of its own, so that nothing shares the settings when the next one is added.
  private mutating func expanded(_ value: String) -> Interpolation.Outcome {
    guard value.utf8.contains(where: { $0 == .dollar || $0 == Self.literalDollar }) else { return .init(text: value) }
    let settings = application.settings
    let known = indices
    var outcome = interpolation.expand(value) { name in known[name].map { settings[$0].outcome } }
    if outcome.text.utf8.contains(Self.literalDollar) {
      outcome.text = String(decoding: outcome.text.utf8.map { $0 == Self.literalDollar ? .dollar : $0 }, as: UTF8.self)
    }
    return outcome
  }

  private mutating func keep(_ name: String, _ value: String, _ line: Int, _ column: Int, expands: Bool = true) {
    let outcome = expands ? expanded(value) : Interpolation.Outcome(text: value)
    if let before = indices[name] {
      file.notice(
        "\(name) stands here again: this value counts, the one of line \(application.settings[before].place.line) does not",
        at: place(line, column))
    }
    indices[name] = application.settings.count
    application.take(name, outcome, at: place(line, column), remarks: &file)
  }
}

extension Written {
  /// The value as another one may hold it.
  var outcome: Interpolation.Outcome { .init(text: text, placeholders: placeholders, isFallback: isFallback) }
}

extension Application {
  /// Keeps a setting, and the database address that its value may be; remarks go to the file.
  package mutating func take(
    _ name: String, _ value: Interpolation.Outcome, at place: Place, remarks file: inout ConfigurationFile
  ) {
    if let reading = ConnectionString.read(value.text, name: name, at: place, placeholders: value.placeholders) {
      for remark in reading.remarks { file.remark(remark.weight, remark.text, at: remark.place) }
      if let address = reading.address { addresses.append(address) }
    }
    settings.append(
      Redaction.written(
        name, value.text, at: place, placeholders: value.placeholders, isFallback: value.isFallback))
  }
}
