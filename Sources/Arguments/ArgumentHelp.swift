/// What help says about an argument, option or flag. A string literal is its abstract.
package struct ArgumentHelp: ExpressibleByStringInterpolation, Sendable {
  package enum Visibility: Sendable {
    case `default`
    /// Parsed, but left out of usage, help and suggestions.
    case hidden
  }

  package var abstract: String
  package var discussion: String
  /// The word between the angle brackets; nil takes the property's name.
  package var valueName: String?
  package var visibility: Visibility

  package init(
    _ abstract: String = "", discussion: String = "", valueName: String? = nil, visibility: Visibility = .default
  ) {
    self.abstract = abstract
    self.discussion = discussion
    self.valueName = valueName
    self.visibility = visibility
  }

  package init(stringLiteral value: String) { self.init(value) }

  /// Help for something that only scripts and tests use.
  package static var hidden: Self { ArgumentHelp(visibility: .hidden) }
}
