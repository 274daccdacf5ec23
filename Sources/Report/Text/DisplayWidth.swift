/// Columns that text takes on a terminal, and what depends on them: padding, cutting, wrapping.
extension Unicode.Scalar {
  /// 0 for marks that join the character before, 2 for East Asian wide characters and emoji, else 1.
  fileprivate var columns: Int {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    return Self.wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// Control characters, line and paragraph separators, and the marks that override the direction of writing.
  fileprivate var steersTerminal: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
    }
  }

  /// The blocks of Unicode 15's EastAsianWidth.txt that are W or F, and the emoji planes.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x231A...0x231B, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
    0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]
}

extension Character {
  /// A character of several scalars (a flag, a family) takes the room of its widest part.
  fileprivate var columns: Int { unicodeScalars.map(\.columns).max() ?? 0 }
}

extension String {
  var columns: Int { isPlain ? utf8.count : reduce(0) { $0 + $1.columns } }

  /// Printable ASCII: one column each, and nothing that steers a terminal. Nearly every text is, so it is asked first.
  private var isPlain: Bool { utf8.allSatisfy { (0x20...0x7E).contains($0) } }

  /// Without what would move the cursor, end the line or turn its direction: a name from a file cannot write to the
  /// terminal.
  var onOneLine: String {
    guard !isPlain, unicodeScalars.contains(where: \.steersTerminal) else { return self }
    var clean = ""
    for character in self {
      let steers = character.unicodeScalars.contains(where: \.steersTerminal)
      if !steers { clean.append(character) } else { clean += character.isWhitespace ? " " : "?" }
    }
    return clean
  }

  /// The front that fits in `width` columns, with a mark where something was cut off.
  func cut(to width: Int, mark: String) -> String {
    guard columns > width else { return self }
    return take(columns: max(0, width - mark.columns)) + mark
  }

  private func take(columns limit: Int) -> String {
    var taken = ""
    var used = 0
    for character in self {
      used += character.columns
      if used > limit { break }
      taken.append(character)
    }
    return taken
  }

  /// A number and its sign of percent are one.
  private var wordsOfLines: [String] {
    split(separator: " ", omittingEmptySubsequences: true).reduce(into: []) { words, word in
      guard word.first == "%", let last = words.indices.last else { return words.append(String(word)) }
      words[last] += " " + word
    }
  }

  /// Lines of at most `width` columns, broken between words; a word longer than a line is broken where it must.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for var word in wordsOfLines {
      if !line.isEmpty, line.columns + 1 + word.columns <= width { line += " " + word; continue }
      if !line.isEmpty { lines.append(line) }
      while word.columns > width {
        let front = word.take(columns: width)
        guard !front.isEmpty else { break }
        lines.append(front)
        word.removeFirst(front.count)
      }
      line = word
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }
}

extension Style {
  /// A heading at the terminal's width.
  func heading(_ text: String) -> String { paint(paragraph(text), .strong) }

  /// A paragraph at the terminal's width; lines after the first start under `hanging` columns.
  package func paragraph(_ text: String, indent: Int = 0, hanging: Int = 0) -> String {
    let lines = text.onOneLine.wrapped(to: max(10, width - indent - hanging))
    let first = String(repeating: " ", count: indent)
    let rest = String(repeating: " ", count: indent + hanging)
    return lines.enumerated().map { ($0 == 0 ? first : rest) + $1 }.joined(separator: "\n")
  }
}
