internal import CYAML

/// A value of a YAML file, with its place.
struct Node {
  struct Entry {
    var key: Node
    var value: Node
  }
  enum Content {
    /// `isPlain`: without quotes, so that `null` means nothing and not a word.
    case scalar(String, isPlain: Bool)
    case list([Node])
    case map([Entry])
  }
  var content: Content
  var mark: Mark
  /// Where a one-line text of this node begins when its characters stand in the file as they are; else nil.
  var textMark: Mark?

  /// The place of a character of the node's text; the node's own place when that cannot be told.
  func mark(ofCharacter offset: Int) -> Mark {
    guard let textMark, case .scalar(let text, _) = content else { return mark }
    let scalars = text.prefix(offset).unicodeScalars.count
    return Mark(line: textMark.line, column: textMark.column + scalars)
  }
}

/// What keeps a text from being a YAML document that poolops reads.
struct YAMLFault: Error {
  var mark: Mark
  var message: String
}

enum YAMLDocument {
  /// Deeper than any experiment, and shallow enough for any stack.
  private static let maximumDepth = 32

  /// The only document of a text; nil when there is nothing but blanks and comments.
  static func read(_ bytes: [UInt8]) throws(YAMLFault) -> Node? {
    // Typed errors do not pass through the closure of `withUnsafeBufferPointer` in all its overloads: hand a result out.
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<Node?, YAMLFault> in
      do throws(YAMLFault) {
        return .success(try document(EventReader(buffer)))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  private static func document(_ events: borrowing EventReader) throws(YAMLFault) -> Node? {
    var root: Node?
    while true {
      let event = try events.next()
      switch event.kind {
      case .streamEnd: return root
      case .other: continue
      default:
        guard root == nil else {
          throw YAMLFault(mark: event.start, message: "a second document begins here; write one experiment a file")
        }
        root = try node(event, events, depth: 0)
      }
    }
  }

  private static func node(
    _ event: Event, _ events: borrowing EventReader, depth: Int
  ) throws(YAMLFault) -> Node {
    guard depth < maximumDepth else {
      throw YAMLFault(mark: event.start, message: "nested deeper than \(maximumDepth) levels")
    }
    switch event.kind {
    case .scalar(let text, let isPlain):
      return Node(content: .scalar(text, isPlain: isPlain), mark: event.start, textMark: event.textMark)
    case .listStart:
      return Node(content: .list(try list(events, depth: depth + 1)), mark: event.start)
    case .mapStart:
      return Node(content: .map(try map(events, depth: depth + 1)), mark: event.start)
    case .listEnd, .mapEnd, .streamEnd, .other:
      throw YAMLFault(mark: event.start, message: "a value is missing")
    }
  }

  private static func list(_ events: borrowing EventReader, depth: Int) throws(YAMLFault) -> [Node] {
    var nodes: [Node] = []
    while true {
      let event = try events.next()
      if case .listEnd = event.kind { return nodes }
      nodes.append(try node(event, events, depth: depth))
    }
  }

  private static func map(_ events: borrowing EventReader, depth: Int) throws(YAMLFault) -> [Node.Entry] {
    var entries: [Node.Entry] = []
    while true {
      let event = try events.next()
      if case .mapEnd = event.kind { return entries }
      let key = try node(event, events, depth: depth)
      entries.append(Node.Entry(key: key, value: try node(try events.next(), events, depth: depth)))
    }
  }
}

private struct Event {
  enum Kind {
    case scalar(String, isPlain: Bool)
    case listStart, listEnd
    case mapStart, mapEnd
    case streamEnd
    case other
  }
  var kind: Kind
  var start: Mark
  var textMark: Mark?
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
    return Event(kind: try kind(event, start), start: start, textMark: textMark(event))
  }

  private func kind(_ event: yaml_event_t, _ mark: Mark) throws(YAMLFault) -> Event.Kind {
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(anchor: scalar.anchor, tag: scalar.tag, mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, mark)
      return .listStart
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, mark)
      return .mapStart
    case YAML_ALIAS_EVENT: try refuse(anchor: event.data.alias.anchor, tag: nil, mark)
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_END_EVENT: return .mapEnd
    case YAML_STREAM_END_EVENT: return .streamEnd
    default: break
    }
    return .other
  }

  /// An experiment is read by people: every value stands where it is used, and is what it looks like.
  private func refuse(
    anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?, _ mark: Mark
  ) throws(YAMLFault) {
    if let anchor {
      let name = quoted(String(cString: anchor))
      throw YAMLFault(mark: mark, message: "the anchor or alias \(name) is not accepted; write the value out")
    }
    if let tag {
      throw YAMLFault(
        mark: mark, message: "the tag \(quoted(String(cString: tag))) is not accepted; write the value without it")
    }
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
