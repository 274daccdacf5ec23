import Arguments
import Model
import Report

/// The whole program: reads the words, runs the command, words the failure, and returns the exit code.
package struct Poolops: ParsableCommand {
  package static let version = "0.1.0"

  package static let configuration = CommandConfiguration(
    commandName: "poolops",
    abstract: "Prove or refute a change to a database connection pool, on staging, with evidence.",
    discussion: """
      Exit codes: 0 done or GO, 2 NO-GO or regression, 3 inconclusive, 4 failed and put back, 5 put back but not \
      confirmed, 64 usage, 69 unreachable, 75 locked, 78 bad configuration, 130 and 143 interrupted.
      """,
    version: version,
    subcommands: [
      ExperimentGroup.self, RunGroup.self, Diff.self, ReportCommand.self, RunbookGroup.self, GoNoGoCommand.self,
      SweepGroup.self, Size.self, AuditCommand.self, MonitorCommand.self, AlertsGroup.self,
      SettingsGroup.self, StagingGroup.self,
    ])

  package init() {}

  /// Runs the command that `world.arguments` name. Never exits the process itself.
  package static func main(in world: World) -> Int32 {
    let status = answer(in: world)
    guard let reason = world.outputFault() else { return status }
    world.say(Failure(.unexpected, "not all could be written to standard output: \(reason)"))
    return status == ExitStatus.go.rawValue ? ExitStatus.unexpected.rawValue : status
  }

  private static func answer(in world: World) -> Int32 {
    switch parseAsRoot(world.arguments, width: min(max(world.columns, 40), 100)) {
    case .exit(let message):
      if message.toStandardError { world.note(message.text) } else { world.output(message.text + "\n") }
      return message.code.rawValue
    case .command(let command as any PoolopsCommand):
      return run(command, in: world).rawValue
    case .command(let command):
      world.output((helpMessage(for: type(of: command)) ?? "") + "\n")
      return ExitStatus.go.rawValue
    }
  }

  private static func run(_ command: any PoolopsCommand, in world: World) -> ExitStatus {
    do throws(Failure) {
      return try command.run(in: world)
    } catch {
      world.say(error)
      return error.status
    }
  }
}

extension World {
  /// Words a failure. What a person typed may be a URL with its password, in the place of a name.
  func say(_ failure: Failure) { note("poolops: \(withoutPassword(failure.description))") }

  /// Sentences on standard error; a terminal would break their lines within words.
  func note(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      errorIsTerminal && line.count > errorStyle.width ? errorStyle.paragraph(String(line)) : String(line)
    }
    error(lines.joined(separator: "\n") + "\n")
  }
}
