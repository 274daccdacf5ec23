import Model

/// Everything that a sweep acts through.
package struct SweepPorts {
  /// Of an execution; their observer is shown the stages.
  package var ports: RunnerPorts
  package var record: any SweepRecordPort
  package var observer: any SweepObserver
  /// The largest pool that the server has slots for, after the preflight.
  package var largestPool: () throws(Failure) -> Int
  /// The experiment whose load the next blocks put on.
  package var choose: (Experiment) -> Void
  package init(
    ports: RunnerPorts, record: any SweepRecordPort, observer: any SweepObserver,
    largestPool: @escaping () throws(Failure) -> Int, choose: @escaping (Experiment) -> Void
  ) {
    self.ports = ports
    self.record = record
    self.observer = observer
    self.largestPool = largestPool
    self.choose = choose
  }
}

/// Where a sweep is recorded besides its execution. Each call is durable when it returns.
package protocol SweepRecordPort: AnyObject {
  func beginSweep(_ id: ExecutionID, _ spec: SweepSpec, limit: Int?, cells: [SweepCell]) throws(Failure)
  /// Goes on with an execution that had ended, or died: what was running in it is aborted.
  func reopen(_ id: ExecutionID) throws(Failure)
  /// What an interrupted sweep has.
  func rest(of id: ExecutionID) throws(Failure) -> SweepRest
  func addCell(_ cell: SweepCell, to id: ExecutionID) throws(Failure)
  func setRun(_ run: RunID, ofCell position: Int, _ id: ExecutionID) throws(Failure)
  /// Goes on with a run that was cut off between two blocks.
  func reopenRun(_ run: RunID) throws(Failure)
  func cutOff(_ reason: String, cell position: Int, _ id: ExecutionID) throws(Failure)
  func finishSweep(_ id: ExecutionID) throws(Failure)
}

/// What an interrupted sweep has.
package struct SweepRest: Hashable, Sendable {
  package var sweep: SweepRecord
  /// The rounds of each run that were measured to their end.
  package var rounds: [RunID: Set<Int>]
  /// Runs that were closed as whole.
  package var finished: Set<RunID>
  /// The facts that its runs were recorded with; empty where there is none yet.
  package var environment: [String: String]
  package init(
    sweep: SweepRecord, rounds: [RunID: Set<Int>], finished: Set<RunID>, environment: [String: String]
  ) {
    self.finished = finished
    self.sweep = sweep
    self.rounds = rounds
    self.environment = environment
  }
}

/// Who watches a sweep, besides its stages.
package protocol SweepObserver: AnyObject {
  /// - Parameter measured: blocks that were measured earlier.
  func began(_ id: ExecutionID, measured: Int, ahead: Int)
  func began(_ block: SweepBlock, measured: Int, ahead: Int)
  func live(_ figures: LiveFigures)
  /// - Parameter cutOff: the guard that ended it; empty otherwise.
  func finished(_ block: SweepBlock, cutOff: String)
}
