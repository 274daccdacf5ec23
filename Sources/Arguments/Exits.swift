/// Values that are each fine but not together. Ends with usage and exit code 64.
package struct ValidationError: Error, CustomStringConvertible, Equatable {
  package let message: String
  package init(_ message: String) { self.message = message }
  package var description: String { message }
}

/// A process exit code; thrown from `run()` it ends silently with that code.
package struct ExitCode: Error, RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }
  package init(_ code: Int32) { self.init(rawValue: code) }

  package static let success = ExitCode(0)
  package static let failure = ExitCode(1)
  /// EX_USAGE of sysexits.h.
  package static let validationFailure = ExitCode(64)

  package var isSuccess: Bool { self == .success }
}

/// An early end that is no failure: the text goes to standard output and the exit code is 0.
package enum CleanExit: Error {
  /// The help of a command; nil means the command that was running.
  case helpRequest((any ParsableCommand.Type)? = nil)
  case message(String)

  package static func helpRequest(_ command: some ParsableCommand) -> CleanExit { .helpRequest(type(of: command)) }
}

/// The last words of a process and the code that it ends with. Thrown from `run()` it is printed as it stands.
package struct ExitMessage: Error, Equatable, Sendable {
  /// Without a newline at the end; empty when there is nothing to say.
  package let text: String
  package let toStandardError: Bool
  package let code: ExitCode

  package init(text: String, toStandardError: Bool, code: ExitCode) {
    self.text = text
    self.toStandardError = toStandardError
    self.code = code
  }
}
