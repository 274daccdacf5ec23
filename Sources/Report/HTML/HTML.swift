/// A piece of a page. Text gets into it escaped, so that nothing that was measured or typed can become markup.
package struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
  package let source: String

  /// Text, escaped.
  package init(_ text: String) { source = Self.escaped(text) }
  package init(stringLiteral text: String) { self.init(text) }

  /// Markup that was made by code that escapes what it is given.
  package init(markup: String) { source = markup }

  package init(_ pieces: [HTML]) { source = pieces.map(\.source).joined() }

  /// `<name attribute="value">children</name>`; the values are escaped.
  package static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [HTML]
  ) -> HTML {
    let words = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
    return HTML(markup: "<\(name)\(words)>" + children.map(\.source).joined() + "</\(name)>")
  }

  static func element(_ name: String, _ text: String) -> HTML { element(name, [HTML(text)]) }
  static func element(_ name: String, _ children: [HTML]) -> HTML { element(name, [:], children) }

  /// For text and for attribute values. What no page may hold (control characters other than line ends and tabs)
  /// becomes the replacement character.
  package static func escaped(_ text: String) -> String {
    var output = ""
    output.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      case "'": output += "&#39;"
      case "\n", "\t": output.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): output += "\u{FFFD}"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}

/// A table with named columns, in a box of its own that scrolls where the page is too narrow for it.
struct HTMLTable {
  struct Cell {
    var content: [HTML]
    /// A class of the style sheet.
    var look: String = ""
    init(_ text: String, _ look: String = "") { self.init([HTML(text)], look) }
    init(_ content: [HTML], _ look: String = "") {
      self.content = content
      self.look = look
    }
  }

  /// What a screen reader says first.
  let caption: String
  let columns: [TextTable.Column]
  /// A class of the style sheet.
  let look: String
  private(set) var rows: [[Cell]] = []

  init(_ caption: String, look: String = "", _ columns: [TextTable.Column]) {
    self.caption = caption
    self.look = look
    self.columns = columns
  }

  mutating func row(_ cells: [Cell]) { rows.append(cells) }

  var html: HTML {
    let head = zip(columns.indices, columns).map { index, column in
      HTML.element("th", ["scope": "col", "class": look(index)], [HTML(column.title)])
    }
    let body = rows.map { row in
      HTML.element(
        "tr",
        row.enumerated().map { index, cell in
          index == 0
            ? HTML.element("th", ["scope": "row", "class": cell.look], cell.content)
            : HTML.element("td", ["class": joined(look(index), cell.look)], cell.content)
        })
    }
    let table = HTML.element(
      "table", ["class": look],
      [
        HTML.element("caption", [HTML(caption)]), HTML.element("thead", [HTML.element("tr", head)]),
        HTML.element("tbody", body.map { HTML(markup: $0.source + "\n") }),
      ])
    // A box that scrolls must be reachable with the keyboard, and so needs a name.
    return .element("div", ["class": "scroll", "role": "region", "tabindex": "0", "aria-label": caption], [table])
  }

  private func look(_ column: Int) -> String { columns[column].alignsRight ? "number" : "" }
  private func joined(_ words: String...) -> String { words.filter { !$0.isEmpty }.joined(separator: " ") }
}

extension Style.Ink {
  /// The class of the style sheet.
  var look: String {
    switch self {
    case .good: "good"
    case .bad: "bad"
    case .warning: "warning"
    case .plain, .faint, .strong: ""
    }
  }
}
