import Model

/// A place where a change is made, put in force, read back and undone. One file for each kind under `Targets/`.
///
/// A snapshot is a text that the journal keeps: what the target holds of the tuned settings and of nothing else, and no secret.
/// Two snapshots are equal when the target holds the same. Each act may be repeated; none assumes that an earlier one went
/// well, nor that the same process did it. Not for use by two threads at once.
///
/// A snapshot says what is written, not what works: a process that died between an env file and the restart of its app has left
/// the one without the other. So before an undo is closed, `confirm` is asked even where the snapshot is the original again,
/// and where it finds a difference, `revert` is due.
package protocol ChangeTarget: AnyObject {
  /// The kind, as the journal has it: `builtin`, `app`, `pgbouncer`, `postgres`, `command`.
  var kind: String { get }
  /// Which one of its kind, without a secret: a path, a host and port. Two targets of one experiment differ in it.
  var locator: String { get }

  /// Whether every act will be possible: it can be reached, the rights are there, the values can be said, and it is not
  /// production. Changes nothing.
  func preflight() throws(StagingError)
  /// What the target holds now; nil where it does not exist. Changes nothing.
  func snapshot() throws(StagingError) -> String?
  /// What `snapshot` would return after `apply(arm)` to a target that has given `snapshot`.
  func planned(_ arm: Arm, over snapshot: String?) throws(StagingError) -> String
  /// Writes the arm's values and makes them work: reload, restart, health awaited.
  func apply(_ arm: Arm) throws(StagingError)
  /// Reads back from where the values work. A difference is in the result, not thrown.
  ///
  /// - Parameter patience: how long to wait for a difference to go away. `zero` is one short look, for the time under load.
  func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce
  /// Puts back what `snapshot` says, and makes it work.
  func revert(to snapshot: String?) throws(StagingError)
  /// Reads back, from where the values work, whether what `snapshot` says is in force again.
  func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce
  /// What its programs have printed since the last call, for the record: bounded, without secrets.
  func takeNotes() -> [String]
}

extension ChangeTarget {
  package func takeNotes() -> [String] { [] }
}

extension InForce {
  /// The differences as an error; nil when there is none.
  /// - Parameter locator: which target.
  package func fault(at locator: String) -> StagingError? {
    guard let first = differences.first else { return nil }
    let others = differences.dropFirst().map { "\($0.name) is \($0.found ?? ""), wanted \($0.wanted)" }
    return StagingError(
      .notInForce, target: locator, setting: first.name, wanted: first.wanted, found: first.found, path: first.source,
      reason: others.isEmpty ? nil : others.joined(separator: "; "))
  }
}
