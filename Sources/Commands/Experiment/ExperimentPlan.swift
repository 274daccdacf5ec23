import Arguments
import Model
import Report

struct ExperimentPlan: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Print what a run would do: each stage, each change with its inverse. Touches nothing.")
  @Argument(help: ArgumentHelp("The experiment, by name or path.", valueName: "name")) var name: String
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let entry = try ExperimentLibrary(try Project(world, options), world).entry(name)
    let report = PlanReport(entry.experiment, names: .builtin)
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }
}
