/// The parameters of a database's URL, edited in its text: the rest of it stays byte for byte.
struct URLParameters {
  private(set) var text: String

  init(_ text: String) { self.text = text }

  /// The value of the parameter that counts, the last of its name; nil when there is none.
  func value(of name: String) -> String? {
    pairs.last { $0.name == name }.map { String(text[$0.value]) }
  }

  /// Gives the parameter a value: where it stands, or as the last one.
  mutating func set(_ name: String, to value: String) {
    if let pair = pairs.last(where: { $0.name == name }) {
      text.replaceSubrange(pair.value, with: value)
    } else {
      let end = queryEnd
      let separator = queryStart == nil ? "?" : (queryIsOpen ? "" : "&")
      text.insert(contentsOf: "\(separator)\(name)=\(value)", at: end)
    }
  }

  /// Takes every parameter of this name away, and the `?` with the last one.
  mutating func remove(_ name: String) {
    while let pair = pairs.last(where: { $0.name == name }) {
      var range = pair.whole
      let before = text.index(before: range.lowerBound)
      if range.upperBound < queryEnd {
        range = range.lowerBound..<text.index(after: range.upperBound)
      } else {
        range = before..<range.upperBound
      }
      text.removeSubrange(range)
    }
  }

  private struct Pair {
    var name: Substring
    var whole: Range<String.Index>
    var value: Range<String.Index>
  }

  private var pairs: [Pair] {
    guard let start = queryStart else { return [] }
    var found: [Pair] = []
    for part in text[start..<queryEnd].split(separator: "&") {
      guard let equals = part.firstIndex(of: "=") else { continue }
      found.append(
        Pair(
          name: part[..<equals], whole: part.startIndex..<part.endIndex,
          value: part.index(after: equals)..<part.endIndex))
    }
    return found
  }

  /// After the `?`. A password may hold one: the query begins after the user's part.
  private var queryStart: String.Index? {
    let authority = text.firstRange(of: "://")?.upperBound ?? text.startIndex
    let rest = text[authority...]
    var from = authority
    if let mark = rest.firstIndex(of: "?") {
      let at = rest[..<mark].lastIndex(of: "@")
      // No `@` before the mark, one after it and no parameter between: the mark is part of a password.
      if at == nil, let later = rest[mark...].lastIndex(of: "@"), !rest[mark..<later].contains("=") { from = later }
    }
    return text[from...].firstIndex(of: "?").map { text.index(after: $0) }
  }

  private var queryEnd: String.Index {
    text[(queryStart ?? text.startIndex)...].firstIndex(of: "#") ?? text.endIndex
  }

  /// Nothing stands after the `?`, or an `&` does already.
  private var queryIsOpen: Bool {
    let last = text[text.index(before: queryEnd)]
    return last == "?" || last == "&"
  }
}
