import Arguments
import Evidence
import Model
import Report
import Store

struct RunShow: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: settings, figures with intervals, errors, environment.",
    discussion: """
        poolops run show run-12
        poolops run show run-12 --follow     (one line a second while it is measured, from another terminal)

      Following only reads: Ctrl-C ends the watching and leaves the run alone.
      """)
  @Argument(help: ArgumentHelp("A run, such as run-12, or a tag.", valueName: "run")) var name: String
  @Flag(name: .shortAndLong, help: "Watch it while it is measured.") var follow: Bool = false
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let store = try ResultsStore.reading(project)
    let run = try RunNames(store).run(name)
    if follow {
      store.close()
      return try RunFollower(run, project, world).watch(json: options.json)
    }
    let recorded = try store.recorded(run)
    let execution = try store.ask { () throws(StoreError) in try store.execution(recorded.run.execution) }
    let other = execution?.runs.first { $0 != run }
    let experiment = execution?.experiment
    let shape = experiment?.load.shape
    let report = RunReport(
      .of(recorded, shape: shape), other: other, tags: try store.tagNames()[run] ?? [],
      recoveries: SpikeRecovery.all(of: recorded, shape), times: RequestTimes(recorded),
      endurance: Endurance(recorded, hasPool: experiment?.hasPool ?? true),
      lead: try store.ask { () throws(StoreError) in try store.leadTimes(of: run) })
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }
}

extension Experiment {
  /// Whether the connections of the load are those of the pool that is tuned: of HTTP they are not.
  var hasPool: Bool { load.carrier == .sql }
}
