import Model

/// Finds what comments tell poolops, while a reader goes through a file from its head to its end.
package struct Directives {
  /// Facts that some part of poolops reads. Others are kept as well; what is nearly one of these is a mistake.
  package static let knownFacts = [
    "connections", "database", "jobs", "overflow", "pool", "pooler", "pools", "processes", "replicas", "role", "server",
    "surge", "threads", "timeout", "version",
  ]
  private static let most = 1_000

  private let path: String
  private var found: [Directive] = []
  /// Indices of those that stand alone and wait for a line that says something.
  private var waiting: [Int] = []
  private var saysSomething = false

  package init(path: String) { self.path = path }

  /// A comment, without its mark.
  ///
  /// - Parameters:
  ///   - column: where the mark stands, from 1.
  ///   - statement: the line of what stands before it; nil for a comment that has its line to itself.
  package mutating func comment(_ text: ArraySlice<UInt8>, line: Int, column: Int, after statement: Int? = nil) {
    guard let body = Self.body(of: text), found.count < Self.most else { return }
    let alone = statement == nil
    if alone && saysSomething { waiting.append(found.count) }
    found.append(
      Directive(
        Self.content(of: body), at: Place(path, line: line, column: column), standsAlone: alone, line: statement))
  }

  /// A line that says something: comments above it may speak of it.
  package mutating func statement(line: Int) {
    saysSomething = true
    if waiting.isEmpty { return }
    for index in waiting { found[index].line = line }
    waiting = []
  }

  /// All of them, when the file is at its end.
  package consuming func finish() -> [Directive] {
    for index in waiting {
      found[index].content = .unreadable("nothing follows that it could speak of: it stands at the end of the file")
      found[index].line = found[index].place.line
    }
    return found
  }

  /// Those of a text whose comments begin with `#`, after a blank or at the head of a line, as in YAML.
  package static func scan(_ text: SourceText) -> [Directive] {
    guard mentionsPoolops(text.bytes) else { return [] }
    var directives = Directives(path: text.path)
    for (index, range) in text.lines.enumerated() {
      let line = text.bytes[range]
      guard let first = line.firstIndex(where: { !$0.isBlank }) else { continue }
      if line[first] != .hash { directives.statement(line: index + 1) }
      for mark in line.indices where line[mark] == .hash && (mark == first || line[mark - 1].isBlank) {
        directives.comment(
          line[(mark + 1)...], line: index + 1, column: mark - range.lowerBound + 1,
          after: mark == first ? nil : index + 1)
      }
    }
    return directives.finish()
  }

  private static func mentionsPoolops(_ bytes: [UInt8]) -> Bool {
    let word = Array("poolops".utf8)
    for index in bytes.indices where bytes[index] | 32 == word[0] {
      if bytes[index...].prefix(word.count).elementsEqual(word, by: { $0 | 32 == $1 }) { return true }
    }
    return false
  }

  /// What follows `poolops:`; nil for other comments.
  private static func body(of comment: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = comment.drop { $0.isBlank }
    guard let first = rest.first, first | 32 == UInt8(ascii: "p"), rest.starts(withLowercase: "poolops:") else {
      return nil
    }
    rest.removeFirst(8)
    return rest.trimmed
  }
}

// What it says.
extension Directives {
  private static func content(of body: ArraySlice<UInt8>) -> Directive.Content {
    let word = body.prefix { !$0.isBlank && $0 != .colon }
    if word.elementsEqual("ignore".utf8) { return ignore(body.dropFirst(word.count).trimmed) }
    if body.isEmpty { return .unreadable("it says nothing; accepted are \(accepted)") }
    return facts(body)
  }

  private static let accepted = "'ignore RULE: reason' and 'key=value ...'"

  private static func ignore(_ body: ArraySlice<UInt8>) -> Directive.Content {
    let rule = body.prefix { $0 != .colon }
    let name = rule.trimmed
    guard !name.isEmpty else { return .unreadable("'ignore' names no rule: write 'ignore RULE: reason'") }
    guard name.allSatisfy({ $0.isNameByte || $0 == .dash }) else {
      return .unreadable("after 'ignore' stands the id of one rule, then a colon and the reason")
    }
    let reason = body.dropFirst(rule.count + 1).trimmed
    guard !reason.isEmpty else {
      return .unreadable("'ignore \(name.text)' gives no reason: write 'ignore \(name.text): why it is right here'")
    }
    return .ignore(rule: name.text, reason: Redaction.text(reason.text))
  }

  private static func facts(_ body: ArraySlice<UInt8>) -> Directive.Content {
    var facts: [String: String] = [:]
    var rest = body
    while !rest.isEmpty {
      let name = rest.prefix { $0.isNameByte || $0 == .dash || $0 == .dot }
      rest = rest.dropFirst(name.count)
      guard !name.isEmpty, rest.first == .equals else { return unreadable(name) }
      guard let value = value(&rest) else { return .unreadable("the quote after '\(name.text)=' is not closed") }
      let key = name.text
      if let fault = fault(in: key, value, known: facts) { return .unreadable(fault) }
      facts[key] = Redaction.isSecret(key) ? Written.hidden : Redaction.text(value.text)
      rest = rest.drop { $0.isBlank || $0 == .comma }
    }
    return .facts(facts)
  }

  private static func unreadable(_ word: ArraySlice<UInt8>) -> Directive.Content {
    guard !word.isEmpty, word.count <= 40 else { return .unreadable("it is neither of \(accepted)") }
    if let near = nearest(to: word.text, in: ["ignore"]) {
      return .unreadable("'\(word.text)': did you mean '\(near)'?")
    }
    return .unreadable("'\(word.text)' has no '=value'; accepted are \(accepted)")
  }

  /// Takes `=value` or `="a value"`; nil when the quote has no end.
  private static func value(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    rest.removeFirst()
    guard rest.first == .doubleQuote else {
      let value = rest.prefix { !$0.isBlank }
      rest = rest.dropFirst(value.count)
      return value.last == .comma ? value.dropLast() : value
    }
    let inside = rest.dropFirst()
    guard let end = inside.firstIndex(of: .doubleQuote) else { return nil }
    rest = rest[(end + 1)...]
    return inside[..<end]
  }

  private static func fault(in key: String, _ value: ArraySlice<UInt8>, known: [String: String]) -> String? {
    if value.isEmpty { return "'\(key)=' has no value" }
    if known[key] != nil { return "'\(key)' stands twice" }
    guard !knownFacts.contains(key), key.utf8.count <= 40, let near = nearest(to: key, in: knownFacts) else {
      return nil
    }
    return "'\(key)': did you mean '\(near)'?"
  }
}
