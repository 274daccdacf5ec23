import Arguments
import Evidence
import Model
import Report
import Store

struct RunList: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the recorded runs, newest first.")
  @Option(name: .shortAndLong, help: ArgumentHelp("At most this many.", valueName: "n")) var limit: Int = 20
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard limit < 1 else { return }
    throw ValidationError("The value '\(limit)' is invalid for '--limit <n>'. Give a number of at least 1.")
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let store = try ResultsStore.reading(project)
    let runs = try store.ask { () throws(StoreError) in try store.runs() }.prefix(limit)
    let tags = try store.tagNames()
    var items: [RunListReport.Item] = []
    for run in runs {
      let recorded = try store.recorded(run.id)
      items.append(.init(run: run, figures: .of(recorded), tags: tags[run.id] ?? []))
    }
    let isMeasuring = runs.contains { $0.status == .running } && project.isMeasuring
    let report = RunListReport(items, now: world.now(), isMeasuring: isMeasuring)
    world.output(options.json ? report.json.text : report.text(world.style))
    return .go
  }
}
