import Model

/// The target of a change, as far as putting it back needs it.
package protocol TargetPort: AnyObject {
  /// What the target holds now, of the tuned settings; nil where it does not exist.
  func snapshot() throws(Failure) -> String?
  func restore(_ snapshot: String?) throws(Failure)
}

/// The target of the change and the staging around it, as the runner needs them.
package protocol StagingPort: TargetPort {
  /// What the target is called in the journal, and where it is.
  var targetName: String { get }
  var targetLocator: String { get }
  /// Is this staging, and free? Changes nothing. Returns the facts that runs are recorded with.
  func preflight() throws(Failure) -> [String: String]
  /// What `snapshot` would return after `apply(settings)`.
  func planned(_ settings: PoolSettings, over snapshot: String?) throws(Failure) -> String
  func apply(_ settings: PoolSettings) throws(Failure)
  /// What is in force, read from where it works.
  func effectiveSettings() throws(Failure) -> PoolSettings
}

/// One block of load.
package protocol LoadPort: AnyObject {
  /// Starts the load; the pool takes its settings from the target by itself.
  func begin(seed: UInt64) throws(Failure)
  /// Waits a little (a fraction of a second) and returns what is new.
  func poll() throws(Failure) -> LoadUpdate
  /// Ends the load, early or at its end, and returns what is left.
  func end() throws(Failure) -> LoadEnding
}

package struct LoadUpdate: Sendable {
  package var slices: [Slice]
  package var samples: [ProbeSample]
  package var live: LiveFigures
  package var isFinished: Bool
  package init(slices: [Slice], samples: [ProbeSample], live: LiveFigures, isFinished: Bool) {
    self.slices = slices
    self.samples = samples
    self.live = live
    self.isFinished = isFinished
  }
}

package struct LoadEnding: Sendable {
  package var slices: [Slice]
  package var samples: [ProbeSample]
  package var inFlight: Int
  package var effective: PoolSettings
  package init(slices: [Slice], samples: [ProbeSample], inFlight: Int, effective: PoolSettings) {
    self.slices = slices
    self.samples = samples
    self.inFlight = inFlight
    self.effective = effective
  }
}

/// What is shown while the load runs; never stored.
package struct LiveFigures: Hashable, Sendable {
  package var elapsed: Duration = .zero
  package var rate: Double = 0
  /// Seconds; nil before the first answer.
  package var p95: Double?
  package var errors: Int = 0
  /// Of the pool under load; nil where an app does not tell.
  package var active: Int? = 0
  package var idle: Int? = 0
  package var waiting: Int? = 0
  package var isWarmUp = false
  package init() {}
}

/// Where an execution is recorded. Each call is durable when it returns.
package protocol RecordPort: AnyObject {
  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID
  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int
  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure)
  func beginRun(_ execution: ExecutionID, arm: Arm, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure)
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure)
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure)
  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun
  func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(Failure)
  func finishExecution(_ id: ExecutionID, outcome: ExecutionOutcome) throws(Failure)
  func recordEvent(_ execution: ExecutionID, kind: String, text: String) throws(Failure)
  func recordChange(_ execution: ExecutionID, target: String, locator: String, before: String?, after: String?)
    throws(Failure) -> Change
  func setChange(_ id: Int, state: Change.State) throws(Failure)
  /// All of them or none: a journal closed by halves would name the wrong original.
  func closeChanges(_ changes: [Change], as state: Change.State) throws(Failure)
  func openChanges() throws(Failure) -> [Change]
  /// Executions that never ended, since their process died (the lock on staging is ours), or whose rollback was not verified.
  func unfinishedExecutions() throws(Failure) -> [ExecutionID]
  /// Ends an execution that died: what was running in it is marked aborted.
  func markAborted(_ execution: ExecutionID, outcome: ExecutionOutcome) throws(Failure)
}

/// Who watches: the terminal, or nobody.
package protocol Observer: AnyObject {
  func began(_ execution: ExecutionID)
  /// `note` says which settings or block: "retest, pair 3 of 8".
  func began(_ stage: Stage, note: String)
  func finished(_ stage: Stage, _ outcome: StageOutcome, note: String)
  func live(_ figures: LiveFigures, block: PlannedBlock)
}

/// Whether a person or the system asked to stop.
package protocol InterruptPort: AnyObject {
  /// nil while nobody did; the status that the process will end with.
  var requested: ExitStatus? { get }
}
