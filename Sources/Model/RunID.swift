/// Names a run: `run-12`.
package struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var number: Int
  package init(_ number: Int) { self.number = number }

  /// Reads `run-12` or `12`.
  package init?(text: String) {
    let digits = text.hasPrefix("run-") ? text.dropFirst(4) : text[...]
    guard let number = Int(digits), number > 0, digits.allSatisfy(\.isNumber) else { return nil }
    self.number = number
  }
  package var description: String { "run-\(number)" }
  package static func < (left: RunID, right: RunID) -> Bool { left.number < right.number }
}
