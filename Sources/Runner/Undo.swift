import Model

/// The undo of one target: everything that the journal still owes there.
package struct Undo: Hashable, Sendable {
  package let execution: ExecutionID
  package let target: String
  package let locator: String
  /// Open changes, oldest first; never empty.
  package let changes: [Change]

  /// Groups open changes by execution, target and place, newest execution first: later ones are undone before earlier.
  package static func owed(by changes: [Change]) -> [Undo] {
    var order: [[Change]] = []
    for change in changes where change.state.isOpen {
      let same = order.firstIndex {
        $0[0].execution == change.execution && $0[0].target == change.target && $0[0].locator == change.locator
      }
      if let same { order[same].append(change) } else { order.append([change]) }
    }
    return order.reversed().map {
      Undo(execution: $0[0].execution, target: $0[0].target, locator: $0[0].locator, changes: $0)
    }
  }

  /// What the target held before the execution; nil where it did not exist.
  package var original: String? { changes[0].before }

  /// Whether the target is as it was. Where there was no file, one that holds none of the settings is as good: it stays
  /// for the sake of lines that somebody else wrote into it.
  package func isBack(_ current: String?) -> Bool {
    current == original || original == nil && current?.isEmpty == true
  }

  package enum Decision: Hashable, Sendable {
    /// The target holds what it held before; only the journal is to be closed.
    case alreadyBack
    case restore(String?)
    /// The target holds neither what poolops wrote nor what was there before: somebody changed it since.
    case conflict(expected: String?, found: String?)
  }

  /// Compares before it restores. A crash may have struck before or after the last write, so both sides of the last
  /// change are ours.
  package func decide(current: String?) -> Decision {
    if isBack(current) { return .alreadyBack }
    let last = changes[changes.count - 1]
    let isOurs = current == last.after || current == last.before
    return isOurs ? .restore(original) : .conflict(expected: last.after, found: current)
  }
}
