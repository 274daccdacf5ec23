import Configuration

/// A value and where it comes from, so that nothing assumed looks like something read.
package struct Sourced<Value: Hashable & Sendable>: Hashable, Sendable {
  package var value: Value
  package var origin: Origin

  package init(_ value: Value, _ origin: Origin) {
    self.value = value
    self.origin = origin
  }
}

/// Where a value comes from.
package enum Origin: Hashable, Sendable {
  case written(Place)
  /// A comment `# poolops: ...` in a file.
  case directive(Place)
  /// An option of the command.
  case option(String)
  /// Nothing is written, and this software's default holds.
  case standard(String)
  /// Nobody says it: what is taken instead, as a sentence without its full stop.
  case assumed(String)

  package var place: Place? {
    switch self {
    case .written(let place), .directive(let place): place
    case .option, .standard, .assumed: nil
    }
  }

  /// The sentence of what was assumed.
  package var assumption: String? {
    if case .assumed(let sentence) = self { sentence } else { nil }
  }

  /// A few words for a remark beside the value: `compose.yaml:12`, `--replicas`, `asyncpg's default`.
  package var text: String {
    switch self {
    case .written(let place), .directive(let place): place.description
    case .option(let name): name
    case .standard(let whose): "\(whose)'s default"
    case .assumed(let sentence): sentence
    }
  }
}
