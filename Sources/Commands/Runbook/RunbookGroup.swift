import Arguments

struct RunbookGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runbook", abstract: "Write and check the generated regions of the runbooks.",
    subcommands: [RunbookRender.self, RunbookCheck.self])
}
