import Model

/// What one execution does to its targets: changes them, reads them back, and puts them back.
///
/// What is owed stands in the journal and not in here, so it may be made anew at any moment.
struct ChangeControl {
  let ports: RunnerPorts
  let execution: ExecutionID
  /// Names the targets; what they are to hold, an aim says.
  let experiment: Experiment

  init(_ ports: RunnerPorts, of execution: ExecutionID, _ experiment: Experiment) {
    self.ports = ports
    self.execution = execution
    self.experiment = experiment
  }

  var stages: Stages { Stages(ports, of: execution) }

  /// Journal, write, read back; each target in its turn.
  ///
  /// - Parameter name: of the settings, in the plural: `baseline settings`.
  /// - Returns: the pool's settings as they were read back; nil where no target tells.
  func apply(_ aim: Aim, as name: String) throws(Failure) -> PoolSettings? {
    let targets = try ports.staging.targets(of: aim.experiment)
    let written = try stages.carryOut(.apply, name) { () throws(Failure) in
      let written = try write(aim.arm, to: targets)
      return (written, "\(name) \(written.isEmpty ? "are there already" : "written")")
    }
    return try stages.carryOut(.verify, name) { () throws(Failure) in
      let found = try verify(aim.arm, targets, written)
      try ports.staging.renew()
      let untold = found.flatMap(\.values).filter { $0.found == nil }.map(\.name)
      let note = untold.isEmpty ? "" : "; not told: \(untold.joined(separator: ", "))"
      let told = InForce(values: found.flatMap(\.values)).told.map { ": \($0)" } ?? ""
      return (found.lazy.compactMap(\.settings).first, "\(name) are in force\(told)\(note)")
    }
  }

  /// Writes where the arm is not in force already, and returns what was written, by the target's place in the list.
  func write(_ arm: Arm, to targets: [any TargetPort]) throws(Failure) -> [Int: Change] {
    var written: [Int: Change] = [:]
    for (index, target) in targets.enumerated() {
      try ports.interrupts.stopIfRequested()
      let before = try target.snapshot()
      let after = try target.planned(arm, over: before)
      // Where the text is the wanted one, what works may be older than it.
      if before == after, try target.verify(arm, within: .zero).differences.isEmpty { continue }
      let change = try ports.record.recordChange(
        execution, target: target.kind, locator: target.locator, before: before, after: after)
      try noting(target) { () throws(Failure) in try target.apply(arm) }
      try ports.record.setChange(change.id, state: .applied)
      written[index] = change
    }
    return written
  }

  /// - Returns: what each target tells.
  @discardableResult
  func verify(_ arm: Arm, _ targets: [any TargetPort], _ written: [Int: Change]) throws(Failure) -> [InForce] {
    var all: [InForce] = []
    for (index, target) in targets.enumerated() {
      let found = try target.verify(arm, within: Undo.patience)
      guard found.differences.isEmpty else {
        throw Failure(
          .noGo, "\(target.locator) was written, and something else is in force: \(found.differences.sentence)")
      }
      if let change = written[index] { try ports.record.setChange(change.id, state: .verified) }
      all.append(found)
    }
    return all
  }

  /// What a target's programs print is kept, also when the act fails.
  func noting<Value>(_ target: any TargetPort, _ act: () throws(Failure) -> Value) throws(Failure) -> Value {
    defer {
      for note in target.takeNotes() { try? ports.record.recordEvent(execution, kind: target.kind, text: note) }
    }
    return try act()
  }
}
