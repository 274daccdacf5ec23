import Model

/// The way back: tried before any load, and gone at the end.
extension ChangeControl {
  /// What the execution still owes, in the order of its undoing.
  func owed() throws(Failure) -> [Undo] {
    Undo.owed(by: try ports.record.openChanges()).filter { $0.execution == execution }
  }

  /// Whether a target may have been changed; a journal that does not answer may owe anything.
  var mayOwe: Bool { (try? owed().isEmpty) != true }

  /// Applies the change, puts it back and reads back, before any load depends on it.
  ///
  /// Where the targets hold the change already, the baseline takes its part.
  func rehearse() throws(Failure) {
    try stages.carryOut(.rehearse, "") { () throws(Failure) in
      let targets = try ports.staging.targets(of: experiment)
      for arm in [Arm.retest, .baseline] {
        let written = try write(arm, to: targets)
        guard !written.isEmpty else { continue }
        try verify(arm, targets, written)
        return ((), "\(try rehearseUndo(of: targets)) changed, put back, and read back")
      }
      return ((), "baseline and change are the same: there is no way back to rehearse")
    }
  }

  private func rehearseUndo(of targets: [any TargetPort]) throws(Failure) -> String {
    let undos = try owed()
    for undo in undos {
      try ports.interrupts.stopIfRequested()
      let target = try target(of: undo, in: targets)
      _ = try putBack(undo, target)
      try undo.confirm(target)
      try ports.record.closeChanges(undo.changes, as: .reverted)
    }
    return undos.reversed().map(\.locator).joined(separator: ", ")
  }

  /// One undo that fails does not stop the others; all that failed are named.
  func rollback() throws(Failure) {
    let undos = try owed()
    guard !undos.isEmpty else { return }
    try stages.assure(.rollback) { () throws(Failure) in try each(undos, putBack) }
  }

  private func putBack(_ undo: Undo, _ target: any TargetPort) throws(Failure) -> String {
    switch try noting(target, { () throws(Failure) in try undo.putBack(target) }) {
    case .alreadyBack: return "\(undo.locator) holds what it held before"
    case .restore: return "\(undo.locator) put back"
    case .conflict: throw undo.conflict
    }
  }

  func confirmBack() throws(Failure) {
    let undos = try owed()
    try stages.assure(.confirm) { () throws(Failure) in
      undos.isEmpty ? "nothing was changed" : try each(undos, confirmBack)
    }
  }

  /// A journal that cannot be closed stays open: `recover` will find that the target is back already.
  private func confirmBack(_ undo: Undo, _ target: any TargetPort) throws(Failure) -> String {
    let found = try undo.confirm(target)
    try? ports.record.closeChanges(undo.changes, as: .reverted)
    return "\(undo.locator) holds what it held before" + (found.told.map { ", in force: \($0)" } ?? "")
  }

  /// All or none: half of a kept change put back by `recover` would be a third configuration.
  func confirmKept() throws(Failure) {
    let undos = try owed()
    try stages.assure(.confirm) { () throws(Failure) in
      try verify(.retest, try ports.staging.targets(of: experiment), [:])
      try ports.record.closeChanges(undos.flatMap(\.changes), as: .kept)
      return "the change is in force and stays"
    }
  }

  /// Does all of them, whichever fail.
  private func each(
    _ undos: [Undo], _ act: (Undo, any TargetPort) throws(Failure) -> String
  ) throws(Failure) -> String {
    let targets = try ports.staging.targets(of: experiment)
    var done: [String] = []
    var failed: [Failure] = []
    for undo in undos {
      do throws(Failure) {
        done.append(try act(undo, try target(of: undo, in: targets)))
      } catch {
        failed.append(error)
      }
    }
    guard let first = failed.first else { return done.joined(separator: "; ") }
    throw Failure(
      .rollbackUnverified, (failed.map(\.message) + done).joined(separator: "; "),
      hint: first.status == .rollbackUnverified && first.hint != nil
        ? first.hint : "Type 'poolops experiment recover' to try again.")
  }

  private func target(of undo: Undo, in targets: [any TargetPort]) throws(Failure) -> any TargetPort {
    if let found = targets.first(where: undo.isOf) { return found }
    throw Failure(.rollbackUnverified, "\(undo.locator) is no target of this experiment")
  }
}
