import Model

/// What touches the targets: the pool of the next block, and at the end what was there before.
extension SweepRunner {
  /// The targets of any cell: they differ in the wanted size alone.
  func targets() throws(Failure) -> [any TargetPort] {
    let spec = SweepSpec(sizes: [1], levels: [.users(1)], warmUp: .zero, duration: .seconds(1))
    return try ports.staging.targets(of: experiment.cell(size: 1, level: .users(1), of: spec))
  }

  /// An undo that the sweep itself owes, because it was killed, is taken over: its chain of changes goes on, and ends as one.
  /// One that is owed elsewhere is in nobody's way.
  func refuseOpenUndo(of targets: [any TargetPort], goingOnWith own: ExecutionID?) throws(Failure) {
    for undo in Undo.owed(by: try ports.record.openChanges()) {
      guard let target = targets.first(where: undo.isOf) else { continue }
      guard undo.execution == own else {
        throw Failure(
          .locked, "\(undo.execution) ended without putting back \(undo.locator)",
          hint: "Type 'poolops experiment recover' first.")
      }
      if case .conflict = undo.decide(current: try target.snapshot()) { throw undo.conflict }
    }
  }

  /// Journal, write, read back; each target in its turn.
  /// - Returns: the pool's settings as they were read back; nil where no target tells.
  func apply(_ cell: Experiment) throws(Failure) -> PoolSettings? {
    let name = "pool of \(cell.settings(of: .baseline).maxSize)"
    let targets = try ports.staging.targets(of: cell)
    let written = try stage(.apply, name) { () throws(Failure) in
      let written = try write(to: targets)
      return (written, written.isEmpty ? "there already" : "written")
    }
    return try stage(.verify, name) { () throws(Failure) in
      let found = try verify(targets, written)
      try ports.staging.renew()
      return (found, "in force")
    }
  }

  /// Writes where the cell is not in force already, and returns what was written, by the target's place in the list.
  private func write(to targets: [any TargetPort]) throws(Failure) -> [Int: Change] {
    guard let id else { preconditionFailure("nothing is applied before the sweep began") }
    var written: [Int: Change] = [:]
    for (index, target) in targets.enumerated() {
      try ports.interrupts.stopIfRequested()
      let before = try target.snapshot()
      let after = try target.planned(.baseline, over: before)
      // Where the text is the wanted one, what works may be older than it.
      if before == after, try target.verify(.baseline, within: .zero).differences.isEmpty { continue }
      let change = try ports.record.recordChange(
        id, target: target.kind, locator: target.locator, before: before, after: after)
      try noting(target) { () throws(Failure) in try target.apply(.baseline) }
      try ports.record.setChange(change.id, state: .applied)
      written[index] = change
    }
    return written
  }

  private func verify(_ targets: [any TargetPort], _ written: [Int: Change]) throws(Failure) -> PoolSettings? {
    var inForce: PoolSettings?
    for (index, target) in targets.enumerated() {
      let found = try target.verify(.baseline, within: Undo.patience)
      guard found.differences.isEmpty else { throw Failure(.noGo, "not in force: \(found.differences.sentence)") }
      if let change = written[index] { try ports.record.setChange(change.id, state: .verified) }
      inForce = found.settings ?? inForce
    }
    return inForce
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

  /// A journal that cannot be closed stays open: `recover` will find that the target is back already.
  func confirm() throws(Failure) {
    let undos = try owed()
    try assuredStage(.confirm) { () throws(Failure) in
      guard !undos.isEmpty else { return "nothing was changed" }
      return try each(undos) { undo, target throws(Failure) in
        try undo.confirm(target)
        try? ports.record.closeChanges(undo.changes, as: .reverted)
        return "\(undo.locator) holds what it held before"
      }
    }
  }

  /// Does all of them, whichever fail.
  private func each(
    _ undos: [Undo], _ act: (Undo, any TargetPort) throws(Failure) -> String
  ) throws(Failure) -> String {
    let targets = try targets()
    var done: [String] = []
    var failed: [Failure] = []
    for undo in undos {
      do throws(Failure) {
        guard let target = targets.first(where: undo.isOf) else {
          throw Failure(.rollbackUnverified, "\(undo.locator) is no target of this experiment")
        }
        done.append(try act(undo, target))
      } catch {
        failed.append(error)
      }
    }
    guard let first = failed.first else { return done.joined(separator: "; ") }
    throw Failure(
      .rollbackUnverified, (failed.map(\.message) + done).joined(separator: "; "),
      hint: first.hint ?? "Type 'poolops experiment recover' to try again.")
  }

  /// What this sweep still owes, in the order of its undoing.
  private func owed() throws(Failure) -> [Undo] {
    Undo.owed(by: try ports.record.openChanges()).filter { $0.execution == id }
  }

  // MARK: Stages

  /// Runs `body` as a stage: recorded before and after, and left at once when a stop was requested.
  func stage<Value>(
    _ stage: Stage, _ note: String, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> Value {
    try ports.interrupts.stopIfRequested()
    let row: Int? = if let id { try ports.record.beginStage(id, stage) } else { nil }
    let (value, found) = try shown(stage, row: row, body)
    if let row { try ports.record.finishStage(row, outcome: .passed, note: found.isEmpty ? note : "\(note): \(found)") }
    return value
  }

  /// The stages that put staging back: not stoppable, and carried out even when they cannot be recorded (a full disk).
  private func assuredStage(_ stage: Stage, _ body: () throws(Failure) -> String) throws(Failure) {
    let row = id.flatMap { try? ports.record.beginStage($0, stage) }
    let (_, found) = try shown(stage, row: row) { () throws(Failure) in ((), try body()) }
    if let row { try? ports.record.finishStage(row, outcome: .passed, note: found) }
  }

  private func shown<Value>(
    _ stage: Stage, row: Int?, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> (Value, String) {
    do throws(Failure) {
      let result = try body()
      sweep.observer.finished(stage, .passed, note: result.1)
      return result
    } catch {
      let outcome: StageOutcome = error.isStop ? .interrupted : .failed
      if let row { try? ports.record.finishStage(row, outcome: outcome, note: error.message) }
      sweep.observer.finished(stage, outcome, note: error.message)
      throw error
    }
  }
}
