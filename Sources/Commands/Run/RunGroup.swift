import Arguments

struct RunGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Look at recorded runs, and name them.",
    subcommands: [RunList.self, RunShow.self, RunTag.self, RunUntag.self])
}
