import Arguments
import Model
import Report

struct AlertsRender: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Write rule files for Prometheus, tests for promtool, and a dashboard for Grafana.",
    discussion: """
      Without --output the rules go to standard output, as one rule file. Each rule says what its number rests on, and \
      by how much it is known to lead the first failed request.
      """ + " " + AlertOptions.known)
  @OptionGroup var alerts: AlertOptions
  @Option(help: ArgumentHelp("The folder to write rules, tests and dashboard into.", valueName: "folder"))
  var output: String?
  @Flag(help: "Replace also files that were written or edited by somebody else.") var force = false
  @Flag(help: "Say what would change, and write nothing.") var dryRun = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard output == nil, let word = force ? "--force" : dryRun ? "--dry-run" : nil else { return }
    throw ValidationError("'\(word)' needs '--output', the folder that it is about.")
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let plan = try alerts.plan(try Project(world, options))
    let rendered = AlertFiles(try alerts.sources(), plan)
    guard let output else {
      world.output(options.json ? Self.json(rendered) : rendered.rules)
      if !options.json, !options.quiet {
        world.note("These are the rules. With --output FOLDER come their tests and a dashboard.")
      }
      return .go
    }
    let folder = AlertFolder(absolute(output, world), shown: output)
    let written = try folder.write(rendered.files, force: force, isDryRun: dryRun)
    world.output(options.json ? Self.json(written) : text(written, output))
    return .go
  }

  private func text(_ written: [AlertFolder.Written], _ folder: String) -> String {
    let lines = written.map { "  \($0.word(isDryRun: dryRun))  \($0.path)\n" }.joined()
    return dryRun ? lines : lines + "Next: promtool test rules \(folder)/*.test.yml\n"
  }

  private static func json(_ rendered: AlertFiles) -> String {
    JSONValue.members(rendered.files.map { ($0.name, .string($0.text)) }).text
  }

  private static func json(_ written: [AlertFolder.Written]) -> String {
    JSONValue.array(
      written.map { .members([("file", .string($0.path)), ("was", .string($0.was.rawValue))]) }
    ).text
  }
}
