/// Java's `.properties` (`java.util.Properties.load`), with Spring's `${NAME:fallback}` and its several documents.
package struct Properties {
  private static let mostDocuments = 20
  private static let mostDepth = 8

  private struct Entry {
    var name: String
    var text: String
    var place: Place
  }

  /// Between `#---` lines, with the profile that it holds for.
  private struct Document {
    var entries: [Entry] = []
    var profile: String? { entries.last { profileNames.contains($0.name) }?.text }
  }

  private static let profileNames = ["spring.config.activate.on-profile", "spring.profiles"]

  private let text: SourceText
  private var file: ConfigurationFile
  private var directives: Directives
  private var documents = [Document()]
  private var count = 0

  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    var reader = Properties(SourceText(bytes, path: path))
    reader.readLines()
    reader.makeApplications()
    return reader.file
  }

  private init(_ text: SourceText) {
    self.text = text
    file = ConfigurationFile(text, .properties)
    directives = Directives(path: text.path)
  }

  private mutating func readLines() {
    var index = 0
    while index < text.lines.count {
      let first = index
      let line = text.bytes[text.lines[index]].drop { Self.isWhite($0) }
      index += 1
      guard let mark = line.first else { continue }
      if mark == .hash || mark == UInt8(ascii: "!") {
        readComment(line, first)
        continue
      }
      directives.statement(line: first + 1)
      guard count < ConfigurationFile.mostSettings else {
        file.fault("too many settings: the rest is not read", at: Place(text.path, line: first + 1))
        break
      }
      keep(logicalLine(line, &index), Place(text.path, line: first + 1, column: column(line, first)))
    }
    file.directives = directives.finish()
  }

  private func column(_ rest: ArraySlice<UInt8>, _ line: Int) -> Int {
    rest.startIndex - text.lines[line].lowerBound + 1
  }

  private mutating func readComment(_ line: ArraySlice<UInt8>, _ index: Int) {
    if line.dropFirst().trimmed.elementsEqual("---".utf8), column(line, index) == 1 {
      if documents.count < Self.mostDocuments { documents.append(Document()) }
      return
    }
    directives.comment(line.dropFirst(), line: index + 1, column: column(line, index))
  }

  private static func isWhite(_ byte: UInt8) -> Bool { byte.isBlank || byte == 12 || byte == .carriageReturn }

  /// A line whose end a backslash takes away goes on in the next one, without that one's blanks at the head.
  private func logicalLine(_ line: ArraySlice<UInt8>, _ next: inout Int) -> [UInt8] {
    var whole = Array(line)
    while endsInBackslash(whole) {
      whole.removeLast()
      guard next < text.lines.count else { break }
      whole += text.bytes[text.lines[next]].drop { Self.isWhite($0) }
      next += 1
    }
    return whole
  }

  private func endsInBackslash(_ line: [UInt8]) -> Bool {
    var backslashes = 0
    for byte in line.reversed() {
      guard byte == .backslash else { break }
      backslashes += 1
    }
    return backslashes % 2 == 1
  }

  private mutating func keep(_ line: [UInt8], _ place: Place) {
    var end = 0
    while end < line.count, !Self.isWhite(line[end]), line[end] != .equals, line[end] != .colon {
      end += line[end] == .backslash ? 2 : 1
    }
    end = min(end, line.count)
    var rest = line[end...].drop { Self.isWhite($0) }
    if rest.first == .equals || rest.first == .colon { rest = rest.dropFirst().drop { Self.isWhite($0) } }
    guard let name = unescaped(line[..<end]), let value = unescaped(rest) else {
      file.fault("a '\\u' here is not followed by four hexadecimal digits: Java refuses the file", at: place)
      return
    }
    count += 1
    documents[documents.count - 1].entries.append(Entry(name: name, text: value, place: place))
  }

  /// nil for a `\u` that is none.
  private func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
    guard raw.contains(.backslash) else { return raw.text }
    var units: [UInt16] = []
    var plain: [UInt8] = []
    func flush() {
      units += String(decoding: plain, as: UTF8.self).utf16
      plain = []
    }
    var rest = raw
    while let byte = rest.popFirst() {
      guard byte == .backslash, let next = rest.popFirst() else {
        if byte != .backslash { plain.append(byte) }
        continue
      }
      switch next {
      case UInt8(ascii: "t"): plain.append(.tab)
      case UInt8(ascii: "n"): plain.append(.lineFeed)
      case UInt8(ascii: "r"): plain.append(.carriageReturn)
      case UInt8(ascii: "f"): plain.append(12)
      case UInt8(ascii: "u"):
        let digits = rest.prefix(4).compactMap(\.hexValue)
        guard digits.count == 4 else { return nil }
        rest = rest.dropFirst(4)
        flush()
        units.append(digits.reduce(0) { $0 << 4 | UInt16($1) })
      default: plain.append(next)
      }
    }
    flush()
    return String(decoding: units, as: UTF16.self)
  }
}

// What the properties are, with their placeholders put in.
extension Properties {
  /// What holds always is one application; each profile is one more, with its own settings after those.
  private mutating func makeApplications() {
    let always = documents.filter { $0.profile == nil }.flatMap(\.entries)
    file.applications = [application(always, name: text.path, own: 0)]
    for document in documents where document.profile != nil {
      let name = "\(text.path) (profile \(Redaction.text(document.profile ?? "")))"
      let entries = always + document.entries
      if entries.count <= ConfigurationFile.mostSettings {
        file.applications.append(application(entries, name: name, own: always.count))
      }
    }
  }

  /// - Parameter own: the first entry that was not told of before.
  private mutating func application(_ entries: [Entry], name: String, own: Int) -> Application {
    var application = Application(
      .settings, name: name, at: entries.dropFirst(own).first?.place ?? Place(text.path, line: 1))
    var values: [String: Entry] = [:]
    for (index, entry) in entries.enumerated() {
      if let before = values[entry.name], index >= own, before.place.line >= entries[own].place.line {
        let shown = Redaction.text(entry.name)
        file.notice(
          "\(shown) stands here again: this value counts, the one of line \(before.place.line) does not",
          at: entry.place)
      }
      values[entry.name] = entry
    }
    var scratch = ConfigurationFile(path: text.path, format: .properties)
    var resolver = Resolver(values: values.mapValues { ($0.text) })
    for (index, entry) in entries.enumerated() {
      let outcome = resolver.resolve(entry.text)
      if index < own {
        application.take(entry.name, outcome, at: entry.place, remarks: &scratch)
      } else {
        application.take(entry.name, outcome, at: entry.place, remarks: &file)
      }
    }
    return application
  }

  /// Spring looks a placeholder up among all properties, wherever they stand.
  private struct Resolver {
    let values: [String: String]
    private var interpolation = Interpolation(.spring)
    private var known: [String: Interpolation.Outcome] = [:]
    private var open: Set<String> = []

    init(values: [String: String]) { self.values = values }

    mutating func resolve(_ text: String) -> Interpolation.Outcome {
      guard text.utf8.contains(.dollar) else { return .init(text: text) }
      for name in Interpolation.names(in: text) { learn(name, depth: 0) }
      return expanded(text)
    }

    /// A function of its own, so that nothing shares what is known when more is learnt.
    private mutating func expanded(_ text: String) -> Interpolation.Outcome {
      let known = known
      return interpolation.expand(text) { known[$0] }
    }

    /// A placeholder that leads back to itself stays what it is.
    private mutating func learn(_ name: String, depth: Int) {
      guard known[name] == nil, let text = values[name], depth < Properties.mostDepth, open.insert(name).inserted else {
        return
      }
      defer { open.remove(name) }
      for inner in Interpolation.names(in: text) { learn(inner, depth: depth + 1) }
      var outcome = expanded(text)
      outcome.text = Redaction.isSecret(name) ? Written.hidden : Redaction.text(outcome.text)
      known[name] = outcome
    }
  }
}

extension Interpolation {
  /// Names in `${...}`, also of fallbacks; at most a few.
  static func names(in text: String) -> [String] {
    guard text.utf8.contains(.dollar) else { return [] }
    let bytes = Array(text.utf8)
    var names: [String] = []
    for index in bytes.indices.dropLast() where bytes[index] == .dollar && bytes[index + 1] == .openBrace {
      let name = bytes[(index + 2)...].prefix(200).prefix {
        $0 != .colon && $0 != .closeBrace && $0 != .dollar && !$0.isSpace
      }
      if names.count < 20 { names.append(name.text) }
    }
    return names
  }
}
