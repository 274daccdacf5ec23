import Arguments
import Model
import Report
import Store

struct RunbookCheck: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Name every region that is stale or was edited by hand. Writes nothing.",
    discussion: """
      Names also deleted runs, results older than the page, and experiment files that changed since they were measured. \
      Exits with 2 when text and evidence disagree, and with 3 where evidence is missing.
      """)
  @Argument(help: ArgumentHelp("Runbooks in runbooks/ (default: all).", valueName: "file")) var files: [String] = []
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let shelf = RunbookShelf(project, try ResultsStore.reading(project))
    var reports: [RunbookReport] = []
    for name in try shelf.chosen(files, project) {
      reports.append(try shelf.check(name))
    }
    if options.json {
      world.output(JSONValue.array(reports.map { $0.json() }).text)
    } else {
      for report in reports { world.output(report.text(world.style)) }
    }
    return reports.map(\.status).worst
  }
}

extension [ExitStatus] {
  /// NO-GO before inconclusive before GO.
  var worst: ExitStatus { contains(.noGo) ? .noGo : first { $0 != .go } ?? .go }
}
