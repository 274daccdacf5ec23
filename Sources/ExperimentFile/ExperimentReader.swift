import Model
import YAML

/// Reads nodes as the parts of an experiment and collects every fault on the way. A part with a fault is nil.
/// The parts are read in extensions, one file a section of the experiment file.
struct ExperimentReader {
  private(set) var faults: [(mark: Mark, message: String)] = []
  /// Once target and load are read.
  var pool = PoolUnderLoad.own
  /// Beyond these a person is better served by mending some first.
  private static let maximumFaults = 100

  mutating func report(_ mark: Mark, _ message: String) {
    if faults.count < Self.maximumFaults { faults.append((mark, message)) }
  }

  /// Reports and gives nil, for the last line of a reading function.
  mutating func fault<Value>(_ mark: Mark, _ message: String) -> Value? {
    report(mark, message)
    return nil
  }

  // MARK: Scalars

  /// The text of a scalar that is there. `accepts` says what to write instead: "a whole number of at least 1".
  mutating func scalar(_ node: Node, _ name: String, accepts: String) -> String? {
    switch node.content {
    case .scalar where node.isNull: fault(node.mark, "\(name) has no value; write \(accepts)")
    case .scalar(let text, _): text
    case .list: fault(node.mark, "\(name) is a list here; write \(accepts)")
    case .map: fault(node.mark, "\(name) has keys of its own here; write \(accepts)")
    }
  }

  mutating func integer(_ node: Node, _ name: String, _ range: ClosedRange<Int>) -> Int? {
    let accepts = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard let value = Int(text), range.contains(value) else { return refuse(node, text, name, accepts) }
    return value
  }

  mutating func number(_ node: Node, _ name: String, _ range: ClosedRange<Double>, accepts: String) -> Double? {
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard let value = Double(decimalText: text), range.contains(value) else { return refuse(node, text, name, accepts) }
    return value
  }

  /// A duration of at least `least`, and of more than zero unless `least` is given.
  mutating func duration(_ node: Node, _ name: String, atLeast least: Duration? = nil, atMost most: Duration? = nil)
    -> Duration?
  {
    let limit = most.map { ", at most \($0.text)" } ?? ""
    let accepts = "a duration such as 500ms, 20s or 30m\(limit)"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard let value = Duration(text: text), most.map({ value <= $0 }) ?? true,
      least.map({ value >= $0 }) ?? (value > .zero)
    else { return fault(node.mark, durationFault(text, name, accepts)) }
    return value
  }

  /// What keeps a text from being a duration, as exactly as can be told.
  func durationFault(_ text: String, _ name: String, _ accepts: String) -> String {
    let positive = String(text.dropFirst())
    if text.hasPrefix("-"), Duration(text: positive) != nil || Double(decimalText: positive) != nil {
      return "\(quoted(text)) is negative; \(name) takes \(accepts)"
    }
    if let value = Duration(text: text) {
      return "\(quoted(text)) is too \(value == .zero ? "short" : "long"); \(name) takes \(accepts)"
    }
    if Double(decimalText: text) != nil { return "\(quoted(text)) has no unit; write \(text)s or \(text)ms" }
    let unit = text.drop { $0.isASCII && $0.isNumber || $0 == "." }
    if unit.count < text.count, !["us", "ms", "s", "m", "h"].contains(unit), unit.allSatisfy(\.isLetter) {
      return "\(quoted(text)) has no unit that is known; write us, ms, s, m or h after the number, such as 500ms"
    }
    return "\(quoted(text)) is no value of \(name); write \(accepts)"
  }

  /// One of a few words.
  mutating func word(_ node: Node, _ name: String, of known: [String]) -> String? {
    let accepts = known.count == 1 ? known[0] : "one of " + known.joined(separator: ", ")
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard known.contains(text) else {
      return fault(node.mark, "\(quoted(text)) is no value of \(name); write \(accepts)\(suggestion(text, known))")
    }
    return text
  }

  mutating func refuse<Value>(_ node: Node, _ text: String, _ name: String, _ accepts: String) -> Value? {
    fault(node.mark, "\(quoted(text)) is no value of \(name); write \(accepts)")
  }

  // MARK: Lists and maps

  mutating func list(_ node: Node, _ name: String, accepts: String) -> [Node]? {
    guard case .list(let nodes) = node.content else { return fault(node.mark, "\(name) takes a list: \(accepts)") }
    return nodes
  }

  /// The entries of a map in the order of the file; a key that comes again is a fault and left out.
  mutating func entries(_ node: Node, _ name: String, accepts: String) -> [(key: String, mark: Mark, value: Node)]? {
    guard case .map(let entries) = node.content else {
      return fault(node.mark, "\(name) takes keys of its own here: \(accepts)")
    }
    var lines: [String: Int] = [:]
    var found: [(key: String, mark: Mark, value: Node)] = []
    for entry in entries {
      guard case .scalar(let key, _) = entry.key.content else {
        report(entry.key.mark, "a key of \(name) must be a plain word")
        continue
      }
      if let line = lines[key] {
        report(entry.key.mark, "\(quoted(key)) is set twice; the first one is on line \(line)")
      } else {
        lines[key] = entry.key.mark.line
        found.append((key, entry.key.mark, entry.value))
      }
    }
    return found
  }

  /// The values of a map whose keys are known; every other key is a fault.
  /// - Parameter misplaced: keys that have a meaning elsewhere, with what to say of them here.
  mutating func fields(
    _ node: Node, _ name: String, known: [String], required: [String] = [], misplaced: [String: String] = [:]
  ) -> Fields? {
    guard let entries = entries(node, name, accepts: known.joined(separator: ", ")) else { return nil }
    var values: [String: Node] = [:]
    for (key, mark, value) in entries {
      if known.contains(key) {
        values[key] = value
      } else if let why = misplaced[key] {
        report(mark, "\(quoted(key)) \(why)")
      } else {
        report(mark, unknownKey(key, name, known))
      }
    }
    for key in required where values[key] == nil { report(node.mark, "\(quoted(key)) is missing in \(name)") }
    return Fields(mark: node.mark, values: values)
  }

  /// A map with exactly one key, which says what its value means: `{ constant: ... }`.
  mutating func choice(_ node: Node, _ name: String, of known: [String]) -> (key: String, value: Node)? {
    let accepts = known.joined(separator: " or ")
    guard let entries = entries(node, name, accepts: accepts) else { return nil }
    var found: [(key: String, value: Node)] = []
    for (key, mark, value) in entries {
      guard known.contains(key) else {
        report(mark, unknownKey(key, name, known))
        return nil
      }
      found.append((key, value))
    }
    guard found.count == 1 else {
      return fault(node.mark, "\(name) takes exactly one of \(known.joined(separator: ", "))")
    }
    return found[0]
  }

  private func unknownKey(_ key: String, _ name: String, _ known: [String]) -> String {
    let hint = suggestion(key, known)
    return "\(quoted(key)) is no key of \(name)\(hint.isEmpty ? "." : hint) Known: \(known.joined(separator: ", "))"
  }

  func suggestion(_ word: String, _ known: [String]) -> String {
    // Nobody mistypes a known word into something this long; comparing it would only cost time.
    guard word.utf8.count <= 60, let near = nearest(to: word, in: known) else { return "" }
    return "; did you mean '\(near)'?"
  }
}

/// The values of a map, by key.
struct Fields {
  let mark: Mark
  fileprivate let values: [String: Node]
  fileprivate init(mark: Mark, values: [String: Node]) {
    self.mark = mark
    self.values = values
  }
  subscript(key: String) -> Node? { values[key] }
}

extension Node {
  /// The value of a key of a map; nil where there is no such key, or no map.
  func value(of key: String) -> Node? {
    guard case .map(let entries) = content else { return nil }
    return entries.first { if case .scalar(key, _) = $0.key.content { true } else { false } }?.value
  }

  /// Whether nothing stands there, or a plain `null` or `~`.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }
}

extension Double {
  /// A finite number in digits: not `inf`, not `0x1p3`.
  init?(decimalText text: String) {
    let signs: Set<Character> = ["+", "-", ".", "e", "E"]
    guard text.allSatisfy({ $0.isASCII && $0.isNumber || signs.contains($0) }), let value = Double(text), value.isFinite
    else { return nil }
    self = value
  }
}
