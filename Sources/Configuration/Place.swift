/// Where something is written, as an editor or a compiler would say it.
package struct Place: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The path as the person gave it, or as an include names it.
  package var file: String
  /// From 1; 0 where there are no lines: a view of a running server.
  package var line: Int
  /// From 1; nil where only the line is known.
  package var column: Int?

  package init(_ file: String, line: Int, column: Int? = nil) {
    self.file = file
    self.line = line
    self.column = column
  }

  package var description: String {
    guard line > 0 else { return file }
    return "\(file):\(line)" + (column.map { ":\($0)" } ?? "")
  }

  package static func < (left: Place, right: Place) -> Bool {
    (left.file, left.line, left.column ?? 0) < (right.file, right.line, right.column ?? 0)
  }
}
