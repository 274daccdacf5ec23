import Arguments

struct SweepGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep", abstract: "Measure pool sizes against levels of load, and name the knee.",
    subcommands: [SweepRun.self, SweepShow.self, SweepConfirm.self], defaultSubcommand: SweepRun.self)
}
