/// A table for a terminal or for Markdown: columns aligned, numbers to the right, the last column wrapped.
package struct TextTable: Hashable, Sendable {
  package struct Column: Hashable, Sendable {
    package var title: String
    package var alignsRight: Bool
    package init(_ title: String, right: Bool = false) {
      self.title = title
      alignsRight = right
    }
  }

  package struct Cell: Hashable, Sendable, ExpressibleByStringInterpolation {
    package var text: String
    package var ink: Style.Ink
    package init(_ text: String, _ ink: Style.Ink = .plain) {
      self.text = text.onOneLine
      self.ink = ink
    }
    package init(stringLiteral text: String) { self.init(text) }
  }

  private enum Line: Hashable {
    case row([Cell])
    case section(String)
    case detail(String)
  }

  private var columns: [Column]
  private var lines: [Line] = []
  /// Columns of space before each line.
  private let indent: Int
  private static let gap = 2
  private static let leastText = 14
  private static let longestWord = 48

  package init(_ columns: [Column], indent: Int = 2) {
    self.columns = columns
    self.indent = indent
  }

  package var isEmpty: Bool { lines.isEmpty }

  package mutating func row(_ cells: [Cell]) {
    precondition(cells.count == columns.count, "a row of \(cells.count) cells in a table of \(columns.count)")
    lines.append(.row(cells))
  }

  /// A line of its own that names the rows after it.
  package mutating func section(_ title: String) { lines.append(.section(title)) }

  /// A line under the row before it, over all columns. Not in Markdown.
  package mutating func detail(_ text: String) { lines.append(.detail(text.onOneLine)) }

  /// Whether the columns fit without becoming a list.
  package func fits(_ style: Style) -> Bool { room(style) >= min(naturalWidths.last ?? 0, leastLast) }

  /// Whether the columns fit, with so much room for the last one that texts of `last` columns need no second line.
  func fits(_ style: Style, last: Int) -> Bool { fits(style) && room(style) >= min(naturalWidths.last ?? 0, last) }

  private func room(_ style: Style) -> Int {
    style.width - naturalWidths.dropLast().reduce(indent) { $0 + $1 + Self.gap }
  }

  /// The least room in which the last column can still be read: no word of it broken, short of absurd ones.
  private var leastLast: Int {
    let words = rows.compactMap { $0.last?.text.split(separator: " ").map { String($0).columns }.max() }
    return max(Self.leastText, min(words.max() ?? 0, Self.longestWord))
  }

  /// The table at the terminal's width, without a newline at the end. Where the columns do not fit, each row
  /// becomes a small list instead, so that nothing is cut off.
  package func text(_ style: Style) -> String {
    guard fits(style), let last = naturalWidths.last else { return stacked(style) }
    return aligned(naturalWidths.dropLast() + [min(last, room(style))], style)
  }

  private var rows: [[Cell]] { lines.compactMap { if case .row(let cells) = $0 { cells } else { nil } } }

  private var naturalWidths: [Int] {
    columns.indices.map { column in
      max(columns[column].title.columns, rows.map { $0[column].text.columns }.max() ?? 0)
    }
  }

  private func aligned(_ widths: [Int], _ style: Style) -> String {
    var output: [String] = []
    if columns.contains(where: { !$0.title.isEmpty }) {
      output += wrappedRow(columns.map { Cell($0.title, .strong) }, widths, style)
    }
    for line in lines {
      switch line {
      case .row(let cells): output += wrappedRow(cells, widths, style)
      case .section(let title): output.append(pad + style.paint(title, .strong))
      case .detail(let text): output.append(style.paint(style.paragraph(text, indent: indent + 4), .faint))
      }
    }
    return output.joined(separator: "\n")
  }

  private var pad: String { String(repeating: " ", count: indent) }

  private func wrappedRow(_ cells: [Cell], _ widths: [Int], _ style: Style) -> [String] {
    guard let last = cells.last, let lastWidth = widths.last else { return [] }
    var front = pad
    for (index, cell) in cells.dropLast().enumerated() {
      front += painted(cell.text, cell.ink, widths[index], columns[index].alignsRight, style)
      front += String(repeating: " ", count: Self.gap)
    }
    let blank = String(repeating: " ", count: widths.dropLast().reduce(indent) { $0 + $1 + Self.gap })
    let right = columns[columns.count - 1].alignsRight
    return last.text.wrapped(to: lastWidth).enumerated().map { number, part in
      trimmed((number == 0 ? front : blank) + painted(part, last.ink, lastWidth, right, style))
    }
  }

  /// Colour goes round the words and not round the padding, so that underlines and backgrounds stay short.
  private func painted(_ text: String, _ ink: Style.Ink, _ width: Int, _ right: Bool, _ style: Style) -> String {
    let space = String(repeating: " ", count: max(0, width - text.columns))
    let ink = style.paint(text, ink)
    return right ? space + ink : ink + space
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }

  private func stacked(_ style: Style) -> String {
    var output: [String] = []
    for line in lines {
      switch line {
      case .section(let title): output.append(style.heading(title))
      case .detail(let text): output.append(style.paragraph(text, indent: indent + 2, hanging: 2))
      case .row(let cells):
        output.append(style.paint(style.paragraph(cells.first?.text ?? "", indent: indent, hanging: 2), .strong))
        for (column, cell) in zip(columns, cells).dropFirst() where !cell.text.isEmpty {
          let label = column.title.isEmpty ? "" : column.title + ": "
          output.append(style.paint(style.paragraph(label + cell.text, indent: indent + 2, hanging: 2), cell.ink))
        }
      }
    }
    return output.joined(separator: "\n")
  }

  /// The table as GitHub-flavoured Markdown. A section becomes a row with its title in bold.
  package func markdown() -> String {
    var output = [markdownRow(columns.map(\.title))]
    output.append("|" + columns.map { $0.alignsRight ? "---:|" : "---|" }.joined())
    for line in lines {
      switch line {
      case .row(let cells): output.append(markdownRow(cells.map { Markdown.escaped($0.text) }))
      case .section(let title):
        let blanks = Array(repeating: "", count: columns.count - 1)
        output.append(markdownRow(["**\(Markdown.escaped(title))**"] + blanks))
      case .detail: break
      }
    }
    return output.joined(separator: "\n")
  }

  private func markdownRow(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}

package enum Markdown {
  /// Text that stands for itself in a table cell: pipes, backslashes, angle brackets and emphasis marks are escaped.
  package static func escaped(_ text: String) -> String {
    var output = ""
    var inCode = false
    for character in text.onOneLine {
      if character == "`" { inCode.toggle() }
      switch character {
      case "|": output += "\\|"
      case "\\" where !inCode: output += "\\\\"
      case "<" where !inCode: output += "&lt;"
      case "*" where !inCode: output += "\\*"
      default: output.append(character)
      }
    }
    return output
  }

  /// Text in a code span, fenced by more backticks than it holds.
  package static func code(_ text: String) -> String {
    var longest = 0
    var current = 0
    for character in text {
      current = character == "`" ? current + 1 : 0
      longest = max(longest, current)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return longest == 0 ? fence + text + fence : "\(fence) \(text) \(fence)"
  }
}
