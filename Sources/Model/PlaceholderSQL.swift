/// Finds `:name` placeholders in a statement, where they are placeholders: not in quotes, comments, dollar quotes or `::` casts.
package struct PlaceholderSQL: Sendable {
  private enum Part {
    case text(String)
    case name(String)

    /// Whether it belongs to a statement, not to the space between two.
    var isCode: Bool {
      guard case .text(let text) = self else { return true }
      return !text.hasPrefix("--") && !text.hasPrefix("/*") && text != ";" && !text.allSatisfy(\.isWhitespace)
    }
  }
  private var parts: [Part] = []
  /// Whether something other than blanks and comments follows a `;`: the extended protocol takes one statement at a time.
  package private(set) var holdsSeveralStatements = false

  package init(_ sql: String) {
    var scanner = Scanner(characters: Array(sql))
    var text = ""
    var isEnded = false
    while let piece = scanner.next() {
      if isEnded, piece.isCode { holdsSeveralStatements = true }
      if case .text(";") = piece { isEnded = true }
      switch piece {
      case .text(let more): text += more
      case .name:
        if !text.isEmpty { parts.append(.text(text)) }
        text = ""
        parts.append(piece)
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
  }

  /// Names in order of first use, each once.
  package var names: [String] {
    var seen: [String] = []
    for case .name(let name) in parts where !seen.contains(name) { seen.append(name) }
    return seen
  }

  /// The statement with the n-th of `order` written `$n`; a name not in `order` stays as it was.
  package func replacing(_ order: [String]) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .name(let name): order.firstIndex(of: name).map { "$\($0 + 1)" } ?? ":\(name)"
      }
    }.joined()
  }

  private struct Scanner {
    let characters: [Character]
    var position = 0

    mutating func next() -> Part? {
      guard position < characters.count else { return nil }
      let character = characters[position]
      switch character {
      case "'", "\"": return .text(quoted(by: character))
      case "-" where peek(1) == "-": return .text(through("\n"))
      case "/" where peek(1) == "*": return .text(through("*/"))
      case "$": return .text(dollarQuoted())
      case ":" where peek(1) == ":": return .text(take(2))
      case ":": return placeholder()
      default: return .text(take(1))
      }
    }

    private func peek(_ offset: Int) -> Character? {
      position + offset < characters.count ? characters[position + offset] : nil
    }

    private mutating func take(_ count: Int) -> String {
      let end = min(position + count, characters.count)
      defer { position = end }
      return String(characters[position..<end])
    }

    private mutating func quoted(by quote: Character) -> String {
      var end = position + 1
      while end < characters.count, characters[end] != quote { end += 1 }
      return take(end - position + 1)
    }

    private mutating func through(_ end: String) -> String {
      let wanted = Array(end)
      var at = position + 1
      while at < characters.count, Array(characters[at..<min(at + wanted.count, characters.count)]) != wanted {
        at += 1
      }
      return take(at - position + wanted.count)
    }

    private mutating func dollarQuoted() -> String {
      var end = position + 1
      while end < characters.count, characters[end].isLetter || characters[end] == "_" { end += 1 }
      guard end < characters.count, characters[end] == "$" else { return take(1) }
      let tag = String(characters[position...end])
      let opening = take(tag.count)
      position -= 1
      return opening + String(through(tag).dropFirst())
    }

    private mutating func placeholder() -> Part {
      var end = position + 1
      guard end < characters.count, characters[end].isLetter || characters[end] == "_" else { return .text(take(1)) }
      while end < characters.count, characters[end].isLetter || characters[end].isNumber || characters[end] == "_" {
        end += 1
      }
      return .name(String(take(end - position).dropFirst()))
    }
  }
}
