import Arguments

struct ExperimentGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Carry out experiments: measure, change, measure again, decide, keep or put back.",
    subcommands: [
      ExperimentList.self, ExperimentValidate.self, ExperimentPlan.self, ExperimentRun.self, ExperimentRecover.self,
      ExperimentCalibrate.self,
    ])
}
