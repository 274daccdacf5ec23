import Configuration

/// The text of a snapshot: one `name=value` a line. What a journal keeps of a target, so nothing in it may be secret.
struct SnapshotText: Hashable {
  struct Line: Hashable {
    var name: String
    var value: String
  }

  var lines: [Line]

  init(_ lines: [Line]) { self.lines = lines }

  init(_ pairs: some Sequence<(String, String)>) { lines = pairs.map { Line(name: $0, value: $1) } }

  /// - Parameter snapshot: nil where there was nothing, which has no lines.
  init(_ snapshot: String?) {
    lines = (snapshot ?? "").split(separator: "\n").compactMap { line in
      guard let equals = line.firstIndex(of: "=") else { return nil }
      return Line(name: String(line[..<equals]), value: String(line[equals...].dropFirst()))
    }
  }

  subscript(name: String) -> String? { lines.first { $0.name == name }?.value }

  var text: String { lines.map { "\($0.name)=\($0.value)" }.joined(separator: "\n") }

  /// The text for a journal. Refused is a value that holds a password, or that the text could not give back.
  /// - Parameters:
  ///   - target: whose it is, for the error.
  ///   - place: where the value was found.
  func kept(_ target: String, _ place: String) throws(StagingError) -> String {
    for line in lines {
      let text = "\(line.name)=\(line.value)"
      guard Redaction.text(text) != text || text.contains(where: \.isNewline) else { continue }
      throw StagingError(
        .badValue, target: target, setting: line.name, wanted: "a value on one line that may stand in a journal",
        found: "something else, not shown", path: place)
    }
    return text
  }
}
