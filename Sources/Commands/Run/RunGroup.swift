import Arguments

struct RunGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Look at recorded runs.", subcommands: [RunList.self, RunShow.self])
}
