/// A place in a JSON text: `pool.max`, `pools[0].idle`, `pools[*].idle` for all of them, `["a name with dots"].count`.
package struct JSONPlace: Hashable, Sendable {
  package enum Step: Hashable, Sendable {
    case name(String)
    case index(Int)
    /// Every element of an array, every value of an object.
    case all
  }
  package private(set) var steps: [Step] = []
  package let text: String

  /// nil when the text is no place. An empty one is none.
  package init?(_ text: String) {
    self.text = text
    var rest = text[...]
    while !rest.isEmpty {
      guard let step = Self.step(&rest, isFirst: steps.isEmpty) else { return nil }
      steps.append(step)
    }
    if steps.isEmpty { return nil }
  }

  /// Whether at most one value stands there.
  package var isSingle: Bool { !steps.contains(.all) }

  private static func step(_ rest: inout Substring, isFirst: Bool) -> Step? {
    if rest.first == "[" { return bracket(&rest) }
    if !isFirst {
      guard rest.first == "." else { return nil }
      rest = rest.dropFirst()
    }
    let name = rest.prefix { !".[]{}=,\"' ".contains($0) }
    rest = rest.dropFirst(name.count)
    return name.isEmpty ? nil : .name(String(name))
  }

  private static func bracket(_ rest: inout Substring) -> Step? {
    rest = rest.dropFirst()
    if let quote = rest.first, quote == "\"" || quote == "'" {
      let name = rest.dropFirst().prefix { $0 != quote }
      rest = rest.dropFirst(name.count + 1)
      guard rest.hasPrefix("\(quote)]") else { return nil }
      rest = rest.dropFirst(2)
      return .name(String(name))
    }
    let inside = rest.prefix { $0 != "]" }
    guard rest.count > inside.count else { return nil }
    rest = rest.dropFirst(inside.count + 1)
    if inside == "*" { return .all }
    guard inside.allSatisfy({ $0.isASCII && $0.isNumber }), let index = Int(inside) else { return nil }
    return .index(index)
  }
}
