/// One `name=value` of a settings file, with where it stands.
struct WrittenSetting: Hashable {
  var name: String
  var value: String
  var line: Int
}

/// Splits a settings file into names and values: `name=value`, `name: value`, `name value`, the queries of URLs and
/// connection strings. Comments, section heads and braces are passed over.
struct SettingsText {
  var settings: [WrittenSetting] = []
  /// Lines that are none of these.
  var unreadable: [Int] = []
  /// Sections whose settings are of single databases or users, not of the pool: where they start, and their names.
  var passedOver: [(line: Int, name: String)] = []
  private var isPassedOver = false

  init(_ text: String) {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() { read(line.trimmed, number: index + 1) }
  }

  private mutating func read(_ line: Substring, number: Int) {
    if line.hasPrefix("["), line.hasSuffix("]") { return section(String(line.dropFirst().dropLast()), number) }
    guard !isPassedOver, let first = line.first, !"#;[]{}".contains(first), !line.hasPrefix("//") else { return }
    if line.hasPrefix("?") || line.contains("://") { return query(of: line, number) }
    let words = line.split(whereSeparator: \.isWhitespace)
    let pairs = words.filter { $0.contains("=") && !$0.hasPrefix("=") }
    if words.count > 1, pairs.count == words.count {
      for word in words { add(word, number) }
    } else {
      add(line.hasPrefix("export ") ? line.dropFirst(7).trimmed : line, number)
    }
  }

  private mutating func section(_ name: String, _ number: Int) {
    isPassedOver = ["databases", "users", "peers"].contains(name)
    if isPassedOver { passedOver.append((number, name)) }
  }

  /// What stands behind the host, so that nothing of a password is taken for a setting.
  private mutating func query(of line: Substring, _ number: Int) {
    let tail = line.lastIndex(of: "@").map { line[$0...] } ?? line
    guard let mark = tail.firstIndex(of: "?") else { return }
    let end = tail[mark...].firstIndex { $0.isWhitespace || "\"'`,;)#".contains($0) } ?? tail.endIndex
    for pair in tail[tail.index(after: mark)..<end].split(separator: "&") { add(pair, number) }
  }

  private mutating func add(_ text: Substring, _ number: Int) {
    let separator = text.firstIndex { "=:".contains($0) } ?? text.firstIndex(where: \.isWhitespace)
    guard let separator, separator != text.startIndex else { return unreadable.append(number) }
    let name = text[..<separator].trimmed
    let value = Self.value(text[text.index(after: separator)...].trimmed)
    settings.append(WrittenSetting(name: String(name.unquoted), value: value, line: number))
  }

  private static func value(_ text: Substring) -> String {
    if let quote = text.first, "\"'".contains(quote), let end = text.dropFirst().firstIndex(of: quote) {
      return String(text[text.index(after: text.startIndex)..<end])
    }
    let comment = text.indices.first {
      text[$0] == "#" && ($0 == text.startIndex || text[text.index(before: $0)] == " ")
    }
    var value = text[..<(comment ?? text.endIndex)].trimmed
    while let last = value.last, ",;".contains(last) { value = value.dropLast().trimmed }
    return String(value)
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  fileprivate var unquoted: Substring {
    guard let quote = first, "\"'".contains(quote), count > 1, last == quote else { return self }
    return dropFirst().dropLast()
  }
}
