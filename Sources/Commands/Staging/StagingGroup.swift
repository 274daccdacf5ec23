import Arguments

struct StagingGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "staging",
    abstract: "The embedded staging, and the mark of a staging of your own.",
    subcommands: [
      StagingUp.self, StagingDown.self, StagingStatus.self, StagingMarkCommand.self, StagingUnmark.self,
    ])
}
