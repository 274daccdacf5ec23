import Evidence
import Model
import Report
import Runner
import Store

/// Measures a sweep and reports it: what `sweep` and `sweep confirm` have in common.
struct SweepSession {
  let entry: ExperimentLibrary.Entry
  let project: Project
  let form: SweepOutput
  let options: GlobalOptions

  func measure(_ start: SweepStart.Found, in world: World) throws(Failure) -> ExitStatus {
    let interrupts = SignalInterrupts()
    let store = try ResultsStore.writing(project)
    defer { store.close() }
    let sweep = StagedSweep(
      entry: entry, project: project, store: store, interrupts: interrupts, isQuiet: options.quiet)
    let result = sweep.carryOut(start, in: world)
    // What became of staging decides the exit code, also where the report cannot be made.
    var answer = ExitStatus.go
    do throws(Failure) { answer = try report(result, store, world) } catch { world.say(error) }
    return result.status == .go ? answer : result.status
  }

  private func report(_ result: SweepResult, _ store: ResultsStore, _ world: World) throws(Failure) -> ExitStatus {
    guard let id = result.id else { throw result.failure ?? Failure(.unexpected, "the preflight failed") }
    var answer = ExitStatus.go
    if result.measured > 0 {
      let report = try store.sweepReport(id)
      answer = report.status
      try SweepShow.output(report, form, options, world)
    }
    guard let failure = result.failure else { return answer }
    world.say(failure)
    let missing = result.missing > 0 ? "; 'poolops sweep \(id.experiment) --resume' goes on with what is missing" : ""
    let staging = result.outcome == .failed ? "staging is as it was" : "staging may not be as it was"
    world.note("\(id) was not measured to its end; \(staging)\(missing).")
    return answer
  }
}

extension SweepReport {
  /// What the record says by itself: whether it is whole, and of a confirmation whether the knee is confirmed.
  var status: ExitStatus {
    guard isWhole else { return .inconclusive }
    guard let confirmation else { return .go }
    if confirmation.isConfirmed { return .go }
    return confirmation.answer == .open ? .inconclusive : .noGo
  }
}
