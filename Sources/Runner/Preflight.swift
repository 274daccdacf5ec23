import Model

/// Before anything is recorded or changed.
extension RunnerPorts {
  /// Whether staging and its targets are ready, and free. Takes the locks; changes nothing.
  ///
  /// - Parameter own: an execution that is gone on with: its open undo is taken over.
  /// - Returns: the facts that runs are recorded with.
  func preflight(_ experiment: Experiment, goingOnWith own: ExecutionID? = nil) throws(Failure) -> [String: String] {
    let facts = try staging.preflight()
    let targets = try staging.targets(of: experiment)
    // Only now are the locks ours: before, an open undo could be that of an execution which is alive.
    try refuseOpenUndo(of: targets, goingOnWith: own)
    for target in targets { try target.preflight() }
    return facts
  }

  /// The chain of changes of one that is gone on with goes on, and ends as one. An undo that is owed elsewhere is in
  /// nobody's way.
  private func refuseOpenUndo(of targets: [any TargetPort], goingOnWith own: ExecutionID?) throws(Failure) {
    for undo in Undo.owed(by: try record.openChanges()) {
      guard let target = targets.first(where: undo.isOf) else { continue }
      guard undo.execution == own else {
        throw Failure(
          .locked, "\(undo.execution) ended without putting back \(undo.locator)",
          hint: "Type 'poolops experiment recover' first.")
      }
      if case .conflict = undo.decide(current: try target.snapshot()) { throw undo.conflict }
    }
  }
}
