import Model

/// What touches the targets: apply and verify, rehearse, put back, confirm.
extension ExperimentRunner {
  /// Looks only. The execution begins to exist when it passed, so that a refusal leaves no trace.
  mutating func preflight() throws(Failure) {
    environment = try stage(.preflight, "") { () throws(Failure) in
      let facts = try ports.staging.preflight()
      let targets = try ports.staging.targets(of: experiment)
      // Only now are the locks ours: before, an open undo could be that of an execution which is alive.
      try refuseOpenUndo(of: targets)
      for target in targets { try target.preflight() }
      return (facts, "staging is ready")
    }
    let execution = try ports.record.beginExecution(
      experiment: experiment.name, text: source.text, digest: source.digest, seed: source.seed)
    id = execution
    ports.observer.began(execution)
    let row = try ports.record.beginStage(execution, .preflight)
    try ports.record.finishStage(row, outcome: .passed, note: "staging is ready")
  }

  /// An undo that is owed elsewhere is in nobody's way.
  private func refuseOpenUndo(of targets: [any TargetPort]) throws(Failure) {
    let owed = Undo.owed(by: try ports.record.openChanges()).first { undo in targets.contains { undo.isOf($0) } }
    guard let owed else { return }
    throw Failure(
      .locked, "\(owed.execution) ended without putting back \(owed.locator)",
      hint: "Type 'poolops experiment recover' first.")
  }

  /// Journal, write, read back; each target in its turn.
  mutating func apply(_ aim: Aim) throws(Failure) {
    let targets = try ports.staging.targets(of: aim.experiment)
    let written = try stage(.apply, "\(aim) settings") { () throws(Failure) in
      let written = try write(aim.arm, to: targets)
      return (written, "\(aim) settings \(written.isEmpty ? "are there already" : "written")")
    }
    inForce = try stage(.verify, "\(aim) settings") { () throws(Failure) in
      let found = try verify(aim.arm, targets, written)
      try ports.staging.renew()
      let untold = found.flatMap(\.values).filter { $0.found == nil }.map(\.name)
      let note = untold.isEmpty ? "" : "; not told: \(untold.joined(separator: ", "))"
      return (found.lazy.compactMap(\.settings).first, "\(aim) settings are in force" + note)
    }
  }

  /// Writes where the arm is not in force already, and returns what was written, by the target's place in the list.
  private func write(_ arm: Arm, to targets: [any TargetPort]) throws(Failure) -> [Int: Change] {
    guard let id else { preconditionFailure("nothing is applied before the execution began") }
    var written: [Int: Change] = [:]
    for (index, target) in targets.enumerated() {
      try ports.interrupts.stopIfRequested()
      let before = try target.snapshot()
      let after = try target.planned(arm, over: before)
      // Where the text is the wanted one, what works may be older than it.
      if before == after, try target.verify(arm, within: .zero).differences.isEmpty { continue }
      let change = try ports.record.recordChange(
        id, target: target.kind, locator: target.locator, before: before, after: after)
      try noting(target) { () throws(Failure) in try target.apply(arm) }
      try ports.record.setChange(change.id, state: .applied)
      written[index] = change
    }
    return written
  }

  /// - Returns: what each target tells.
  @discardableResult
  private func verify(
    _ arm: Arm, _ targets: [any TargetPort], _ written: [Int: Change]
  ) throws(Failure) -> [InForce] {
    var all: [InForce] = []
    for (index, target) in targets.enumerated() {
      let found = try target.verify(arm, within: Undo.patience)
      guard found.differences.isEmpty else {
        throw Failure(.noGo, "not in force: \(found.differences.sentence)")
      }
      if let change = written[index] { try ports.record.setChange(change.id, state: .verified) }
      all.append(found)
    }
    return all
  }

  /// What a target's programs print is kept, also when the act fails.
  private func noting<Value>(
    _ target: any TargetPort, _ act: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    defer {
      if let id { for note in target.takeNotes() { try? ports.record.recordEvent(id, kind: target.kind, text: note) } }
    }
    return try act()
  }

  // MARK: The way back

  /// Applies the change, puts it back and reads back, before any load depends on it.
  ///
  /// Where the targets hold the change already, the baseline takes its part.
  mutating func rehearse() throws(Failure) {
    try stage(.rehearse, "") { () throws(Failure) in
      let targets = try ports.staging.targets(of: experiment)
      for arm in [Arm.retest, .baseline] {
        let written = try write(arm, to: targets)
        guard !written.isEmpty else { continue }
        try verify(arm, targets, written)
        return ((), "\(try rehearseUndo(of: targets)) changed, put back, and read back")
      }
      return ((), "baseline and change are the same: there is no way back to rehearse")
    }
    wasRehearsed = true
  }

  private func rehearseUndo(of targets: [any TargetPort]) throws(Failure) -> String {
    let undos = try owed()
    for undo in undos {
      try ports.interrupts.stopIfRequested()
      let target = try target(of: undo, in: targets)
      let decision = try noting(target) { () throws(Failure) in try undo.putBack(target) }
      if case .conflict = decision { throw undo.conflict }
      try undo.confirm(target)
      try ports.record.closeChanges(undo.changes, as: .reverted)
    }
    return undos.reversed().map(\.locator).joined(separator: ", ")
  }

  /// One undo that fails does not stop the others; all that failed are named.
  func rollback() throws(Failure) {
    let undos = try owed()
    guard !undos.isEmpty else { return }
    try assuredStage(.rollback) { () throws(Failure) in
      try each(undos) { undo, target throws(Failure) in
        switch try noting(target, { () throws(Failure) in try undo.putBack(target) }) {
        case .alreadyBack: return "\(undo.locator) holds what it held before"
        case .restore: return "\(undo.locator) put back"
        case .conflict: throw undo.conflict
        }
      }
    }
  }

  func confirm(_ outcome: ExecutionOutcome) throws(Failure) {
    let undos = try owed()
    try assuredStage(.confirm) { () throws(Failure) in
      outcome == .kept ? try confirmKept(undos) : try confirmBack(undos)
    }
  }

  /// All or none: half of a kept change put back by `recover` would be a third configuration.
  private func confirmKept(_ undos: [Undo]) throws(Failure) -> String {
    try verify(.retest, try ports.staging.targets(of: experiment), [:])
    try ports.record.closeChanges(undos.flatMap(\.changes), as: .kept)
    return "the change is in force and stays"
  }

  /// A journal that cannot be closed stays open: `recover` will find that the target is back already.
  private func confirmBack(_ undos: [Undo]) throws(Failure) -> String {
    guard !undos.isEmpty else { return "nothing was changed" }
    return try each(undos) { undo, target throws(Failure) in
      try undo.confirm(target)
      try? ports.record.closeChanges(undo.changes, as: .reverted)
      return "\(undo.locator) holds what it held before"
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

  /// What this execution still owes, in the order of its undoing.
  private func owed() throws(Failure) -> [Undo] {
    Undo.owed(by: try ports.record.openChanges()).filter { $0.execution == id }
  }
}

extension Aim: CustomStringConvertible {
  var description: String { arm.rawValue }
}
