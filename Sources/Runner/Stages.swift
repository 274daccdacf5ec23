import Model

/// Records and shows the stages of one execution.
struct Stages {
  private let ports: RunnerPorts
  private let execution: ExecutionID?

  /// - Parameter execution: nil until it is recorded, since a preflight that refuses leaves no trace.
  init(_ ports: RunnerPorts, of execution: ExecutionID?) {
    self.ports = ports
    self.execution = execution
  }

  /// Runs `body` as a stage: recorded before and after, shown, and left at once when a stop was requested.
  ///
  /// - Parameter body: returns besides its value the note to record.
  func carryOut<Value>(
    _ stage: Stage, _ note: String, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> Value {
    try ports.interrupts.stopIfRequested()
    let row: Int? = if let execution { try ports.record.beginStage(execution, stage) } else { nil }
    let (value, found) = try shown(stage, note, row: row, body)
    if let row { try ports.record.finishStage(row, outcome: .passed, note: found) }
    return value
  }

  /// The stages that put staging back: not stoppable, and carried out even when they cannot be recorded (a full disk).
  func assure(_ stage: Stage, _ body: () throws(Failure) -> String) throws(Failure) {
    let row = execution.flatMap { try? ports.record.beginStage($0, stage) }
    let (_, found) = try shown(stage, "", row: row) { () throws(Failure) in ((), try body()) }
    if let row { try? ports.record.finishStage(row, outcome: .passed, note: found) }
  }

  private func shown<Value>(
    _ stage: Stage, _ note: String, row: Int?, _ body: () throws(Failure) -> (Value, String)
  ) throws(Failure) -> (Value, String) {
    ports.observer.began(stage, note: note)
    do throws(Failure) {
      let result = try body()
      ports.observer.finished(stage, .passed, note: result.1)
      return result
    } catch {
      let outcome: StageOutcome = error.isStop ? .interrupted : .failed
      if let row { try? ports.record.finishStage(row, outcome: outcome, note: error.message) }
      ports.observer.finished(stage, outcome, note: error.message)
      throw error
    }
  }
}

extension Failure {
  /// A person or the system asked to stop.
  var isStop: Bool { status == .interrupted || status == .terminated }
}

extension InterruptPort {
  func stopIfRequested() throws(Failure) {
    guard let status = requested else { return }
    throw Failure(status, status == .terminated ? "stopped by a signal" : "interrupted")
  }
}
