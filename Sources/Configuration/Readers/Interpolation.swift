/// Puts known values in the place of `$NAME` and `${NAME:-fallback}`; bounded in depth and in what it makes.
package struct Interpolation {
  package enum Style: Sendable {
    /// `$A`, `${A}`, `${A:-fallback}`, `${A-fallback}`, `${A:?message}`, `${A:+other}`: env files.
    case environment
    /// The same, and `$$` is a dollar sign.
    case compose
    /// `${a.b}`, `${a.b:fallback}`.
    case spring
    /// `$(A)`, and `$$` is a dollar sign.
    case kubernetes
  }

  /// A text with its placeholders put in, as `Written` keeps it.
  package struct Outcome: Hashable, Sendable {
    package var text: String
    package var placeholders: [String] = []
    package var isFallback = false
    package init(text: String, placeholders: [String] = [], isFallback: Bool = false) {
      self.text = text
      self.placeholders = placeholders
      self.isFallback = isFallback
    }
  }

  private static let deepest = 12
  /// Bytes of one value, and of all values together.
  private static let longest = 64 << 10
  private static let most = 8 << 20
  private static let mostNames = 50

  private let style: Style
  private var left = Self.most
  /// Bytes that may still be looked at for closing braces: text made of opening ones must not take for ever.
  private var steps = 20_000_000

  package init(_ style: Style) { self.style = style }

  /// - Parameter lookup: the known value of a name, already without secrets; nil when nothing is known.
  package mutating func expand(_ text: String, _ lookup: (String) -> Outcome?) -> Outcome {
    guard text.utf8.contains(.dollar) else { return Outcome(text: text) }
    let bytes = Array(text.utf8)
    var result = Result()
    expand(bytes[...], into: &result, depth: 0, lookup)
    left -= result.bytes.count
    return Outcome(
      text: String(decoding: result.bytes, as: UTF8.self), placeholders: result.placeholders,
      isFallback: result.isFallback)
  }

  private struct Result {
    var bytes: [UInt8] = []
    var placeholders: [String] = []
    var isFallback = false

    mutating func keep(_ raw: ArraySlice<UInt8>, named name: String) {
      bytes += raw
      if placeholders.count < Interpolation.mostNames, !placeholders.contains(name) { placeholders.append(name) }
    }
  }

  private mutating func expand(
    _ text: ArraySlice<UInt8>, into result: inout Result, depth: Int, _ lookup: (String) -> Outcome?
  ) {
    var rest = text
    while let dollar = rest.firstIndex(of: .dollar) {
      result.bytes += rest[..<dollar]
      let following = rest.dropFirst(dollar - rest.startIndex + 1)
      if following.first == .dollar, style == .compose || style == .kubernetes {
        result.bytes.append(.dollar)
        rest = following.dropFirst()
      } else if let reference = reference(at: dollar, in: rest) {
        replace(reference, into: &result, depth: depth, lookup)
        rest = rest[reference.raw.endIndex...]
      } else {
        result.bytes.append(.dollar)
        rest = following
      }
    }
    result.bytes += rest
  }

  private mutating func replace(
    _ reference: Reference, into result: inout Result, depth: Int, _ lookup: (String) -> Outcome?
  ) {
    let name = reference.name.text
    let value = lookup(name)
    let isSet = value.map { !(reference.countsEmpty && $0.text.isEmpty) } ?? false
    switch reference.operation {
    case .alternative(let text):
      guard value != nil else { return result.keep(reference.raw, named: name) }
      if isSet { expandInside(text, reference, into: &result, depth: depth, lookup) }
    case .fallback(let text) where !isSet:
      result.isFallback = true
      expandInside(text, reference, into: &result, depth: depth, lookup)
    default:
      guard let value, fits(value.text, result) else { return result.keep(reference.raw, named: name) }
      result.bytes += value.text.utf8
      for inner in value.placeholders where !result.placeholders.contains(inner) { result.placeholders.append(inner) }
      result.isFallback = result.isFallback || value.isFallback
    }
  }

  private mutating func expandInside(
    _ text: ArraySlice<UInt8>, _ reference: Reference, into result: inout Result, depth: Int,
    _ lookup: (String) -> Outcome?
  ) {
    guard depth < Self.deepest else { return result.keep(reference.raw, named: reference.name.text) }
    expand(text, into: &result, depth: depth + 1, lookup)
  }

  private func fits(_ value: String, _ result: Result) -> Bool {
    let length = result.bytes.count + value.utf8.count
    return length <= Self.longest && length <= left
  }
}

// What stands after a dollar sign.
extension Interpolation {
  private struct Reference {
    enum Operation {
      case value
      case fallback(ArraySlice<UInt8>)
      case alternative(ArraySlice<UInt8>)
    }
    var raw: ArraySlice<UInt8>
    var name: ArraySlice<UInt8>
    var operation = Operation.value
    /// An empty value counts as none (`:-`).
    var countsEmpty = false
  }

  private mutating func reference(at dollar: Int, in text: ArraySlice<UInt8>) -> Reference? {
    let rest = text[(dollar + 1)...]
    switch (style, rest.first) {
    case (.kubernetes, UInt8(ascii: "(")): return kubernetes(rest, dollar, text)
    case (.kubernetes, _): return nil
    case (_, UInt8.openBrace): return braced(rest, dollar, text)
    case (.spring, _): return nil
    default:
      let name = rest.prefix { $0.isNameByte }
      guard let first = name.first, !first.isDigit else { return nil }
      return Reference(raw: text[dollar..<name.endIndex], name: name)
    }
  }

  private func kubernetes(_ rest: ArraySlice<UInt8>, _ dollar: Int, _ text: ArraySlice<UInt8>) -> Reference? {
    let name = rest.dropFirst().prefix { $0.isNameByte || $0 == .dash || $0 == .dot }
    guard !name.isEmpty, text[name.endIndex...].first == UInt8(ascii: ")") else { return nil }
    return Reference(raw: text[dollar...name.endIndex], name: name)
  }

  private mutating func braced(_ rest: ArraySlice<UInt8>, _ dollar: Int, _ text: ArraySlice<UInt8>) -> Reference? {
    guard let close = closingBrace(of: rest) else { return nil }
    let inside = rest[(rest.startIndex + 1)..<close]
    let raw = text[dollar...close]
    let name = inside.prefix { $0.isNameByte || (style == .spring && $0 != .colon && $0 != .dollar && !$0.isSpace) }
    guard !name.isEmpty else { return nil }
    var reference = Reference(raw: raw, name: name)
    let tail = inside[name.endIndex...]
    if tail.isEmpty { return reference }
    if style == .spring {
      guard tail.first == .colon else { return nil }
      reference.operation = .fallback(tail.dropFirst())
      return reference
    }
    reference.countsEmpty = tail.first == .colon
    let sign = tail.drop { $0 == .colon }
    guard tail.count - sign.count <= 1 else { return nil }
    switch sign.first {
    case UInt8.dash: reference.operation = .fallback(sign.dropFirst())
    case UInt8(ascii: "+"): reference.operation = .alternative(sign.dropFirst())
    case UInt8.question: break
    default: return nil
    }
    return reference
  }

  /// The brace that closes the one at the head; looks no further than a value may be long.
  private mutating func closingBrace(of text: ArraySlice<UInt8>) -> Int? {
    guard steps > 0 else { return nil }
    var depth = 0
    for index in text.indices.prefix(2_000) {
      steps -= 1
      if text[index] == .openBrace { depth += 1 }
      if text[index] == .closeBrace {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }
}
