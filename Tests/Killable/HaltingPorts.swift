import Model
import Monitor
import Runner

/// Forwards to the real port after the breakpoints were asked, and asks them again when it has returned.
protocol Halting {
  var breakpoints: Breakpoints { get }
}

extension Halting {
  func around<Value>(
    _ call: String = #function, _ act: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try breakpoints.around(call, act)
  }
}

final class HaltingStaging: StagingPort, Halting {
  private let port: any StagingPort
  let breakpoints: Breakpoints

  init(_ port: any StagingPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  func preflight() throws(Failure) -> [String: String] {
    try around { () throws(Failure) in try port.preflight() }
  }
  func targets(of experiment: Experiment) throws(Failure) -> [any TargetPort] {
    try port.targets(of: experiment).map { HaltingTarget($0, breakpoints) }
  }
  func renew() throws(Failure) { try around { () throws(Failure) in try port.renew() } }
}

final class HaltingTarget: TargetPort, Halting {
  private let port: any TargetPort
  let breakpoints: Breakpoints

  init(_ port: any TargetPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  var kind: String { port.kind }
  var locator: String { port.locator }
  func preflight() throws(Failure) { try around { () throws(Failure) in try port.preflight() } }
  func snapshot() throws(Failure) -> String? { try around { () throws(Failure) in try port.snapshot() } }
  func planned(_ arm: Arm, over snapshot: String?) throws(Failure) -> String {
    try port.planned(arm, over: snapshot)
  }
  func apply(_ arm: Arm) throws(Failure) { try around { () throws(Failure) in try port.apply(arm) } }
  func verify(_ arm: Arm, within patience: Duration) throws(Failure) -> InForce {
    try around { () throws(Failure) in try port.verify(arm, within: patience) }
  }
  func revert(to snapshot: String?) throws(Failure) {
    try around { () throws(Failure) in try port.revert(to: snapshot) }
  }
  func confirm(_ snapshot: String?, within patience: Duration) throws(Failure) -> InForce {
    try around { () throws(Failure) in try port.confirm(snapshot, within: patience) }
  }
  func takeNotes() -> [String] { port.takeNotes() }
}

final class HaltingLoad: LoadPort, Halting {
  private let port: any LoadPort
  let breakpoints: Breakpoints

  init(_ port: any LoadPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  func begin(seed: UInt64) throws(Failure) { try around { () throws(Failure) in try port.begin(seed: seed) } }
  func poll() throws(Failure) -> LoadUpdate { try around { () throws(Failure) in try port.poll() } }
  func end() throws(Failure) -> LoadEnding { try around { () throws(Failure) in try port.end() } }
}

final class HaltingRecord: RecordPort, Halting {
  private let port: any RecordPort
  let breakpoints: Breakpoints

  init(_ port: any RecordPort, _ breakpoints: Breakpoints) {
    self.port = port
    self.breakpoints = breakpoints
  }

  func beginExecution(experiment: String, text: String, digest: String, seed: UInt64) throws(Failure) -> ExecutionID {
    try around { () throws(Failure) in
      try port.beginExecution(experiment: experiment, text: text, digest: digest, seed: seed)
    }
  }
  func beginStage(_ execution: ExecutionID, _ stage: Stage) throws(Failure) -> Int {
    breakpoints.enter(stage)
    return try around { () throws(Failure) in try port.beginStage(execution, stage) }
  }
  func finishStage(_ id: Int, outcome: StageOutcome, note: String) throws(Failure) {
    try around { () throws(Failure) in try port.finishStage(id, outcome: outcome, note: note) }
  }
  func beginRun(_ execution: ExecutionID, arm: Arm, step: Int?, wanted: PoolSettings, environment: [String: String])
    throws(Failure) -> RunID
  {
    try around { () throws(Failure) in
      try port.beginRun(execution, arm: arm, step: step, wanted: wanted, environment: environment)
    }
  }
  func finishRun(_ id: RunID, status: RecordStatus) throws(Failure) {
    try around { () throws(Failure) in try port.finishRun(id, status: status) }
  }
  func beginBlock(run: RunID, pair: Int, position: Int) throws(Failure) -> Int {
    try around { () throws(Failure) in try port.beginBlock(run: run, pair: pair, position: position) }
  }
  func append(slices: [Slice], samples: [ProbeSample], toBlock: Int) throws(Failure) {
    try around { () throws(Failure) in try port.append(slices: slices, samples: samples, toBlock: toBlock) }
  }
  func finishBlock(_ id: Int, status: RecordStatus, effective: PoolSettings?, inFlight: Int) throws(Failure) {
    try around { () throws(Failure) in
      try port.finishBlock(id, status: status, effective: effective, inFlight: inFlight)
    }
  }
  func setAside(block: Int, reason: String) throws(Failure) {
    try around { () throws(Failure) in try port.setAside(block: block, reason: reason) }
  }
  func recordedRun(_ id: RunID) throws(Failure) -> RecordedRun {
    try around { () throws(Failure) in try port.recordedRun(id) }
  }
  func recordLead(_ times: LeadTimes, of run: RunID) throws(Failure) {
    try around { () throws(Failure) in try port.recordLead(times, of: run) }
  }
  func recordBreakingPoint(_ point: BreakingPoint, ofBlock id: Int) throws(Failure) {
    try around { () throws(Failure) in try port.recordBreakingPoint(point, ofBlock: id) }
  }
  func recordVerdict(_ execution: ExecutionID, _ verdict: Verdict) throws(Failure) {
    try around { () throws(Failure) in try port.recordVerdict(execution, verdict) }
  }
  func finishExecution(_ id: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try around { () throws(Failure) in try port.finishExecution(id, outcome: outcome) }
  }
  func recordEvent(_ execution: ExecutionID, kind: String, text: String) throws(Failure) {
    try around { () throws(Failure) in try port.recordEvent(execution, kind: kind, text: text) }
  }
  func recordChange(_ execution: ExecutionID, target: String, locator: String, before: String?, after: String?)
    throws(Failure) -> Change
  {
    try around { () throws(Failure) in
      try port.recordChange(execution, target: target, locator: locator, before: before, after: after)
    }
  }
  func setChange(_ id: Int, state: Change.State) throws(Failure) {
    try around { () throws(Failure) in try port.setChange(id, state: state) }
  }
  func closeChanges(_ changes: [Change], as state: Change.State) throws(Failure) {
    try around { () throws(Failure) in try port.closeChanges(changes, as: state) }
  }
  func openChanges() throws(Failure) -> [Change] { try around { () throws(Failure) in try port.openChanges() } }
  func unfinishedExecutions() throws(Failure) -> [ExecutionID] {
    try around { () throws(Failure) in try port.unfinishedExecutions() }
  }
  func markAborted(_ execution: ExecutionID, outcome: ExecutionOutcome) throws(Failure) {
    try around { () throws(Failure) in try port.markAborted(execution, outcome: outcome) }
  }
}
