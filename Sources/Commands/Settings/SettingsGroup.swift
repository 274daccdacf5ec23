import Arguments
import Ecosystems
import Model

struct SettingsGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Show, translate and write pool settings in the words of each ecosystem.",
    subcommands: [SettingsShow.self, SettingsTranslate.self, SettingsEmit.self])
}

extension Ecosystem {
  /// The ecosystem that a person named.
  static func chosen(_ word: String) throws(Failure) -> Ecosystem {
    if let found = named(word) { return found }
    let ids = all.map(\.id)
    let hint = nearest(to: word.lowercased(), in: ids).map { "Did you mean '\($0)'?" }
    throw Failure(.usage, "no ecosystem '\(word)'", hint: hint ?? "Known: \(ids.joined(separator: ", ")).")
  }

  static let known = "Ecosystems: \(all.map(\.id).joined(separator: ", "))."
}

extension SettingsPreset: ExpressibleByArgument {}
