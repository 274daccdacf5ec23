/// A condition on a run: `p(95) < 400ms`, `acquire_timeouts == 0`, `p(95) <= baseline * 1.10 + 5ms`,
/// `connections_used <= 80%`.
package struct Condition: Hashable, Sendable {
  package enum Comparator: String, CaseIterable, Hashable, Sendable {
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case equal = "=="
    case less = "<"
    case greater = ">"

    package func holds(_ left: Double, _ right: Double) -> Bool {
      switch self {
      case .lessOrEqual: left <= right
      case .greaterOrEqual: left >= right
      case .equal: left == right
      case .less: left < right
      case .greater: left > right
      }
    }
  }

  /// The right side: a figure, or one derived from the baseline's value of the same metric.
  package enum Bound: Hashable, Sendable {
    /// In the metric's base unit (seconds, shares, counts).
    case absolute(Double)
    /// `baseline * factor + margin`, the margin in the metric's base unit.
    case baseline(factor: Double, margin: Double)
    /// A share of the pool's `max_size`, 0...: of a metric that counts connections.
    case shareOfMaximum(Double)
  }

  package var metric: Metric
  package var comparator: Comparator
  package var bound: Bound
  /// As the file has it.
  package var text: String

  package init(metric: Metric, comparator: Comparator, bound: Bound, text: String) {
    self.metric = metric
    self.comparator = comparator
    self.bound = bound
    self.text = text
  }

  /// The limit in the metric's base unit; nil when it needs a baseline or a size that is missing.
  package func limit(baseline: Double?, maxSize: Int? = nil) -> Double? {
    switch bound {
    case .absolute(let value): value
    case .shareOfMaximum(let share): maxSize.map { share * Double($0) }
    case .baseline(let factor, let margin): baseline.map { $0 * factor + margin }
    }
  }
}

/// A condition under which the load is stopped and the change put back: `error_rate > 20% for 10s`.
package struct Guard: Hashable, Sendable {
  package var condition: Condition
  /// How long it must hold, second by second, before it trips.
  package var hold: Duration
  package var text: String
  package init(condition: Condition, hold: Duration, text: String) {
    self.condition = condition
    self.hold = hold
    self.text = text
  }
}

extension Guard {
  /// Half of the requests failing for ten seconds: nothing that is measured from here on is worth what it does to
  /// staging.
  package static let hardStop = Guard(
    condition: Condition(
      metric: .errorRate, comparator: .greater, bound: .absolute(0.5), text: "error_rate > 50% for 10s"),
    hold: .seconds(10), text: "error_rate > 50% for 10s")
}

/// Why an expression could not be read: the sentence, and where in the text (a character offset).
package struct ExpressionFault: Error, Hashable, Sendable {
  package var message: String
  package var offset: Int
}

extension Condition {
  package init(parsing text: String) throws(ExpressionFault) {
    var reader = ExpressionReader(text)
    self = try reader.condition(text: text)
    try reader.expectEnd()
  }
}

extension Guard {
  package init(parsing text: String) throws(ExpressionFault) {
    var reader = ExpressionReader(text)
    let condition = try reader.condition(text: text)
    if condition.metric.isDrift {
      throw ExpressionFault(
        message: "\(condition.metric.word) is known only when the load is over, and cannot guard it; make it a check",
        offset: 0)
    }
    let hold = try reader.hold()
    try reader.expectEnd()
    self.init(condition: condition, hold: hold, text: text)
  }
}

/// Splits an expression into words and reads it from left to right.
private struct ExpressionReader {
  private struct Word {
    var text: String
    var offset: Int
  }
  private var words: [Word]
  private var position = 0
  private let length: Int

  init(_ text: String) {
    var words: [Word] = []
    var current = Word(text: "", offset: 0)
    let operators: Set<Character> = ["<", ">", "=", "*", "+"]
    for (offset, character) in text.enumerated() {
      let isOperator = operators.contains(character)
      let continues = current.text.last.map { operators.contains($0) == isOperator } ?? true
      if character.isWhitespace || !continues, !current.text.isEmpty {
        words.append(current)
        current.text = ""
      }
      if character.isWhitespace { continue }
      if current.text.isEmpty { current.offset = offset }
      current.text.append(character)
    }
    if !current.text.isEmpty { words.append(current) }
    self.words = words
    length = text.count
  }

  private var next: Word? { position < words.count ? words[position] : nil }

  private mutating func take(_ what: String) throws(ExpressionFault) -> Word {
    guard let word = next else { throw ExpressionFault(message: "\(what) is missing", offset: length) }
    position += 1
    return word
  }

  mutating func condition(text: String) throws(ExpressionFault) -> Condition {
    let name = try take("a metric such as p(95) or error_rate")
    guard let metric = Metric(word: name.text) else {
      let hint = Metric.suggestion(for: name.text).map { "; did you mean '\($0)'?" } ?? "."
      let accepted = Metric.vocabulary.joined(separator: ", ")
      throw ExpressionFault(
        message: "no metric is called '\(name.text)'\(hint) Known: \(accepted)", offset: name.offset)
    }
    let sign = try take("one of < <= > >= ==")
    guard let comparator = Condition.Comparator(rawValue: sign.text) else {
      let meant = ["=": "==", "=<": "<=", "=>": ">=", "<>": nil, "!=": nil][sign.text] ?? nil
      let hint = meant.map { "; did you mean '\($0)'? Use" } ?? "; use"
      throw ExpressionFault(message: "'\(sign.text)' is no comparison\(hint) one of < <= > >= ==", offset: sign.offset)
    }
    return Condition(metric: metric, comparator: comparator, bound: try bound(of: metric), text: text)
  }

  private mutating func bound(of metric: Metric) throws(ExpressionFault) -> Condition.Bound {
    let word = try take("a limit")
    guard word.text == "baseline" else { return try fixedBound(word, metric) }
    if metric.isDrift {
      throw ExpressionFault(
        message: "\(metric.word) is not compared with the baseline; write a share of the level such as 5%",
        offset: word.offset)
    }
    var factor = 1.0
    var margin = 0.0
    if next?.text == "*" {
      position += 1
      let number = try take("a factor")
      guard let value = Double(number.text), value >= 0, value.isFinite else {
        throw ExpressionFault(
          message: "'\(number.text)' is no factor; write a number such as 1.10", offset: number.offset)
      }
      factor = value
    }
    if next?.text == "+" {
      position += 1
      margin = try figure(try take("a margin"), metric)
    }
    return .baseline(factor: factor, margin: margin)
  }

  private func fixedBound(_ word: Word, _ metric: Metric) throws(ExpressionFault) -> Condition.Bound {
    if word.text.first?.isLetter == true, nearest(to: word.text, in: ["baseline"]) != nil {
      throw ExpressionFault(message: "'\(word.text)' is no limit; did you mean 'baseline'?", offset: word.offset)
    }
    guard metric == .connectionsUsed, word.text.hasSuffix("%") else { return .absolute(try figure(word, metric)) }
    guard let percent = Double(word.text.dropLast()), percent >= 0, percent.isFinite else {
      throw fault(word, metric, "a share of max_size such as 80%")
    }
    return .shareOfMaximum(percent / 100)
  }

  private func figure(_ word: Word, _ metric: Metric) throws(ExpressionFault) -> Double {
    let isPercent = word.text.hasSuffix("%")
    switch metric.unit {
    case .seconds, .cpuSeconds:
      if let duration = Duration(text: word.text) { return duration.seconds }
      if word.text == "0" { return 0 }
      throw fault(word, metric, "a duration with its unit, such as 400ms or 2s")
    case .fraction:
      guard let value = Double(isPercent ? String(word.text.dropLast()) : word.text), value >= 0, value.isFinite else {
        throw fault(word, metric, "a share such as 1% or 0.01")
      }
      return isPercent ? value / 100 : value
    case .bytes:
      if let bytes = Self.bytes(word.text) { return bytes }
      throw fault(word, metric, "a size such as 512kB or 10MB")
    case .count, .perSecond:
      guard let value = Double(word.text), value >= 0, value.isFinite else {
        let share = metric == .connectionsUsed ? ", or a share of max_size such as 80%" : ""
        throw fault(word, metric, "a number of at least 0" + share)
      }
      return value
    }
  }

  private static func bytes(_ text: String) -> Double? {
    for (suffix, factor) in [("kB", 1024.0), ("MB", 1_048_576), ("GB", 1_073_741_824), ("B", 1)]
    where text.hasSuffix(suffix) {
      return Double(text.dropLast(suffix.count)).flatMap { $0 >= 0 && $0.isFinite ? $0 * factor : nil }
    }
    return nil
  }

  private func fault(_ word: Word, _ metric: Metric, _ accepted: String) -> ExpressionFault {
    ExpressionFault(message: "'\(word.text)' is no limit for \(metric.word); write \(accepted)", offset: word.offset)
  }

  /// `for 10s` of a guard; without it a guard trips at the first second.
  mutating func hold() throws(ExpressionFault) -> Duration {
    guard next?.text == "for" else { return .seconds(1) }
    position += 1
    let word = try take("a duration after 'for'")
    guard let duration = Duration(text: word.text), duration >= .seconds(1) else {
      throw ExpressionFault(
        message: "'\(word.text)' is no holding time; write a duration of at least 1s", offset: word.offset)
    }
    return duration
  }

  func expectEnd() throws(ExpressionFault) {
    guard let word = next else { return }
    throw ExpressionFault(message: "'\(word.text)' is not expected here", offset: word.offset)
  }
}
