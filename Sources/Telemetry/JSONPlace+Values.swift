import Model

extension JSONPlace {
  /// The values that stand there, in the order of the text; one unless the place says `[*]`.
  package func values(in tree: JSONTree) throws(PlaceFault) -> [JSONTree] {
    var found = [(value: tree, path: "")]
    for step in steps {
      var next: [(value: JSONTree, path: String)] = []
      for place in found { next += try Self.take(step, from: place.value, at: place.path) }
      found = next
    }
    return found.map(\.value)
  }

  private static func take(
    _ step: Step, from tree: JSONTree, at path: String
  ) throws(PlaceFault) -> [(value: JSONTree, path: String)] {
    let here = path.isEmpty ? "the answer" : "'\(path)'"
    switch (step, tree) {
    case (.name(let name), .object(let members)):
      guard let value = tree[name] else {
        throw PlaceFault("there is no '\(name)' in \(here); it has \(firstFew(members.map(\.name)))")
      }
      return [(value, path.isEmpty ? name : path + "." + name)]
    case (.index(let index), .array(let elements)):
      guard elements.indices.contains(index) else {
        throw PlaceFault("there is no [\(index)] in \(here), which has \(elements.count) elements")
      }
      return [(elements[index], "\(path)[\(index)]")]
    case (.all, .array(let elements)): return elements.enumerated().map { ($1, "\(path)[\($0)]") }
    case (.all, .object(let members)):
      return members.map { ($0.value, path.isEmpty ? $0.name : path + "." + $0.name) }
    case (.name(let name), _): throw PlaceFault("there is no '\(name)' in \(here), which is \(tree.kind)")
    case (.index(let index), _): throw PlaceFault("there is no [\(index)] in \(here), which is \(tree.kind)")
    case (.all, _): throw PlaceFault("there is no [*] in \(here), which is \(tree.kind)")
    }
  }
}

/// Why nothing stands at a place.
package struct PlaceFault: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

extension JSONTree {
  fileprivate var kind: String {
    switch self {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

/// `a, b, c and 12 more`, for messages: what is there instead of what was wanted.
func firstFew(_ names: [String], count: Int? = nil) -> String {
  let most = 5
  // What others wrote is shown, but not at any length.
  let shown = names.prefix(most).map { $0.count > 60 ? $0.prefix(60) + "..." : $0 }.joined(separator: ", ")
  let more = (count ?? names.count) - min(names.count, most)
  return names.isEmpty ? "nothing" : more > 0 ? "\(shown) and \(more) more" : shown
}
