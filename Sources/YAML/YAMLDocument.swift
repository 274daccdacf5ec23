internal import CYAML

/// A value of a YAML file, with its place.
package struct Node: Sendable {
  package struct Entry: Sendable {
    package var key: Node
    package var value: Node
  }
  package enum Content: Sendable {
    /// `isPlain`: without quotes, so that `null` means nothing and not a word.
    case scalar(String, isPlain: Bool)
    case list([Node])
    case map([Entry])
  }
  package var content: Content
  package var mark: Mark
  /// Where a one-line text of this node begins when its characters stand in the file as they are; else nil.
  package var textMark: Mark?
  /// The line of the file on which the text of a literal block (`|`) begins, whose lines are the file's lines.
  package var literalLine: Int?

  /// The place of a character of the node's text; the node's own place when that cannot be told.
  package func mark(ofCharacter offset: Int) -> Mark {
    guard let textMark, case .scalar(let text, _) = content else { return mark }
    let scalars = text.prefix(offset).unicodeScalars.count
    return Mark(line: textMark.line, column: textMark.column + scalars)
  }
}

/// What keeps a text from being a YAML document that poolops reads.
package struct YAMLFault: Error, Sendable {
  package var mark: Mark
  package var message: String
  package init(mark: Mark, message: String) {
    self.mark = mark
    self.message = message
  }
}

package enum YAMLDocument {
  /// What is made of anchors, aliases and tags.
  package enum Dialect: Sendable {
    /// Refused: every value stands where it is used, and is what it looks like. For poolops's own files.
    case plain
    /// An alias stands for the value of its anchor, tags are passed over. For files that others wrote.
    case full
  }

  /// Deeper than any file that people write, and shallow enough for any stack.
  static let maximumDepth = 32
  /// Aliases of aliases can make billions of values out of a few lines.
  static let maximumNodes = 200_000

  /// The only document of a text; nil when there is nothing but blanks and comments.
  package static func read(_ bytes: [UInt8]) throws(YAMLFault) -> Node? {
    let documents = try readAll(bytes, .plain)
    if documents.count > 1 {
      throw YAMLFault(mark: documents[1].mark, message: "a second document begins here; write one a file")
    }
    return documents.first
  }

  /// Every document of a text, in order; those with nothing in them are left out.
  package static func readAll(_ bytes: [UInt8], _ dialect: Dialect = .full) throws(YAMLFault) -> [Node] {
    // Typed errors do not pass through the closure of `withUnsafeBufferPointer` in all its overloads: hand a result out.
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<[Node], YAMLFault> in
      do throws(YAMLFault) {
        var tree = Tree(dialect: dialect)
        return .success(try tree.documents(EventReader(buffer)))
      } catch { return .failure(error) }
    }
    return try result.get()
  }
}

/// Puts the parser's events together.
private struct Tree {
  let dialect: YAMLDocument.Dialect
  private var anchors: [String: (node: Node, count: Int)] = [:]
  private var count = 0

  init(dialect: YAMLDocument.Dialect) { self.dialect = dialect }

  mutating func documents(_ events: borrowing EventReader) throws(YAMLFault) -> [Node] {
    var roots: [Node] = []
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return roots
      case .other: continue
      default:
        if dialect == .plain, !roots.isEmpty {
          throw YAMLFault(mark: event.start, message: "a second document begins here; write one a file")
        }
        anchors = [:]
        roots.append(try node(event, events, depth: 0))
      }
    }
  }

  private mutating func node(
    _ event: Event, _ events: borrowing EventReader, depth: Int
  ) throws(YAMLFault) -> Node {
    guard depth < YAMLDocument.maximumDepth else {
      throw YAMLFault(mark: event.start, message: "nested deeper than \(YAMLDocument.maximumDepth) levels")
    }
    if dialect == .plain { try refuse(event) }
    let before = count
    try add(1, event.start)
    let content: Node.Content
    switch event.kind {
    case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
    case .listStart: content = .list(try list(events, depth: depth + 1))
    case .mapStart: content = .map(try map(events, depth: depth + 1))
    case .alias(let name): return try node(named: name, event.start)
    case .listEnd, .mapEnd, .streamEnd, .other: throw YAMLFault(mark: event.start, message: "a value is missing")
    }
    let node = Node(content: content, mark: event.start, textMark: event.textMark, literalLine: event.literalLine)
    if let anchor = event.anchor { anchors[anchor] = (node, count - before) }
    return node
  }

  private mutating func node(named name: String, _ mark: Mark) throws(YAMLFault) -> Node {
    guard let anchored = anchors[name] else {
      throw YAMLFault(mark: mark, message: "the alias \(quoted(name)) has no anchor before it")
    }
    try add(anchored.count, mark)
    return anchored.node
  }

  private mutating func add(_ nodes: Int, _ mark: Mark) throws(YAMLFault) {
    count += nodes
    guard count <= YAMLDocument.maximumNodes else {
      throw YAMLFault(mark: mark, message: "more than \(YAMLDocument.maximumNodes) values, aliases written out")
    }
  }

  private mutating func list(_ events: borrowing EventReader, depth: Int) throws(YAMLFault) -> [Node] {
    var nodes: [Node] = []
    while true {
      let event = try events.next()
      if case .listEnd = event.kind { return nodes }
      nodes.append(try node(event, events, depth: depth))
    }
  }

  private mutating func map(_ events: borrowing EventReader, depth: Int) throws(YAMLFault) -> [Node.Entry] {
    var entries: [Node.Entry] = []
    while true {
      let event = try events.next()
      if case .mapEnd = event.kind { return entries }
      let key = try node(event, events, depth: depth)
      entries.append(Node.Entry(key: key, value: try node(try events.next(), events, depth: depth)))
    }
  }

  private func refuse(_ event: Event) throws(YAMLFault) {
    var name = event.anchor
    if case .alias(let alias) = event.kind { name = alias }
    if let name {
      throw YAMLFault(
        mark: event.start, message: "the anchor or alias \(quoted(name)) is not accepted; write the value out")
    }
    if let tag = event.tag {
      throw YAMLFault(
        mark: event.start, message: "the tag \(quoted(tag)) is not accepted; write the value without it")
    }
  }
}

private struct Event {
  enum Kind {
    case scalar(String, isPlain: Bool)
    case listStart, listEnd
    case mapStart, mapEnd
    case alias(String)
    case streamEnd
    case other
  }
  var kind: Kind
  var start: Mark
  var textMark: Mark?
  var literalLine: Int?
  var anchor: String?
  var tag: String?
}

/// libyaml's parser, one event at a time. The buffer must outlive it.
private struct EventReader: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLFault) {
    self.bytes = bytes
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      throw YAMLFault(mark: .start, message: "there is no memory left to read it")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  func next() throws(YAMLFault) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw fault() }
    defer { yaml_event_delete(&event) }
    let start = Mark(event.start_mark)
    let (anchor, tag) = names(event)
    return Event(
      kind: kind(event), start: start, textMark: textMark(event), literalLine: literalLine(event),
      anchor: anchor.map { String(cString: $0) },
      tag: tag.map { String(cString: $0) })
  }

  private func kind(_ event: yaml_event_t) -> Event.Kind {
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT: return .listStart
    case YAML_MAPPING_START_EVENT: return .mapStart
    case YAML_ALIAS_EVENT: return .alias(String(cString: event.data.alias.anchor))
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_END_EVENT: return .mapEnd
    case YAML_STREAM_END_EVENT: return .streamEnd
    default: return .other
    }
  }

  private typealias Name = UnsafeMutablePointer<UInt8>?

  private func names(_ event: yaml_event_t) -> (anchor: Name, tag: Name) {
    switch event.type {
    case YAML_SCALAR_EVENT: (event.data.scalar.anchor, event.data.scalar.tag)
    case YAML_SEQUENCE_START_EVENT: (event.data.sequence_start.anchor, event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT: (event.data.mapping_start.anchor, event.data.mapping_start.tag)
    default: (nil, nil)
    }
  }

  private func literalLine(_ event: yaml_event_t) -> Int? {
    guard event.type == YAML_SCALAR_EVENT, event.data.scalar.style == YAML_LITERAL_SCALAR_STYLE else { return nil }
    return Mark(event.start_mark).line + 1
  }

  private func textMark(_ event: yaml_event_t) -> Mark? {
    guard event.type == YAML_SCALAR_EVENT, event.start_mark.line == event.end_mark.line else { return nil }
    let scalar = event.data.scalar
    let quote = scalar.style == YAML_PLAIN_SCALAR_STYLE ? 0 : 1
    let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    let characters = text.count { $0 & 0xC0 != 0x80 }
    let width = Int(event.end_mark.column) - Int(event.start_mark.column)
    guard width == characters + 2 * quote else { return nil }
    let start = Mark(event.start_mark)
    return Mark(line: start.line, column: start.column + quote)
  }

  private func fault() -> YAMLFault {
    let error = parser.pointee
    let problem = error.problem.map { String(cString: $0) } ?? "it cannot be read"
    guard error.error != YAML_READER_ERROR else {
      return YAMLFault(mark: mark(ofByte: error.problem_offset), message: YAMLProblem.plainWords(reader: problem))
    }
    let context = error.context.map { (text: String(cString: $0), mark: Mark(error.context_mark)) }
    let at = Mark(error.problem_mark)
    let message = YAMLProblem.plainWords(problem, at: at, byte: byte(error), context: context)
    let isOpenQuote = context?.text == YAMLProblem.openQuote && problem == "found unexpected end of stream"
    if isOpenQuote, let context { return YAMLFault(mark: context.mark, message: message) }
    // At the end of a last line without a line break libyaml is on a line that is not there.
    return YAMLFault(mark: min(at, mark(ofByte: bytes.count)), message: message)
  }

  /// The character that the parser stumbled over.
  private func byte(_ error: yaml_parser_t) -> UInt8? {
    var line = 0
    var position = 0
    while line < error.problem_mark.line, position < bytes.count {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
    // Marks count characters, bytes may be more.
    var column = 0
    while position < bytes.count, column < error.problem_mark.column {
      position += 1
      while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
      column += 1
    }
    return position < bytes.count ? bytes[position] : nil
  }

  private func mark(ofByte offset: Int) -> Mark {
    let text = String(decoding: bytes.prefix(offset), as: UTF8.self)
    // The line breaks of YAML 1.1; "\r\n" is one Character.
    let breaks: Set<Character> = ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"]
    let lines = text.split(omittingEmptySubsequences: false) { breaks.contains($0) }
    return Mark(line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
  }
}

extension Mark {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}
