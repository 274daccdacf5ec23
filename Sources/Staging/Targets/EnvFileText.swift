/// The text of an env file, line by line, as bytes: what is not edited comes out as it went in.
///
/// Understood are `KEY=value`, `export KEY=value`, single and double quotes (also over several lines), comments, LF and
/// CRLF, and a last line without an end. Of a key that stands several times the last line counts, as in a shell.
struct EnvFileText: Equatable {
  /// A line with its end; a quoted value over several lines is one of these.
  private struct Line: Equatable {
    var text: String
    var end: String
    var assignment: Assignment?
  }

  /// Where key and value stand in a line, so that an edit leaves the rest alone.
  private struct Assignment: Equatable {
    var key: String
    /// All up to the value, with the opening quote.
    var head: String
    var value: String
    /// The closing quote, blanks and a comment.
    var tail: String
  }

  private var lines: [Line]

  init(_ text: String) {
    lines = []
    var rest = text.unicodeScalars[...]
    while !rest.isEmpty { lines.append(Self.takeLine(&rest)) }
  }

  var text: String { lines.map { $0.text + $0.end }.joined() }
  var isEmpty: Bool { lines.isEmpty }

  var settings: [(name: String, value: String)] {
    lines.compactMap { $0.assignment.map { (name: $0.key, value: $0.value) } }
  }

  /// The value that counts, and the number of its line from 1; nil when the key is not there.
  func value(of key: String) -> (value: String, line: Int)? {
    var number = 1
    var found: (String, Int)?
    for line in lines {
      if let assignment = line.assignment, assignment.key == key { found = (assignment.value, number) }
      number += 1 + line.text.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    return found
  }

  /// The number of a line that assigns `key` and opens a quote that nothing closes; nil when there is none.
  func lineOfOpenQuote(of key: String) -> Int? {
    var number = 1
    for line in lines {
      if line.assignment?.key == key, Self.openQuote(of: line.assignment) != nil { return number }
      number += 1 + line.text.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    return nil
  }

  /// The lines that assign `key`, in their order, without their ends.
  func lines(of key: String) -> [String] { indices(of: key).map { lines[$0].text } }

  /// Gives `key` a value: in the line that counts, or in a new last one.
  mutating func set(_ key: String, to value: String) {
    guard let index = indices(of: key).last, let assignment = lines[index].assignment else {
      append("\(key)=\(value)")
      return
    }
    lines[index] = Line(
      text: assignment.head + value + assignment.tail, end: lines[index].end,
      assignment: Assignment(key: key, head: assignment.head, value: value, tail: assignment.tail))
  }

  /// Makes `wanted` the lines that assign `key`, as `lines(of:)` returned them.
  mutating func restore(_ wanted: [String], of key: String) {
    let present = indices(of: key)
    for (index, text) in zip(present, wanted) {
      lines[index] = Line(text: text, end: lines[index].end, assignment: Self.assignment(in: text))
    }
    for text in wanted.dropFirst(present.count) { append(text) }
    for index in present.dropFirst(wanted.count).reversed() { remove(at: index) }
  }

  private func indices(of key: String) -> [Int] { lines.indices.filter { lines[$0].assignment?.key == key } }

  /// A file whose last line has no end keeps it so: `remove` can then give back what was there.
  private mutating func append(_ text: String) {
    let end = lines.first.map { $0.end.isEmpty ? "\n" : $0.end } ?? "\n"
    var added = Line(text: text, end: end, assignment: Self.assignment(in: text))
    if let last = lines.indices.last, lines[last].end.isEmpty {
      lines[last].end = end
      added.end = ""
    }
    lines.append(added)
  }

  private mutating func remove(at index: Int) {
    let removed = lines.remove(at: index)
    if removed.end.isEmpty, let last = lines.indices.last { lines[last].end = "" }
  }
}

// Reading.
extension EnvFileText {
  /// Takes one line, or as many as a quoted value goes over.
  private static func takeLine(_ rest: inout Substring.UnicodeScalarView) -> Line {
    var (text, end) = takePlainLine(&rest)
    var assignment = assignment(in: text)
    if let quote = openQuote(of: assignment) {
      var ahead = rest
      var whole = text
      var lastEnd = end
      while !ahead.isEmpty {
        let (next, nextEnd) = takePlainLine(&ahead)
        whole += lastEnd + next
        lastEnd = nextEnd
        guard next.contains(quote) else { continue }
        (text, end, rest) = (whole, lastEnd, ahead)
        assignment = Self.assignment(in: text)
        break
      }
    }
    return Line(text: text, end: end, assignment: assignment)
  }

  private static func takePlainLine(_ rest: inout Substring.UnicodeScalarView) -> (text: String, end: String) {
    guard let mark = rest.firstIndex(of: "\n") else {
      defer { rest = rest[rest.endIndex...] }
      return (String(rest), "")
    }
    let line = rest[..<mark]
    rest = rest[rest.index(after: mark)...]
    return line.last == "\r" ? (String(line.dropLast()), "\r\n") : (String(line), "\n")
  }

  /// The quote that the value opens and does not close.
  private static func openQuote(of assignment: Assignment?) -> Character? {
    guard let assignment, let quote = assignment.head.last, quote == "\"" || quote == "'" else { return nil }
    return assignment.tail.isEmpty ? quote : nil
  }

  private static func assignment(in line: String) -> Assignment? {
    guard let equals = line.firstIndex(of: "="), let key = key(in: line[..<equals]) else { return nil }
    var head = line[...equals]
    var rest = line[line.index(after: equals)...]
    let blanks = rest.prefix { $0 == " " || $0 == "\t" }
    head = line[..<blanks.endIndex]
    rest = rest[blanks.endIndex...]
    if let quote = rest.first, quote == "\"" || quote == "'" {
      let inside = rest.dropFirst()
      let close = inside.firstIndex(of: quote) ?? inside.endIndex
      return Assignment(
        key: key, head: String(head) + String(quote), value: String(inside[..<close]), tail: String(inside[close...]))
    }
    let end = valueEnd(rest)
    return Assignment(key: key, head: String(head), value: String(rest[..<end]), tail: String(rest[end...]))
  }

  /// An unquoted value ends before a comment, which a blank must precede, and before blanks at the end.
  private static func valueEnd(_ text: Substring) -> Substring.Index {
    var value = text
    var previous: Character = " "
    for index in text.indices {
      if text[index] == "#", previous == " " || previous == "\t" {
        value = text[..<index]
        break
      }
      previous = text[index]
    }
    while let last = value.last, last.isWhitespace { value = value.dropLast() }
    return value.endIndex
  }

  private static func key(in text: Substring) -> String? {
    var words = text.split { $0 == " " || $0 == "\t" }
    if words.count == 2, words[0] == "export" { words.removeFirst() }
    guard words.count == 1, let first = words[0].utf8.first, !(48...57).contains(first) else { return nil }
    let isName = words[0].utf8.allSatisfy { byte in
      (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "_")
    }
    return isName ? String(words[0]) : nil
  }
}
