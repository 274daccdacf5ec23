import Arguments
import Model

struct GoNoGoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "go-no-go", abstract: "Say whether the recorded evidence allows the change to go to production.",
    subcommands: [GoNoGoShow.self, GoNoGoSign.self], defaultSubcommand: GoNoGoShow.self)
}

extension ExitStatus {
  init(_ decision: Decision) {
    switch decision {
    case .go: self = .go
    case .noGo: self = .noGo
    case .inconclusive: self = .inconclusive
    }
  }
}
