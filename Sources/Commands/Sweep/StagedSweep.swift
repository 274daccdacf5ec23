import Evidence
import Model
import Report
import Runner
import Store

/// One sweep on the real staging, recorded in the real store.
struct StagedSweep {
  let entry: ExperimentLibrary.Entry
  let project: Project
  let store: ResultsStore
  let interrupts: SignalInterrupts
  let isQuiet: Bool

  func carryOut(_ found: SweepStart.Found, in world: World) -> SweepResult {
    let progress = SweepProgress(world, quiet: isQuiet, spec: found.spec)
    // Of the smallest pool, as the runner itself looks whether the others fit; its settings name what is tuned.
    let first = entry.experiment.cell(
      size: found.spec.sizes.first ?? 1, level: found.spec.levels[0], of: found.spec)
    let maker = TargetMaker(project: project, in: world)
    let staging = ExperimentStaging(first, with: maker, say: progress.say)
    let load = BlockLoad(
      staging, spec: first.load,
      gauges: entry.experiment.gauges.map { AppGauges(endpoint: $0, variables: world.variables) }, say: progress.say)
    let ports = RunnerPorts(
      staging: staging, watch: DriftWatch(maker), load: load,
      record: StoreRecord(store, now: world.now, kind: .sweep), observer: progress,
      interrupts: interrupts)
    let sweep = SweepPorts(
      ports: world.instrument(ports), record: StoreSweepRecord(store, now: world.now), observer: progress,
      largestPool: { () throws(Failure) in staging.largestPool }, choose: { load.spec = $0.load })
    let source = ExperimentSource(text: entry.text, digest: digest(of: entry.text), seed: found.seed)
    var runner = SweepRunner(entry.experiment, source: source, found.start, ports: sweep)
    let result = runner.carryOut()
    progress.closeLine()
    try? staging.release()
    return result
  }
}

/// Records a sweep in `results.db`, besides its execution.
final class StoreSweepRecord: SweepRecordPort {
  private let store: ResultsStore
  private let now: () -> Timestamp

  init(_ store: ResultsStore, now: @escaping () -> Timestamp) {
    self.store = store
    self.now = now
  }

  func beginSweep(_ id: ExecutionID, _ spec: SweepSpec, limit: Int?, cells: [SweepCell]) throws(Failure) {
    try store.ask { () throws(StoreError) in
      try store.beginSweep(SweepRecord(id: id, spec: spec, limit: limit, cells: cells))
    }
  }

  func reopen(_ id: ExecutionID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.reopenExecution(id, at: now()) }
  }

  func rest(of id: ExecutionID) throws(Failure) -> SweepRest {
    let found = try store.ask { () throws(StoreError) in
      (try store.sweep(id), try store.finishedRounds(of: id), try store.runs())
    }
    guard let sweep = found.0 else { throw Failure(.unexpected, "\(id) is no sweep in \(store.path)") }
    let runs = found.2.filter { $0.execution == id }
    return SweepRest(
      sweep: sweep, rounds: found.1, finished: Set(runs.filter { $0.status == .finished }.map(\.id)),
      environment: runs.last?.environment ?? [:])
  }

  func addCell(_ cell: SweepCell, to id: ExecutionID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.addCell(cell, to: id) }
  }

  func setRun(_ run: RunID, ofCell position: Int, _ id: ExecutionID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.setRun(run, ofCell: position, id) }
  }

  func reopenRun(_ run: RunID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.reopenRun(run) }
  }

  func cutOff(_ reason: String, cell position: Int, _ id: ExecutionID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.cutOff(reason, cell: position, id) }
  }

  func finishSweep(_ id: ExecutionID) throws(Failure) {
    try store.ask { () throws(StoreError) in try store.finishSweep(id, at: now()) }
  }
}
