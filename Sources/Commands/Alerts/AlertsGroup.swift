import Arguments

struct AlertsGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts",
    abstract: "Write alert rules for Prometheus, with their tests, and a dashboard for Grafana; say what they rest on.",
    subcommands: [AlertsRender.self, AlertsList.self])
}
