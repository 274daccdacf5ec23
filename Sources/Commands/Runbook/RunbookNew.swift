import Arguments
import Ecosystems
import Model
import Report
import Store

struct RunbookNew: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a template for a runbook: its sections, and the regions that write themselves.",
    discussion: "Nothing is overwritten. " + Ecosystem.known)
  @Argument(help: ArgumentHelp("The runbook's name, for runbooks/NAME.md.", valueName: "name")) var name: String
  @Option(help: ArgumentHelp("The experiment that it is about.", valueName: "name")) var experiment: String
  @Option(help: ArgumentHelp("Whose words to write the settings in, too.", valueName: "ecosystem"))
  var ecosystem: String?
  @OptionGroup var options: GlobalOptions

  private var stem: String { name.hasSuffix(".md") ? String(name.dropLast(3)) : name }

  func validate() throws {
    let signs: Set<Character> = [".", "_", "-"]
    let isPlain = stem.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || signs.contains($0) }
    guard isPlain, stem.first.map({ $0.isLetter || $0.isNumber }) ?? false else {
      throw ValidationError(
        "The value '\(name)' is invalid for '<name>'. Give letters, digits, '.', '_' and '-', such as connection-pool.")
    }
  }

  /// A page can be begun without results.
  private static func isSwept(_ name: String, _ project: Project) -> Bool {
    guard let store = try? ResultsStore.reading(project) else { return false }
    return (try? store.sweeps(of: name))?.contains { $0.finished != nil && $0.spec.confirms == nil } ?? false
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let entry = try ExperimentLibrary(project, world).entry(experiment)
    try entry.requireComparison(to: "write a page about")
    let ecosystem = try ecosystem.map { word throws(Failure) in try Ecosystem.chosen(word) }
    let template = RunbookTemplate(
      experiment: entry.experiment.name, title: entry.experiment.title, ecosystem: ecosystem?.id,
      isSwept: Self.isSwept(entry.experiment.name, project))
    let path = "\(project.runbooks)/\(stem).md"
    try Files.makeFolder(project.runbooks)
    guard try Files.create(path, with: template.text) else {
      throw Failure(
        .usage, "\(project.shown(path)) is there already", hint: "Give another name; nothing was overwritten.")
    }
    let next = "poolops runbook render \(stem)"
    world.output(
      options.json
        ? JSONValue.members([("file", .string(project.shown(path))), ("next", .string(next))]).text
        : "Wrote \(project.shown(path)). Fill in what is marked TODO.\nNext: \(next)\n")
    return .go
  }
}
