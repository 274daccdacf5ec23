import Arguments
import Evidence
import Model
import Report
import Store

struct RunShow: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: settings, figures with intervals, errors, environment.")
  @Argument(help: ArgumentHelp("A run, such as run-12.", valueName: "run")) var run: RunID
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let store = try ResultsStore.reading(try Project(world, options))
    let recorded = try store.recorded(run)
    let execution = try store.ask { () throws(StoreError) in try store.execution(recorded.run.execution) }
    let other = execution?.runs.first { $0 != run }
    let shape = execution?.experiment?.load.shape
    let report = RunReport(
      .of(recorded), other: other, tags: try store.tagNames()[run] ?? [],
      recoveries: SpikeRecovery.all(of: recorded, shape))
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }
}

extension RunID: ExpressibleByArgument {
  package init?(argument: String) { self.init(text: argument) }
  package static var acceptedForm: String? { "a run such as run-12" }
}
