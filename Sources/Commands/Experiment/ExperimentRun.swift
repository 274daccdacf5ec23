import Arguments
import Evidence
import Model
import Report
import Runner
import Store

struct ExperimentRun: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Carry out an experiment on staging, record it, decide, and keep or put back.",
    discussion: """
      Ctrl-C puts staging back and ends with 130. A second one leaves at once; the undo stays recorded, and \
      'poolops experiment recover' carries it out.
      """)
  @Argument(help: ArgumentHelp("The experiment, by name or path.", valueName: "name")) var name: String
  @Flag(help: "Print the plan and stop: the same as 'experiment plan'.") var dryRun = false
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let entry = try ExperimentLibrary(project, world).entry(name)
    if dryRun {
      let calibration = ResultsStore.calibration(for: entry.experiment, in: project)
      let report = PlanReport(entry.experiment, names: EnvironmentNames(entry.experiment), calibration: calibration)
      world.output(options.json ? report.json.text : report.text(world.style))
      return .go
    }
    let interrupts = SignalInterrupts()
    let store = try ResultsStore.writing(project)
    defer { store.close() }
    let experiment = entry.experiment
    let execution = StagedExecution(
      entry: entry, project: project, store: store, interrupts: interrupts, isQuiet: options.quiet)
    let kind: ExecutionKind = experiment.isExhaustion ? .exhaustion : .experiment
    let result = execution.carryOut(experiment, kind: kind, in: world) { baseline, retest, wasRehearsed in
      Judgement.judge(experiment, baseline: baseline, retest: retest, wasRehearsed: wasRehearsed)
    }
    // What became of staging decides the exit code, also where the report cannot be made.
    do throws(Failure) { try report(result, experiment, store, world) } catch { world.say(error) }
    return result.status
  }

  /// Says what was found, or why nothing was.
  private func report(
    _ result: ExecutionResult, _ experiment: Experiment, _ store: ResultsStore, _ world: World
  ) throws(Failure) {
    guard let id = result.id else { throw result.failure ?? Failure(.unexpected, "the preflight failed") }
    let found = try store.ask { () throws(StoreError) in try store.execution(id) }
    guard let execution = found else { throw Failure(.unexpected, "\(id) is not in \(store.path)") }
    let report = VerdictReport(
      execution, comparison: try store.comparison(of: execution, experiment),
      changes: SettingChange.all(of: experiment), expects: experiment.expects, lead: try store.lead(of: execution))
    world.output(options.json ? report.json.text : report.text(world.style))
    guard let failure = result.failure else { return }
    // What could not be recorded, on a full disk, is not in the report.
    if execution.stages.allSatisfy({ $0.note != failure.message }) { return world.say(failure) }
    if let hint = failure.hint { world.note(hint) }
  }
}
