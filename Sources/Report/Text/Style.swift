/// How text may look where it is going to be read. Colour only adds: without it nothing is lost.
package struct Style: Hashable, Sendable {
  /// What a piece of text means, and so how it is coloured.
  package enum Ink: Hashable, Sendable { case plain, good, bad, warning, faint, strong }

  package var colour: Bool
  /// Whether the terminal shows characters beyond ASCII.
  package var unicode: Bool
  /// Columns of the terminal; at least 20 are assumed.
  package var width: Int
  package init(colour: Bool = false, unicode: Bool = true, width: Int = 100) {
    self.colour = colour
    self.unicode = unicode
    self.width = max(20, width)
  }

  /// `text` in the ink's colour, or as it is when colour is off.
  package func paint(_ text: String, _ ink: Ink) -> String {
    guard colour, !text.isEmpty, let code = Self.code(ink) else { return text }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }

  private static func code(_ ink: Ink) -> String? {
    switch ink {
    case .plain: nil
    case .good: "32"
    case .bad: "31"
    case .warning: "33"
    case .faint: "2"
    case .strong: "1"
    }
  }

  var arrow: String { unicode ? "→" : "->" }
  var tick: String { unicode ? "✓" : "+" }
  var cross: String { unicode ? "✗" : "x" }
  var bullet: String { unicode ? "•" : "*" }
}
