/// A text of an HTTP request with placeholders, cut into its pieces: `{name}` in a path, `{{name}}` in a body.
///
/// Names are made of letters, digits and `_`, and do not begin with a digit. Braces around anything else are text.
package struct PlaceholderText: Hashable, Sendable {
  package enum Piece: Hashable, Sendable {
    case text(String)
    case name(String)
  }

  package private(set) var pieces: [Piece] = []

  package init(path: String) { self.init(path, open: ["{"], close: ["}"]) }

  package init(body: String) { self.init(body, open: ["{", "{"], close: ["}", "}"]) }

  private init(_ text: String, open: [Character], close: [Character]) {
    let characters = Array(text)
    var position = 0
    var plain = ""
    while position < characters.count {
      guard let (name, end) = Self.placeholder(characters, position, open, close) else {
        plain.append(characters[position])
        position += 1
        continue
      }
      if !plain.isEmpty { pieces.append(.text(plain)) }
      plain = ""
      pieces.append(.name(name))
      position = end
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
  }

  private static func placeholder(
    _ characters: [Character], _ position: Int, _ open: [Character], _ close: [Character]
  ) -> (name: String, end: Int)? {
    guard characters[position...].starts(with: open) else { return nil }
    let begin = position + open.count
    let name = characters[begin...].prefix { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" }
    guard let first = name.first, !first.isNumber, characters[name.endIndex...].starts(with: close) else { return nil }
    return (String(name), name.endIndex + close.count)
  }

  /// In order of first use, each once.
  package var names: [String] {
    pieces.reduce(into: []) { names, piece in
      if case .name(let name) = piece, !names.contains(name) { names.append(name) }
    }
  }
}

extension HTTPRequestSpec {
  /// Names of the placeholders in path and body, in order of first use, each once: the order of `Transaction.parameters`.
  package var placeholders: [String] {
    let inBody = body.map { PlaceholderText(body: $0).names } ?? []
    return (PlaceholderText(path: path).names + inBody).reduce(into: []) { names, name in
      if !names.contains(name) { names.append(name) }
    }
  }
}
