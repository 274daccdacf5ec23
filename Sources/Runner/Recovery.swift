import Model

/// Puts staging back after an execution that died: from the journal alone, on another day, in another terminal.
///
/// Safe to repeat and safe to kill: each undo compares before it restores, and the journal is closed only after the
/// target was read back.
package struct Recovery {
  package struct Finding: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
      /// Put back now, and read back.
      case restored
      /// It held what it held before; only the journal was open.
      case alreadyBack
      /// Somebody changed it since; left alone.
      case conflict(expected: String?, found: String?)
      case failed(Failure)
      /// Died before it changed anything, or after its change was put back or kept; the journal owes nothing for it.
      case nothingOwed
    }
    package var execution: ExecutionID
    package var locator: String
    package var result: Result

    package var isBack: Bool {
      switch result {
      case .restored, .alreadyBack, .nothingOwed: true
      case .conflict, .failed: false
      }
    }
  }

  private let record: any RecordPort
  private let target: (Undo) throws(Failure) -> any TargetPort
  private let force: Bool

  /// - Parameter force: restore also where somebody else changed the value since.
  package init(
    record: any RecordPort, force: Bool, target: @escaping (Undo) throws(Failure) -> any TargetPort
  ) {
    self.record = record
    self.force = force
    self.target = target
  }

  /// One failed undo does not stop the others.
  package func carryOut() throws(Failure) -> [Finding] {
    var findings: [Finding] = []
    for undo in Undo.owed(by: try record.openChanges()) {
      findings.append(Finding(execution: undo.execution, locator: undo.locator, result: attempt(undo)))
    }
    let stuck = Set(findings.filter { !$0.isBack }.map(\.execution))
    for execution in try record.unfinishedExecutions() where !stuck.contains(execution) {
      try record.markAborted(execution, outcome: .failed)
      guard !findings.contains(where: { $0.execution == execution }) else { continue }
      findings.append(Finding(execution: execution, locator: "", result: .nothingOwed))
    }
    return findings
  }

  private func attempt(_ undo: Undo) -> Finding.Result {
    do throws(Failure) {
      return try putBack(undo)
    } catch {
      return .failed(error)
    }
  }

  private func putBack(_ undo: Undo) throws(Failure) -> Finding.Result {
    let target = try self.target(undo)
    let decision = try undo.putBack(target, force: force)
    if case .conflict(let expected, let found) = decision, !force {
      return .conflict(expected: expected, found: found)
    }
    try undo.confirm(target)
    try record.closeChanges(undo.changes, as: .reverted)
    return decision == .alreadyBack ? .alreadyBack : .restored
  }
}
