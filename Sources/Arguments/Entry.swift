/// What the words of a command line come to.
package enum ParseOutcome {
  /// Parsed and validated, ready for `run()`.
  case command(any ParsableCommand)
  /// Help, version or a usage error: print the text, end with the code.
  case exit(ExitMessage)
}

extension ParsableCommand {
  /// Parses the words after the program's name, with this command as the root of the tree.
  ///
  /// - Parameter width: The columns that help is wrapped to.
  package static func parseAsRoot(_ words: [String], width: Int = 80) -> ParseOutcome {
    do {
      return .command(try CommandParser().parse(words, at: CommandPath(Self.self)))
    } catch {
      return .exit(exitMessage(for: error, width: width))
    }
  }

  /// What an error thrown by a parsed command's `run()` comes to: usage and 64 for a `ValidationError`, help for a
  /// `CleanExit`, the code of an `ExitCode`, and "Error: …" with exit code 1 for anything else.
  package static func exitMessage(
    for error: any Error, from command: any ParsableCommand, width: Int = 80
  ) -> ExitMessage {
    let path = CommandPath(Self.self)
    return exitMessage(for: .thrown(error, path.path(to: type(of: command)) ?? path), width: width)
  }

  /// The help of a command of this tree; nil when it is not in the tree.
  package static func helpMessage(for command: any ParsableCommand.Type, width: Int = 80) -> String? {
    CommandPath(Self.self).path(to: command).map { HelpText(path: $0, width: width).help }
  }

  private static func exitMessage(for ending: Ending, width: Int) -> ExitMessage {
    switch ending {
    case .help(let path): success(HelpText(path: path, width: width).help)
    case .version(let version): success(version)
    case .fault(let sentence, let helpLine, let path): usageError(sentence, helpLine, at: path, width: width)
    case .thrown(let error, let path): exitMessage(for: error, at: path, width: width)
    }
  }

  private static func exitMessage(for error: any Error, at path: CommandPath, width: Int) -> ExitMessage {
    switch error {
    case let message as ExitMessage: message
    case let error as ValidationError: usageError(error.message, nil, at: path, width: width)
    case let code as ExitCode: ExitMessage(text: "", toStandardError: !code.isSuccess, code: code)
    case CleanExit.message(let text): success(text)
    case CleanExit.helpRequest(let wanted):
      success(HelpText(path: wanted.flatMap(CommandPath(Self.self).path) ?? path, width: width).help)
    default: ExitMessage(text: "Error: \(error)", toStandardError: true, code: .failure)
    }
  }

  private static func success(_ text: String) -> ExitMessage {
    ExitMessage(text: text, toStandardError: false, code: .success)
  }

  private static func usageError(
    _ sentence: String, _ helpLine: String?, at path: CommandPath, width: Int
  ) -> ExitMessage {
    let lines = ["Error: \(sentence)"] + (helpLine.map { ["Help:  \($0)"] } ?? [])
    let usage = HelpText(path: path, width: width).usageAfterError
    return ExitMessage(
      text: (lines + [usage]).joined(separator: "\n"), toStandardError: true, code: .validationFailure)
  }
}
