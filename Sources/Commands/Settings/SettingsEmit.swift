import Arguments
import Ecosystems
import Model
import Report

struct SettingsEmit: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "emit", abstract: "Write a preset in the words of one ecosystem, with the reason for each value.",
    discussion: "The settings go to standard output, the reasons and what cannot be said to standard error. "
      + Ecosystem.known)
  @Option(help: ArgumentHelp("Whose words to write.", valueName: "ecosystem")) var ecosystem: String
  @Option(help: "What the settings are for.") var preset: SettingsPreset
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    world.tell(SettingsTranslationReport(preset, for: try .chosen(ecosystem)), options)
    return .go
  }
}
