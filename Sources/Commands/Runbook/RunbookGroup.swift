import Arguments

struct RunbookGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runbook", abstract: "Start a runbook; write and check its generated regions.",
    subcommands: [RunbookNew.self, RunbookRender.self, RunbookCheck.self])
}
