/// A name that a person gave to a run: `golden`. A run may have several; a name belongs to one run at a time.
package struct Tag: Hashable, Sendable {
  package var name: String
  package var run: RunID
  package var set: Timestamp
  package init(name: String, run: RunID, set: Timestamp) {
    self.name = name
    self.run = run
    self.set = set
  }

  /// Longest name, so that lists keep their shape.
  package static let longestName = 40

  /// What keeps a text from being a tag's name, as the end of a sentence; nil when it is one.
  package static func fault(inName name: String) -> String? {
    if name.isEmpty { return "is empty" }
    if name.count > longestName { return "is longer than \(longestName) characters" }
    if RunID(text: name) != nil { return "is the name of a run" }
    guard let first = name.unicodeScalars.first, isLetter(first) else { return "does not begin with a letter" }
    guard let odd = name.unicodeScalars.first(where: { !isLetter($0) && !"0123456789-_.".unicodeScalars.contains($0) })
    else { return nil }
    return "has '\(Character(odd))' in it; letters, digits, '-', '_' and '.' are accepted"
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }
}
