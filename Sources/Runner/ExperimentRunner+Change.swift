import Model

/// What touches the targets: apply and verify, rehearse, put back, confirm.
extension ExperimentRunner {
  /// Looks only. The execution begins to exist when it passed, so that a refusal leaves no trace.
  mutating func preflight() throws(Failure) {
    environment = try stages.carryOut(.preflight, "") { () throws(Failure) in
      (try ports.preflight(experiment), "staging is ready")
    }
    let execution = try ports.record.beginExecution(
      experiment: experiment.name, text: source.text, digest: source.digest, seed: source.seed)
    id = execution
    ports.observer.began(execution)
    let row = try ports.record.beginStage(execution, .preflight)
    try ports.record.finishStage(row, outcome: .passed, note: "staging is ready")
  }

  mutating func apply(_ aim: Aim) throws(Failure) {
    inForce = try control.apply(aim, as: "\(aim.arm.rawValue) settings")
  }

  mutating func rehearse() throws(Failure) {
    try control.rehearse()
    wasRehearsed = true
  }

  func confirm(_ outcome: ExecutionOutcome) throws(Failure) {
    outcome == .kept ? try control.confirmKept() : try control.confirmBack()
  }
}
