import Arguments
import Model
import Report

struct AlertsList: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the alerts of each source: when they fire, what they promise, what is proven.",
    discussion: AlertOptions.known)
  @OptionGroup var alerts: AlertOptions
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let report = AlertsReport(try alerts.sources(), try alerts.plan(try Project(world, options)))
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }
}
