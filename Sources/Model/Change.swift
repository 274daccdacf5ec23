/// One act of changing a target, as the journal keeps it: durable before the target is touched.
package struct Change: Hashable, Sendable {
  /// The life of a change. `recorded -> applied -> verified`, then `reverted` or `kept`; an undo may start from each of the first three.
  package enum State: String, CaseIterable, Hashable, Sendable {
    /// Intended; the target may or may not have been touched yet.
    case recorded
    /// Written to the target.
    case applied
    /// The effective value was read back and is the wanted one.
    case verified
    /// The target holds what it held before the execution, read back.
    case reverted
    /// The execution ended by leaving the change in force.
    case kept

    /// Whether an undo is still owed.
    package var isOpen: Bool { self == .recorded || self == .applied || self == .verified }
  }

  package var id: Int
  package var execution: ExecutionID
  /// The kind of target: `builtin`.
  package var target: String
  /// Where it is: the path of the env file.
  package var locator: String
  /// What the target held, and what it is to hold; nil where there is no file. Secrets never get here: see `Staging`.
  package var before: String?
  package var after: String?
  package var state: State
  package var recorded: Timestamp
  package init(
    id: Int, execution: ExecutionID, target: String, locator: String, before: String?, after: String?, state: State,
    recorded: Timestamp
  ) {
    self.id = id
    self.execution = execution
    self.target = target
    self.locator = locator
    self.before = before
    self.after = after
    self.state = state
    self.recorded = recorded
  }
}
