/// A place in a file, from 1.
package struct Mark: Hashable, Comparable, Sendable {
  package var line: Int
  package var column: Int
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
  package static let start = Mark(line: 1, column: 1)
  package static func < (left: Mark, right: Mark) -> Bool { (left.line, left.column) < (right.line, right.column) }
}

/// A user's word in quotes, cut when long, with what cannot be seen made visible.
package func quoted(_ word: some StringProtocol) -> String {
  var shown = ""
  for scalar in word.unicodeScalars.prefix(60) {
    shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
  }
  return "'" + shown + (word.unicodeScalars.dropFirst(60).isEmpty ? "" : "...") + "'"
}
