import Model

/// A place where a change is made, put in force, read back and undone. One file for each kind under `Targets/`.
///
/// A snapshot is a text that the journal keeps: what the target holds of the tuned settings and of nothing else, and no secret.
/// Two snapshots are equal when the target holds the same. Each act may be repeated; none assumes that an earlier one went well.
package protocol ChangeTarget: AnyObject {
  /// The kind, as the journal has it: `builtin`, `app`, `pgbouncer`, `postgres`, `command`.
  var kind: String { get }
  /// Which one of its kind, without a secret: a path, a host and port. Two targets of one experiment differ in it.
  var locator: String { get }

  /// What the target holds now; nil where it does not exist. Changes nothing.
  func snapshot() throws(StagingError) -> String?
  /// What `snapshot` would return after `apply(arm)` to a target that has given `snapshot`.
  func planned(_ arm: Arm, over snapshot: String?) throws(StagingError) -> String
  /// Writes the arm's values and makes them work: reload, restart, health awaited.
  func apply(_ arm: Arm) throws(StagingError)
  /// Reads back from where the values work. A difference is in the result, not thrown.
  func verify(_ arm: Arm) throws(StagingError) -> InForce
  /// Puts back what `snapshot` says, and makes it work.
  func revert(to snapshot: String?) throws(StagingError)
  /// Reads back, from where the values work, whether what `snapshot` says is in force again.
  func confirm(_ snapshot: String?) throws(StagingError) -> InForce
}

/// What was read back from where it works.
package struct InForce: Hashable, Sendable {
  package struct Value: Hashable, Sendable {
    /// In the target's own words: `DB_CONNECTION_LIMIT`, `default_pool_size`.
    package var name: String
    package var wanted: String
    /// nil: the target does not tell.
    package var found: String?
    /// Where it was read: `SHOW CONFIG`, `http://127.0.0.1:8080/pool`, `.env`.
    package var source: String
    package init(name: String, wanted: String, found: String?, source: String) {
      self.name = name
      self.wanted = wanted
      self.found = found
      self.source = source
    }
    package var isDifferent: Bool { found.map { $0 != wanted } ?? false }
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
