/// The text of `pgbouncer.ini`, line by line: what is not edited comes out as it went in.
///
/// Of a key that stands several times in `[pgbouncer]` the last line counts, and of several such sections the last one.
struct IniText: Equatable {
  private var lines: [Substring]
  private let end: String

  init(_ text: String) {
    end = text.utf8.contains(UInt8(ascii: "\r")) ? "\r\n" : "\n"
    // A CRLF is one character, so lines are split by what ends them.
    lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
  }

  var text: String { lines.joined(separator: end) }

  /// The value that counts, and the number of its line from 1.
  func value(of key: String) -> (value: String, line: Int)? {
    guard let index = index(of: key), let range = Self.value(in: lines[index]) else { return nil }
    return (String(lines[index][range]), index + 1)
  }

  /// Gives `key` a value: in the line that counts, or in a new one after the last setting of the section.
  /// False where there is no section `[pgbouncer]`.
  mutating func set(_ key: String, to value: String) -> Bool {
    if let index = index(of: key), let range = Self.value(in: lines[index]) {
      let line = lines[index]
      lines[index] = (line[..<range.lowerBound] + value + line[range.upperBound...])[...]
      return true
    }
    guard let section else { return false }
    let last = section.last { !lines[$0].allSatisfy(\.isWhitespace) } ?? section.lowerBound
    lines.insert("\(key) = \(value)", at: last + 1)
    return true
  }

  mutating func remove(_ key: String) {
    while let index = index(of: key) { lines.remove(at: index) }
  }

  /// The lines of the last section `[pgbouncer]`, its head included.
  private var section: Range<Int>? {
    guard let head = lines.lastIndex(where: { Self.section(of: $0) == "pgbouncer" }) else { return nil }
    let next = lines[(head + 1)...].firstIndex { Self.section(of: $0) != nil } ?? lines.endIndex
    return head..<next
  }

  private func index(of key: String) -> Int? {
    section?.last { Self.key(of: lines[$0]) == key[...] }
  }

  private static func section(of line: Substring) -> Substring? {
    let text = line.drop(while: \.isWhitespace)
    guard text.first == "[", let close = text.firstIndex(of: "]") else { return nil }
    return text[text.index(after: text.startIndex)..<close]
  }

  private static func key(of line: Substring) -> Substring? {
    let text = line.drop(while: \.isWhitespace)
    guard let first = text.first, first != ";", first != "#", let equals = text.firstIndex(of: "=") else { return nil }
    return text[..<equals].split(whereSeparator: \.isWhitespace).first
  }

  /// Without the blanks around it. PgBouncer knows no comment behind a value.
  private static func value(in line: Substring) -> Range<Substring.Index>? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    let rest = line[line.index(after: equals)...]
    let start = rest.firstIndex { !$0.isWhitespace } ?? rest.endIndex
    let last = rest.lastIndex { !$0.isWhitespace }
    return start..<(last.map { rest.index(after: $0) } ?? rest.endIndex)
  }
}
