import Evidence
import Model
import Monitor
import Runner
import Store

/// One execution on the real staging, recorded in the real store.
struct StagedExecution {
  let entry: ExperimentLibrary.Entry
  let project: Project
  let store: ResultsStore
  let interrupts: SignalInterrupts
  let isQuiet: Bool

  /// - Parameter experiment: what is carried out; the text of `entry` is recorded with it.
  func carryOut(
    _ experiment: Experiment, kind: ExecutionKind = .experiment, in world: World,
    judge: @escaping ExperimentRunner.Judge
  ) -> ExecutionResult {
    let progress = TerminalProgress(world, quiet: isQuiet, experiment: experiment)
    let maker = TargetMaker(project: project, in: world)
    let staging = ExperimentStaging(experiment, with: maker, say: progress.say)
    let watch = DriftWatch(maker)
    let ports = RunnerPorts(
      staging: staging, watch: watch,
      load: BlockLoad(
        staging, spec: experiment.load, gauges: gauges(experiment, world), rule: EarlyWarning.Rule(of: experiment),
        say: progress.say),
      record: StoreRecord(store, now: world.now, kind: kind), observer: progress, interrupts: interrupts)
    let source = ExperimentSource(
      text: entry.text, digest: digest(of: entry.text), seed: experiment.pairs.seed ?? world.randomSeed())
    var runner = ExperimentRunner(
      experiment: experiment, source: source, looks: Set(Look.points(of: experiment.pairs)),
      ports: world.instrument(ports), judge: judge)
    let result = runner.carryOut()
    progress.closeLine()
    try? staging.release()
    return result
  }

  private func gauges(_ experiment: Experiment, _ world: World) -> AppGauges? {
    experiment.gauges.map { AppGauges(endpoint: $0, variables: world.variables) }
  }
}
