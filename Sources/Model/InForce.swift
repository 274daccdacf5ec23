/// What was read back from where it works.
package struct InForce: Hashable, Sendable {
  package struct Value: Hashable, Sendable {
    package enum Match: Hashable, Sendable {
      case equal
      /// A count that was seen under load: more than wanted is a difference, less may only be less load.
      case atMost
    }
    /// In the target's own words: `DB_CONNECTION_LIMIT`, `default_pool_size`.
    package var name: String
    package var wanted: String
    /// nil: the target does not tell.
    package var found: String?
    /// Where it was read: `SHOW CONFIG`, `http://127.0.0.1:8080/pool`, `.env`.
    package var source: String
    package var match: Match
    package init(name: String, wanted: String, found: String?, source: String, match: Match = .equal) {
      self.name = name
      self.wanted = wanted
      self.found = found
      self.source = source
      self.match = match
    }

    package var isDifferent: Bool {
      guard let found, found != wanted else { return false }
      guard match == .atMost, let seen = Int(found), let most = Int(wanted) else { return true }
      return seen > most
    }
  }

  package var values: [Value]
  /// The pool's settings as far as they were read back, over the wanted ones; nil where the target is no pool.
  package var settings: PoolSettings?
  package init(values: [Value], settings: PoolSettings? = nil) {
    self.values = values
    self.settings = settings
  }

  package var differences: [Value] { values.filter(\.isDifferent) }
}
