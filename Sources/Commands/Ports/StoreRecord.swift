import Model
import Monitor
import Runner
import Store

/// Records an execution in `results.db`.
final class StoreRecord: RecordPort {
  private let store: ResultsStore
  private let now: () -> Timestamp
  private let kind: ExecutionKind

  init(_ store: ResultsStore, now: @escaping () -> Timestamp, kind: ExecutionKind = .experiment) {
    self.store = store
    self.now = now
    self.kind = kind
  }

  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID {
    try store.ask { () throws(StoreError) in
      try store.beginExecution(experiment: experiment, text: text, digest: digest, seed: seed, kind: kind, at: now())
    }
  }

  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int {
    let record = StageRecord(stage: stage, outcome: .running, started: now())
    return try store.ask { () throws(StoreError) in try store.recordStage(execution, record) }
  }

  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.finishStage(id, outcome: outcome, ended: now(), note: note) }
  }

  func beginRun(
    _ execution: ExecutionID, arm: Arm, step: Int?, wanted: PoolSettings, environment: [String: String]
  ) throws(Failure) -> RunID {
    try store.ask { () throws(StoreError) in
      try store.beginRun(execution, arm: arm, step: step, wanted: wanted, environment: environment, at: now())
    }
  }

  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.finishRun(id, status: status, at: now()) }
  }

  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int {
    try store.ask { () throws(StoreError) in try store.beginBlock(run: run, pair: pair, position: position, at: now()) }
  }

  func append(slices: [Slice], samples: [ProbeSample], toBlock block: Int) throws(Failure) {
    guard !slices.isEmpty || !samples.isEmpty else { return }
    try store.ask { () throws(StoreError) in try store.append(slices: slices, samples: samples, toBlock: block) }
  }

  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure) {
    try store.ask { () throws(StoreError) in
      try store.finishBlock(id, status: status, effective: effective, inFlightAtEnd: inFlight, at: now())
    }
  }

  func setAside(block id: Int, reason: String) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.setAside(block: id, reason: reason) }
  }

  func recordLead(_ times: LeadTimes, of run: RunID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.recordLead(times, of: run) }
  }

  func recordBreakingPoint(_ point: BreakingPoint, ofBlock id: Int) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.recordBreakingPoint(point, ofBlock: id) }
  }

  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun { try store.recorded(id) }

  func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(Failure) {
    // A against A decides nothing, so that nothing can be taken for evidence.
    guard kind != .calibration else { return }
    try store.ask { () throws(StoreError) in try store.recordVerdict(execution, verdict) }
  }

  func finishExecution(_ id: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.finishExecution(id, outcome: outcome, at: now()) }
  }

  func recordEvent(_ execution: ExecutionID, kind: String, text: String) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.recordEvent(execution, kind: kind, text: text, at: now()) }
  }

  func recordChange(
    _ execution: ExecutionID, target: String, locator: String, before: String?, after: String?
  ) throws(Failure) -> Change {
    try store.ask { () throws(StoreError) in
      try store.recordChange(
        execution: execution, target: target, locator: locator, before: before, after: after, at: now())
    }
  }

  func setChange(_ id: Int, state: Change.State) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.setChange(id, state: state, at: now()) }
  }

  func closeChanges(_ changes: [Change], as state: Change.State) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.closeChanges(changes.map(\.id), state: state, at: now()) }
  }

  func openChanges() throws(Failure) -> [Change] {
    try store.ask { () throws(StoreError) in try store.openChanges() }
  }

  func unfinishedExecutions() throws(Failure) -> [ExecutionID] {
    try store.ask { () throws(StoreError) in try store.unfinishedExecutions() }
  }

  func markAborted(_ execution: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.markAborted(execution, outcome: outcome, at: now()) }
  }
}
