import Arguments
import Model
import Report
import Store

struct ExperimentPlan: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Print what a run would do: each stage, each change with its inverse. Touches nothing.")
  @Argument(help: ArgumentHelp("The experiment, by name or path.", valueName: "name")) var name: String
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let entry = try ExperimentLibrary(project, world).entry(name)
    let calibration = ResultsStore.calibration(for: entry.experiment, in: project)
    let report = PlanReport(entry.experiment, names: EnvironmentNames(entry.experiment), calibration: calibration)
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }
}
