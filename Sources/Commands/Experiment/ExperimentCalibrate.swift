import Arguments
import Evidence
import Model
import Report
import Runner
import Store

struct ExperimentCalibrate: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Measure the noise of staging: A against A, and what can be seen through it.",
    discussion: """
      Both arms have the baseline's settings, under the experiment's own load, with interleaved blocks as in a run. Its \
      noise is recorded, and is evidence for nothing else: go-no-go, diff and runbook do not count it. \
      Ctrl-C ends it as it ends a run.
      """)
  @Argument(help: ArgumentHelp("The experiment, by name or path.", valueName: "name")) var name: String
  @Option(help: ArgumentHelp("Pairs of blocks.", valueName: "n")) var pairs: Int = 8
  @Flag(help: "Show the newest calibration again; measure nothing.") var show = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard !(Comparison.pairsForFinding...500).contains(pairs) else { return }
    throw ValidationError("The value '\(pairs)' is invalid for '--pairs <n>'. Give a number from 6 to 500.")
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let entry = try ExperimentLibrary(project, world).entry(name)
    try entry.requireComparison(to: "calibrate")
    if show {
      output(try newest(project, entry.experiment.name), world)
      return .go
    }
    let interrupts = SignalInterrupts()
    let store = try ResultsStore.writing(project)
    defer { store.close() }
    let execution = StagedExecution(
      entry: entry, project: project, store: store, interrupts: interrupts, isQuiet: options.quiet)
    let result = execution.carryOut(entry.experiment.againstItself(pairs: pairs), kind: .calibration, in: world) {
      _, _, _ in Verdict(decision: .inconclusive, rules: [], reason: "A against A decides nothing.")
    }
    guard result.outcome == .rolledBack, result.verdict != nil else { return told(result, world) }
    let calibration = try measure(result, entry.experiment, store)
    try store.ask { () throws(StoreError) in try store.recordCalibration(calibration) }
    output(calibration, world)
    return .go
  }

  private func newest(_ project: Project, _ name: String) throws(Failure) -> Calibration {
    let store = try ResultsStore.reading(project)
    let found = try store.ask { () throws(StoreError) in try store.calibrations(of: name) }
    guard let newest = found.first else {
      throw Failure(
        .inconclusive, "'\(name)' was never calibrated", hint: "Type 'poolops experiment calibrate \(name)' to do it.")
    }
    return newest
  }

  private func measure(
    _ result: ExecutionResult, _ experiment: Experiment, _ store: ResultsStore
  ) throws(Failure) -> Calibration {
    guard let first = result.runs[.baseline], let second = result.runs[.retest] else {
      throw Failure(.unexpected, "a calibration has two runs")
    }
    let runs = (try store.recorded(first), try store.recorded(second))
    let environment = digest(of: Calibration.environmentText(runs.0.run.environment))
    guard let found = Calibration(runs.0, runs.1, environment: environment, shape: experiment.load.shape) else {
      throw Failure(.inconclusive, "no pair of blocks was measured to its end, so there is no noise to tell")
    }
    return found
  }

  private func output(_ calibration: Calibration, _ world: World) {
    let report = CalibrationReport(calibration)
    world.output(options.json ? report.json.text : report.text(world.style))
  }

  /// Why there is no noise to show.
  private func told(_ result: ExecutionResult, _ world: World) -> ExitStatus {
    if let failure = result.failure { world.say(failure) }
    if let id = result.id, result.outcome == .failed { world.note("\(id) measured no noise; staging is as it was.") }
    return result.status
  }
}

extension Experiment {
  /// A against A: the baseline under both arms, nothing to decide, nothing to keep.
  func againstItself(pairs count: Int) -> Experiment {
    var experiment = self
    experiment.change = SettingPatch()
    experiment.pairs = PairsSpec(count: count, stopping: .planned, seed: pairs.seed)
    experiment.checks = []
    experiment.rehearse = false
    experiment.rollout = nil
    experiment.after = AfterSpec(go: .rollback, noGo: .rollback, inconclusive: .rollback)
    return experiment
  }
}
