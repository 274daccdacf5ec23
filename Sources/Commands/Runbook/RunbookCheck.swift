import Arguments
import Model
import Report
import Store

struct RunbookCheck: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Name every region that is stale or was edited by hand. Writes nothing.",
    discussion: "Exits with 2 when text and evidence disagree.")
  @Argument(help: ArgumentHelp("Runbooks in runbooks/ (default: all).", valueName: "file")) var files: [String] = []
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let shelf = RunbookShelf(project, try ResultsStore.reading(project))
    var isFine = true
    var reports: [JSONValue] = []
    for name in try shelf.chosen(files, project) {
      let findings = try shelf.check(name)
      let shown = project.shown(shelf.path(name))
      isFine = isFine && findings.isEmpty
      if options.json {
        reports.append(["file": .string(shown), "findings": RunbookFinding.json(findings, file: shown)])
        continue
      }
      for finding in findings { world.error(finding.text(file: shown) + "\n") }
      if findings.isEmpty, !options.quiet { world.output("\(shown): text and evidence agree\n") }
    }
    if options.json { world.output(JSONValue.array(reports).text) }
    return isFine ? .go : .noGo
  }
}
