/// One setting as a file says it. A secret never gets this far: its text is replaced by the reader.
package struct Written: Hashable, Sendable {
  /// The whole name in the format's own words: `DB_POOL_MAX`, `spring.datasource.hikari.maximum-pool-size`,
  /// `default_pool_size`.
  package var name: String
  /// The value without its quotes, and with every placeholder that is known put in.
  package var text: String
  package var place: Place
  /// Placeholders that nothing known gives a value: `${DB_POOL_MAX}` stays in the text, and its name stands here.
  package var placeholders: [String]
  /// The text holds the fallback of a placeholder (`${DB_POOL_MAX:20}`): at run time it may be another.
  package var isFallback: Bool
  /// The text is `Written.hidden`.
  package var isSecret: Bool

  package init(
    _ name: String, _ text: String, at place: Place, placeholders: [String] = [], isFallback: Bool = false,
    isSecret: Bool = false
  ) {
    self.name = name
    self.text = isSecret ? Written.hidden : text
    self.place = place
    self.placeholders = placeholders
    self.isFallback = isFallback
    self.isSecret = isSecret
  }

  /// What stands in the place of a secret.
  package static let hidden = "***"
}

/// A whole number that a file gives, and where.
package struct Counted: Hashable, Sendable {
  package var value: Int
  package var place: Place
  package init(_ value: Int, at place: Place) {
    self.value = value
    self.place = place
  }
}
