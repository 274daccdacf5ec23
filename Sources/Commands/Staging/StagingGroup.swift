import Arguments

struct StagingGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "staging", abstract: "The embedded staging: a private PostgreSQL under .poolops/staging.",
    subcommands: [StagingUp.self, StagingDown.self, StagingStatus.self])
}
