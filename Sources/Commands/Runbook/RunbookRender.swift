import Arguments
import Model
import Report
import Store

struct RunbookRender: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Rewrite the generated regions from the recorded evidence, and only what changed.",
    discussion: """
      Prose outside the regions is kept byte for byte. A region that was edited by hand is kept and named, and the \
      exit code is 2; --force rewrites it.
      """)
  @Argument(help: ArgumentHelp("Runbooks in runbooks/ (default: all).", valueName: "file")) var files: [String] = []
  @Flag(help: "Rewrite also regions that were edited by hand.") var force = false
  @Flag(help: "Say what would change, and write nothing.") var dryRun = false
  @Option(help: ArgumentHelp("Write the runbook as one HTML page, too.", valueName: "file")) var html: String?
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let shelf = RunbookShelf(project, try ResultsStore.reading(project))
    var statuses: [ExitStatus] = []
    var json: [JSONValue] = []
    let names = try shelf.chosen(files, project)
    if html != nil, names.count > 1 { throw Failure(.usage, "--html makes the page of one runbook; name it") }
    for name in names {
      let (changed, report) = try render(name, shelf, world)
      statuses.append(report.status)
      json.append(report.json(rendered: changed))
      if !options.json { world.output(report.text(rendered: changed, page: html, isDryRun: dryRun, world.style)) }
    }
    if options.json { world.output(JSONValue.array(json).text) }
    return statuses.worst
  }

  private func render(
    _ name: String, _ shelf: RunbookShelf, _ world: World
  ) throws(Failure) -> ([String], RunbookReport) {
    let (rendering, report) = try shelf.render(name, force: force)
    // Not by comparing texts: to Swift they are equal when Unicode normalises them alike.
    if !rendering.changed.isEmpty, !dryRun { try Files.replace(shelf.path(name), with: rendering.text) }
    let written = try shelf.writeFiles(of: rendering.text, isDryRun: dryRun)
    if let html, !dryRun { try Files.replace(absolute(html, world), with: try shelf.page(name, rendering.text)) }
    return (rendering.changed + written, report)
  }
}

extension RunbookShelf {
  /// The runbooks that a person named, by file name or path; all of them when none was named.
  func chosen(_ files: [String], _ project: Project) throws(Failure) -> [String] {
    let names = try names
    guard !names.isEmpty else {
      throw Failure(.usage, "there are no runbooks in \(project.shown(project.runbooks))/")
    }
    var chosen: [String] = []
    for file in files {
      let base = String(file.split(separator: "/").last ?? "")
      guard let name = [base, base + ".md"].first(where: names.contains) else {
        let guess = nearest(to: base, in: names).map { ". Did you mean '\($0)'?" } ?? "."
        throw Failure(.usage, "there is no runbook '\(file)' in \(project.shown(project.runbooks))/\(guess)")
      }
      chosen.append(name)
    }
    return files.isEmpty ? names : chosen
  }
}
