import Model

/// What touches the target: the pool of the next block, and at the end what was there before.
extension SweepRunner {
  /// An undo that the sweep itself owes, because it was killed, is taken over: its chain of changes goes on, and ends as one.
  func refuseOpenUndo(goingOnWith own: ExecutionID?) throws(Failure) {
    for owed in Undo.owed(by: try ports.record.openChanges()) {
      guard owed.execution == own else {
        throw Failure(
          .locked, "\(owed.execution) ended without putting back \(owed.locator)",
          hint: "Type 'poolops experiment recover' first.")
      }
      if case .conflict = owed.decide(current: try ports.staging.snapshot()) { throw conflict(owed) }
    }
  }

  private func conflict(_ owed: Undo) -> Failure {
    Failure(
      .rollbackUnverified, "\(owed.locator) was changed by somebody else since; it was not overwritten",
      hint: "Look at it, then type 'poolops experiment recover --force' to put back what was there before.")
  }

  /// Journal, write, read back. Nothing is written where the target holds the wanted values already.
  func apply(_ wanted: PoolSettings) throws(Failure) {
    let name = "pool of \(wanted.maxSize)"
    let change = try stage(.apply, name) { () throws(Failure) in
      let before = try ports.staging.snapshot()
      let after = try ports.staging.planned(wanted, over: before)
      guard before != after else { return (nil as Change?, "\(name) is there already") }
      return (try write(wanted, before: before, after: after), "\(name) written")
    }
    try stage(.verify, name) { () throws(Failure) in
      try expect(wanted, found: try ports.staging.effectiveSettings())
      if let change { try ports.record.setChange(change.id, state: .verified) }
      return ((), "\(name) is in force")
    }
  }

  private func write(_ wanted: PoolSettings, before: String?, after: String) throws(Failure) -> Change {
    guard let id else { preconditionFailure("nothing is applied before the sweep began") }
    let staging = ports.staging
    let change = try ports.record.recordChange(
      id, target: staging.targetName, locator: staging.targetLocator, before: before, after: after)
    try staging.apply(wanted)
    try ports.record.setChange(change.id, state: .applied)
    return change
  }

  func expect(_ wanted: PoolSettings, found: PoolSettings) throws(Failure) {
    let wrong = SettingKey.allCases.filter { wanted[$0] != found[$0] }
    guard !wrong.isEmpty else { return }
    let list = wrong.map { "\($0.rawValue) is \(found[$0].text(for: $0)), wanted \(wanted[$0].text(for: $0))" }
    throw Failure(.noGo, "not in force: " + list.joined(separator: "; "))
  }

  func rollback() throws(Failure) {
    guard let owed = try owed() else { return }
    try assuredStage(.rollback) { () throws(Failure) in
      switch owed.decide(current: try ports.staging.snapshot()) {
      case .alreadyBack: return "\(owed.locator) holds what it held before"
      case .restore(let original):
        try ports.staging.restore(original)
        return "\(owed.locator) put back"
      case .conflict: throw conflict(owed)
      }
    }
  }

  /// A journal that cannot be closed stays open: `recover` will find that the target is back already.
  func confirm() throws(Failure) {
    let owed = try owed()
    try assuredStage(.confirm) { () throws(Failure) in
      guard let owed else { return "nothing was changed" }
      guard owed.isBack(try ports.staging.snapshot()) else {
        throw Failure(.rollbackUnverified, "\(owed.locator) does not hold what it held before")
      }
      try? ports.record.closeChanges(owed.changes, as: .reverted)
      return "\(owed.locator) holds what it held before"
    }
  }

  private func owed() throws(Failure) -> Undo? {
    Undo.owed(by: try ports.record.openChanges()).first { $0.execution == id }
  }

  // MARK: Stages

  /// Runs `body` as a stage: recorded before and after, and left at once when a stop was requested.
  func stage<Value>(
    _ stage: Stage, _ note: String, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> Value {
    try stopIfRequested()
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
