import Arguments
import Ecosystems
import Model
import Report

struct SettingsShow: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show how ecosystems name, count and default each setting; one of them in detail.",
    discussion: Ecosystem.known)
  @Argument(help: ArgumentHelp("Ecosystems, such as asyncpg (default: all).", valueName: "ecosystem"))
  var ecosystems: [String] = []
  @Flag(help: "Print the reference page docs/ecosystems.md.") var markdown = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard markdown, options.json else { return }
    throw ValidationError("'--markdown' and '--json' cannot both be given.")
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    var chosen: [Ecosystem] = []
    for word in ecosystems { chosen.append(try .chosen(word)) }
    let report = SettingsReport(chosen.isEmpty ? Ecosystem.all : chosen)
    world.output(options.json ? report.json.text : markdown ? report.markdown : report.text(world.style))
    return .go
  }
}
