import Configuration
import YAML

/// What a reader of YAML has gathered so far, and how it says what it could not use.
struct Gathering {
  var file: ConfigurationFile
  /// Of each document what it holds; of those that are not YAML a remark.
  private(set) var documents: [Item] = []
  let text: SourceText
  let others: OtherFiles
  private static let mostDocuments = 2_000
  private var settingsLeft = 100_000

  init(
    _ bytes: [UInt8], path: String, _ format: ConfigurationFile.Format, others: @escaping OtherFiles,
    isOfInterest: (ArraySlice<UInt8>) -> Bool = { _ in true }
  ) {
    text = SourceText(bytes, path: path)
    file = ConfigurationFile(path: path, format: format)
    file.remarks = text.remarks
    file.directives = Directives.scan(text)
    self.others = others
    if let mark = TemplateMark.ofHelm(text.bytes[...]) {
      file.say(.fault, TemplateMark.helm, at: text.place(of: mark))
      return
    }
    let parts = YAMLDocuments.split(text)
    for part in parts.prefix(Self.mostDocuments) where isOfInterest(part.bytes) {
      documents += YAMLDocuments.read(part, text, &file)
    }
    if parts.count > Self.mostDocuments {
      let place = Place(path, line: parts[Self.mostDocuments].linesBefore + 1)
      file.say(.fault, "only the first \(Self.mostDocuments) documents are read", at: place)
    }
  }

  /// Text beside a file: `.env` beside `deploy/compose.yml` is `deploy/.env`.
  func path(beside name: String) -> String { Self.path(name, beside: file.path) }

  static func path(_ name: String, beside path: String) -> String {
    if name.hasPrefix("/") { return name }
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().map(String.init)
    for part in name.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != "..", last != "" {
        parts.removeLast()
      } else {
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  /// An application with its variables; too many of them in one file are not kept, so that memory stays bounded.
  mutating func add(_ application: Application, _ variables: Variables) {
    guard settingsLeft >= variables.settings.count else {
      file.say(.fault, "more settings than poolops keeps of one file: the rest is not read", at: application.place)
      return
    }
    settingsLeft -= variables.settings.count
    var application = application
    application.settings = variables.settings
    application.addresses = variables.addresses
    file.applications.append(application)
  }

  /// What another reader read for this file: its facts stand here, with their own places.
  mutating func include(_ read: ConfigurationFile) {
    guard !file.includes.contains(read.path) else { return }
    file.includes += [read.path] + read.includes
    for remark in read.remarks { file.say(remark.weight, remark.text, at: remark.place) }
    file.directives += read.directives
  }

  mutating func notice(_ text: String, at place: Place) { file.say(.notice, text, at: place) }

  /// A whole number from 0, or a remark.
  mutating func count(_ item: Item, _ name: String, _ filled: Filled) -> Counted? {
    if !filled.placeholders.isEmpty { return nil }
    guard let number = Int(filled.text), (0...Self.mostCopies).contains(number) else {
      notice("\(name) is \(quoted(filled.text)), and not a whole number from 0 to \(Self.mostCopies)", at: item.place)
      return nil
    }
    return Counted(number, at: item.place)
  }

  mutating func count(_ item: Item?, _ name: String) -> Counted? {
    guard let item else { return nil }
    guard let text = item.text else {
      notice("\(name) is not a whole number here", at: item.place)
      return nil
    }
    return count(item, name, Filled(text: text))
  }

  private static let mostCopies = 1_000_000
}

extension ConfigurationFile {
  private static let mostRemarks = 100

  /// Beyond a hundred remarks a person is better served by mending some first.
  mutating func say(_ weight: Remark.Weight, _ text: String, at place: Place) {
    if remarks.count < Self.mostRemarks { remarks.append(Remark(weight, Redaction.text(text), at: place)) }
  }
}

/// The documents of a YAML file, each read by itself: what is wrong with one does not hide the others.
enum YAMLDocuments {
  struct Part {
    var bytes: ArraySlice<UInt8>
    /// How many lines of the file stand before it.
    var linesBefore: Int
  }

  /// Cut where a line begins with `---`, which nothing within a document may.
  static func split(_ text: SourceText) -> [Part] {
    var parts: [Part] = []
    var first = 0
    for (index, line) in text.lines.enumerated() where index > first && isMark(text.bytes[line]) {
      parts.append(part(text, first, index))
      first = index
    }
    if first < text.lines.count { parts.append(part(text, first, text.lines.count)) }
    return parts.filter { saysSomething($0.bytes) }
  }

  private static func part(_ text: SourceText, _ first: Int, _ end: Int) -> Part {
    let upper = end < text.lines.count ? text.lines[end].lowerBound : text.bytes.count
    return Part(bytes: text.bytes[text.lines[first].lowerBound..<upper], linesBefore: first)
  }

  private static func isMark(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.starts(with: [0x2D, 0x2D, 0x2D]) else { return false }
    return line.dropFirst(3).first.map { $0 == 0x20 || $0 == 0x09 } ?? true
  }

  /// Anything but blanks, comments, directives (`%YAML`) and the mark itself.
  private static func saysSomething(_ bytes: ArraySlice<UInt8>) -> Bool {
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      let rest = isMark(line) ? line.dropFirst(3) : line
      guard let byte = rest.first(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      if byte != UInt8(ascii: "#"), byte != UInt8(ascii: "%") { return true }
    }
    return false
  }

  static func read(_ part: Part, _ text: SourceText, _ file: inout ConfigurationFile) -> [Item] {
    do throws(YAMLFault) {
      let nodes = try YAMLDocument.readAll(Array(part.bytes), .full)
      return nodes.map { Item($0, Source(file: text.path, linesBefore: part.linesBefore)) }
    } catch {
      let place = Place(text.path, line: error.mark.line + part.linesBefore, column: error.mark.column)
      file.say(.fault, TemplateMark.reason(part.bytes) ?? "this is not YAML: \(error.message)", at: place)
      return []
    }
  }

  struct Source {
    var file: String
    var linesBefore = 0

    func place(_ mark: Mark) -> Place { Place(file, line: mark.line + linesBefore, column: mark.column) }
  }
}
