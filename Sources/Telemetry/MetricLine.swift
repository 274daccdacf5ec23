/// One line of a page of metrics, read from left to right. Also the selector of a metric: `name{label="value"}`.
struct MetricLine {
  struct Fault: Error {
    var name: String?
    var message: String
    init(_ name: String?, _ message: String) {
      self.name = name
      self.message = message
    }
  }

  private let bytes: [UInt8]
  private var at: Int
  private let end: Int

  /// Without the line feed. A carriage return before it is passed over.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    at = range.lowerBound
    end =
      range.upperBound > range.lowerBound && bytes[range.upperBound - 1] == 0x0D
      ? range.upperBound - 1 : range.upperBound
  }

  var next: UInt8? { at < end ? bytes[at] : nil }

  mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 { at += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at += 1
    return true
  }

  // MARK: Names and labels

  /// The name that a line begins with; nil when it stands in quotes among the labels, as Prometheus 3 may write it.
  mutating func plainName() throws(Fault) -> String? {
    if next == UInt8(ascii: "{") { return nil }
    let start = at
    while let byte = next, Self.isOfName(byte, first: at == start) || byte == UInt8(ascii: ":") { at += 1 }
    guard at > start else { throw Fault(nil, "no name of a metric begins like this: '\(excerpt(from: start))'") }
    let name = String(decoding: bytes[start..<at], as: UTF8.self)
    if let byte = next, byte != 0x20, byte != 0x09, byte != UInt8(ascii: "{") {
      throw Fault(name, "'\(excerpt(from: start))' is no name of a metric")
    }
    return name
  }

  /// `{a="b",c="d"}`, and a name of the metric in quotes among them.
  mutating func labels(metric: inout String?) throws(Fault) -> [PrometheusText.Label] {
    skipBlanks()
    var labels: [PrometheusText.Label] = []
    guard take(UInt8(ascii: "{")) else { return labels }
    while true {
      skipBlanks()
      if take(UInt8(ascii: "}")) { return labels }
      let isQuoted = next == UInt8(ascii: "\"")
      let name = isQuoted ? try quotedText(metric) : try labelName(metric)
      skipBlanks()
      if take(UInt8(ascii: "=")) {
        skipBlanks()
        guard !labels.contains(where: { $0.name == name }) else {
          throw Fault(metric, "the label '\(name)' comes twice")
        }
        labels.append(PrometheusText.Label(name: name, value: try quotedText(metric)))
      } else if isQuoted, metric == nil {
        metric = name
      } else {
        throw Fault(metric, "the label '\(name)' has no value")
      }
      skipBlanks()
      if take(UInt8(ascii: ",")) { continue }
      guard next == UInt8(ascii: "}") else { throw Fault(metric, "the labels have no end: '}' is missing") }
    }
  }

  private mutating func labelName(_ metric: String?) throws(Fault) -> String {
    let start = at
    while let byte = next, Self.isOfName(byte, first: at == start) { at += 1 }
    guard at > start else { throw Fault(metric, "no name of a label begins like this: '\(excerpt(from: start))'") }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private static func isOfName(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
    default: false
    }
  }

  private static func isName(_ text: String) -> Bool {
    text.utf8.enumerated().allSatisfy { isOfName($1, first: $0 == 0) || $1 == UInt8(ascii: ":") }
  }

  /// Text in quotes, `\\`, `\"` and `\n` resolved; any other backslash stands for itself, as Prometheus takes it.
  private mutating func quotedText(_ metric: String?) throws(Fault) -> String {
    guard take(UInt8(ascii: "\"")) else {
      throw Fault(metric, "a text in quotes should stand at '\(excerpt(from: at))'")
    }
    let start = at
    var text: [UInt8]? = nil
    while let byte = next {
      if byte == UInt8(ascii: "\"") {
        let raw = text.map { $0[...] } ?? bytes[start..<at]
        at += 1
        guard let text = String(validating: raw, as: UTF8.self) else { throw Fault(metric, "a label is not UTF-8") }
        return text
      }
      if byte == UInt8(ascii: "\\") {
        var unescaped = text ?? Array(bytes[start..<at])
        at += 1
        unescaped += Self.resolved(escape: next)
        text = unescaped
        if next != nil { at += 1 }
      } else {
        text?.append(byte)
        at += 1
      }
    }
    throw Fault(metric, "a text in quotes has no end")
  }

  private static func resolved(escape byte: UInt8?) -> [UInt8] {
    switch byte {
    case UInt8(ascii: "n"): [0x0A]
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): [byte ?? 0]
    default: [UInt8(ascii: "\\")] + (byte.map { [$0] } ?? [])
    }
  }

  /// Of a help text.
  static func unescaped(_ text: String) -> String {
    guard text.contains("\\") else { return text }
    var result = ""
    var isEscape = false
    for character in text {
      switch (isEscape, character) {
      case (false, "\\"): isEscape = true
      case (true, "n"): (result, isEscape) = (result + "\n", false)
      case (true, "\\"): (result, isEscape) = (result + "\\", false)
      case (true, _): (result, isEscape) = (result + "\\\(character)", false)
      case (false, _): result.append(character)
      }
    }
    return isEscape ? result + "\\" : result
  }

  // MARK: Values

  /// The value, and the timestamp where there is one. What follows a further `#` is an exemplar of OpenMetrics.
  mutating func values(of name: String) throws(Fault) -> (value: Double, timestamp: Double?) {
    guard let word = word() else { throw Fault(name, "'\(name)' has no value") }
    guard let value = Self.number(word) else { throw Fault(name, "'\(word.prefix(40))' is no number") }
    skipBlanks()
    if next == nil || next == UInt8(ascii: "#") { return (value, nil) }
    guard let stamp = self.word(), let timestamp = Self.number(stamp), timestamp.isFinite else {
      throw Fault(name, "what follows the value of '\(name)' is no timestamp")
    }
    skipBlanks()
    guard next == nil || next == UInt8(ascii: "#") else {
      throw Fault(name, "something follows the timestamp of '\(name)'")
    }
    return (value, timestamp)
  }

  var isAtEnd: Bool { at == end }

  private mutating func word() -> String? {
    skipBlanks()
    let start = at
    while let byte = next, byte != 0x20, byte != 0x09 { at += 1 }
    return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
  }

  /// Decimal, `NaN`, `Inf`, `+Inf`, `-Inf` in any case; not the hexadecimal numbers that Swift would take too.
  private static func number(_ word: String) -> Double? {
    let isDecimal = word.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    if isDecimal { return Double(word) }
    switch word.lowercased() {
    case "nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }

  // MARK: Comments

  /// The word after `#` and, where there is more, the name and text behind it; nil when it is a note for people.
  mutating func comment() throws(Fault) -> (word: String, rest: (name: String, text: String)?)? {
    at += 1
    guard let word = word() else { return nil }
    if word == "EOF" {
      skipBlanks()
      return next == nil ? (word, nil) : nil
    }
    guard word == "TYPE" || word == "HELP" else { return nil }
    skipBlanks()
    let isQuoted = next == UInt8(ascii: "\"")
    let name = isQuoted ? try quotedText(nil) : self.word()
    guard let name else { throw Fault(nil, "# \(word) names no metric") }
    guard isQuoted || Self.isName(name) else { throw Fault(nil, "'\(name.prefix(40))' is no name of a metric") }
    skipBlanks()
    guard let text = String(validating: bytes[at..<end], as: UTF8.self) else {
      throw Fault(name, "# \(word) of '\(name)' is not UTF-8")
    }
    return (word, (name, word == "TYPE" ? String(text.prefix { $0 != " " && $0 != "\t" }) : text))
  }

  private func excerpt(from start: Int) -> String {
    String(decoding: bytes[start..<min(end, start + 20)], as: UTF8.self)
  }
}
