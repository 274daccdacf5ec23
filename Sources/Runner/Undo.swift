import Model

/// The undo of one target: everything that the journal still owes there.
package struct Undo: Hashable, Sendable {
  package let execution: ExecutionID
  /// The kind of target.
  package let target: String
  package let locator: String
  /// Open changes, oldest first; never empty.
  package let changes: [Change]

  /// Groups open changes by execution, target and place. What was changed last is undone first: newer executions before
  /// older ones, and within one the targets in the opposite order of their application.
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
    /// The target holds what it held before.
    case alreadyBack
    case restore(String?)
    /// The target holds neither what poolops wrote nor what was there before: somebody changed it since.
    case conflict(expected: String?, found: String?)
  }

  /// Compares before it restores. A crash may have struck before, in or after the last act, so both sides of the last
  /// change are ours, and whatever lies between them and the original.
  package func decide(current: String?) -> Decision {
    if isBack(current) { return .alreadyBack }
    let last = changes[changes.count - 1]
    let isOurs = current == last.after || current == last.before || isBetween(current, last)
    return isOurs ? .restore(original) : .conflict(expected: last.after, found: current)
  }

  /// A target that sets one value after another may have been left in the middle, while it was changed or put back: each
  /// variable is then as one of the three has it.
  private func isBetween(_ current: String?, _ last: Change) -> Bool {
    guard let current else { return false }
    let lines = Self.lines(current)
    let ours = [original, last.before, last.after].map { Self.lines($0 ?? "") }
    let names = ours.reduce(into: Set(lines.keys)) { $0.formUnion($1.keys) }
    return names.allSatisfy { name in ours.contains { $0[name] == lines[name] } }
  }

  /// The lines of a snapshot by what stands before their first `=`.
  private static func lines(_ snapshot: String) -> [Substring: [Substring]] {
    Dictionary(grouping: snapshot.split(separator: "\n")) { $0.prefix { $0 != "=" } }
  }
}
