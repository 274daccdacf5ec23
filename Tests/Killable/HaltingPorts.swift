import Model
import Runner

/// Each forwards to the real port after the breakpoints were asked.
final class HaltingStaging: StagingPort {
  private let port: any StagingPort
  private let breakpoints: Breakpoints

  init(_ port: any StagingPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  private func real(_ call: String = #function) -> any StagingPort {
    breakpoints.before(baseName(call))
    return port
  }

  var targetName: String { port.targetName }
  var targetLocator: String { port.targetLocator }
  func preflight() throws(Failure) -> [String: String] { try real().preflight() }
  func planned(_ settings: PoolSettings, over snapshot: String?) throws(Failure) -> String {
    try real().planned(settings, over: snapshot)
  }
  func apply(_ settings: PoolSettings) throws(Failure) { try real().apply(settings) }
  func effectiveSettings() throws(Failure) -> PoolSettings { try real().effectiveSettings() }
  func snapshot() throws(Failure) -> String? { try real().snapshot() }
  func restore(_ snapshot: String?) throws(Failure) { try real().restore(snapshot) }
}

final class HaltingLoad: LoadPort {
  private let port: any LoadPort
  private let breakpoints: Breakpoints

  init(_ port: any LoadPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  private func real(_ call: String = #function) -> any LoadPort {
    breakpoints.before(baseName(call))
    return port
  }

  func begin(seed: UInt64) throws(Failure) { try real().begin(seed: seed) }
  func poll() throws(Failure) -> LoadUpdate { try real().poll() }
  func end() throws(Failure) -> LoadEnding { try real().end() }
}

final class HaltingRecord: RecordPort {
  private let port: any RecordPort
  private let breakpoints: Breakpoints

  init(_ port: any RecordPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  private func real(_ call: String = #function) -> any RecordPort {
    breakpoints.before(baseName(call))
    return port
  }

  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID {
    try real().beginExecution(experiment: experiment, text: text, digest: digest, seed: seed)
  }
  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int {
    breakpoints.enter(stage)
    return try real().beginStage(execution, stage)
  }
  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure) {
    try real().finishStage(id, outcome: outcome, note: note)
  }
  func beginRun(_ execution: ExecutionID, arm: Arm, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  { try real().beginRun(execution, arm: arm, wanted: wanted, environment: environment) }
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure) { try real().finishRun(id, status: status) }
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int {
    try real().beginBlock(run: run, pair: pair, position: position)
  }
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure) {
    try real().append(slices: slices, samples: samples, toBlock: toBlock)
  }
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure) {
    try real().finishBlock(id, status: status, effective: effective, inFlight: inFlight)
  }
  func recordBreakingPoint(_ point: BreakingPoint, ofBlock id: Int) throws(Failure) {
    try real().recordBreakingPoint(point, ofBlock: id)
  }
  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun { try real().recordedRun(id) }
  func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(Failure) {
    try real().recordVerdict(execution, verdict)
  }
  func finishExecution(_ id: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try real().finishExecution(id, outcome: outcome)
  }
  func recordEvent(_ execution: ExecutionID, kind: String, text: String) throws(Failure) {
    try real().recordEvent(execution, kind: kind, text: text)
  }
  func recordChange(_ execution: ExecutionID, target: String, locator: String, before: String?, after: String?)
    throws(Failure) -> Change
  {
    try real().recordChange(execution, target: target, locator: locator, before: before, after: after)
  }
  func setChange(_ id: Int, state: Change.State) throws(Failure) { try real().setChange(id, state: state) }
  func closeChanges(_ changes: [Change], as state: Change.State) throws(Failure) {
    try real().closeChanges(changes, as: state)
  }
  func openChanges() throws(Failure) -> [Change] { try real().openChanges() }
  func unfinishedExecutions() throws(Failure) -> [ExecutionID] { try real().unfinishedExecutions() }
  func markAborted(_ execution: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try real().markAborted(execution, outcome: outcome)
  }
}

/// `apply(_:)` as `apply`.
private func baseName(_ function: String) -> String { String(function.prefix { $0 != "(" }) }
