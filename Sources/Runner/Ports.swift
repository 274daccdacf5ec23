import Model
import Monitor

/// One place where the change is made. Every act may be repeated; none assumes that an earlier one went well.
package protocol TargetPort: AnyObject {
  /// The kind, and which one of its kind, as the journal has them.
  var kind: String { get }
  var locator: String { get }
  /// Whether every act will be possible. Changes nothing.
  func preflight() throws(Failure)
  /// What the target holds now, of what is tuned; nil where it does not exist. Changes nothing.
  func snapshot() throws(Failure) -> String?
  /// What `snapshot` would return after `apply(arm)` to a target that has given `snapshot`.
  func planned(_ arm: Arm, over snapshot: String?) throws(Failure) -> String
  func apply(_ arm: Arm) throws(Failure)
  /// What is in force, read from where it works, beside what the arm wants.
  /// - Parameter patience: how long to wait for a difference to go away.
  func verify(_ arm: Arm, within patience: Duration) throws(Failure) -> InForce
  func revert(to snapshot: String?) throws(Failure)
  /// What is in force, beside what `snapshot` says.
  func confirm(_ snapshot: String?, within patience: Duration) throws(Failure) -> InForce
  /// What its programs have printed since the last call.
  func takeNotes() -> [String]
}

/// The staging around the targets.
package protocol StagingPort: AnyObject {
  /// Is this staging, and free? Takes the locks; changes nothing. Returns the facts that runs are recorded with.
  func preflight() throws(Failure) -> [String: String]
  /// Where `experiment` makes its change, in the order of its application. After the preflight.
  func targets(of experiment: Experiment) throws(Failure) -> [any TargetPort]
  /// Whether staging is still ours: takes a lock again that a restart of the server has ended.
  func renew() throws(Failure)
}

/// Looks at the targets again and again while a load is on, on a thread of its own.
package protocol WatchPort: AnyObject {
  func begin(_ arm: Arm, of experiment: Experiment) throws(Failure)
  /// What is not as it was any more, as a sentence; nil while everything is.
  func drift() -> String?
  /// One more look now; what it and those before it have found.
  func lastLook() -> String?
  func end()
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
  /// What the armed rule made of the pool; empty where none is armed.
  package var warnings: [WarningSample] = []
  /// Of the load so far.
  package var firstFailure: FirstFailure?
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
  /// What the load's own pool really took; nil where the pool is somebody else's.
  package var effective: PoolSettings?
  /// As in `LoadUpdate`.
  package var warnings: [WarningSample] = []
  package var firstFailure: FirstFailure?
  package init(slices: [Slice], samples: [ProbeSample], inFlight: Int, effective: PoolSettings?) {
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
  /// What an armed rule says; nil where none is armed.
  package var level: WarningLevel?
  package init() {}
}

/// Where an execution is recorded. Each call is durable when it returns.
package protocol RecordPort: AnyObject {
  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID
  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int
  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure)
  /// - Parameter step: `max_size` of a rollout's step; nil for the runs that are compared.
  func beginRun(_ execution: ExecutionID, arm: Arm, step: Int?, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure)
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure)
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure)
  /// Why a block does not count that was measured to its end; comes before it is finished, as aborted.
  func setAside(block: Int, reason: String) throws(Failure)
  /// What a load of steps found in a block; comes before the block is finished.
  func recordLead(_ times: LeadTimes, of run: RunID) throws(Failure)
  func recordBreakingPoint(_ point: BreakingPoint, ofBlock: Int) throws(Failure)
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
  /// The block does not count and is measured once more.
  func measuresAgain(_ block: PlannedBlock, reason: String)
}

/// Whether a person or the system asked to stop.
package protocol InterruptPort: AnyObject {
  /// nil while nobody did; the status that the process will end with.
  var requested: ExitStatus? { get }
}
