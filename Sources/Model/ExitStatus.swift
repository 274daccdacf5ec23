/// What the process says to its caller. 1 has no meaning of its own: an unexpected fault.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  case go = 0
  case unexpected = 1
  case noGo = 2
  case inconclusive = 3
  case rolledBack = 4
  case rollbackUnverified = 5
  case usage = 64
  case unreachable = 69
  case locked = 75
  case badConfiguration = 78
  case interrupted = 130
  case terminated = 143
}

/// A fault that ends a command: the sentence for a person, and the status for the caller. Holds no secret.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
  package var status: ExitStatus
  package var message: String
  /// What to do next, when there is something: a command to type.
  package var hint: String?
  package init(_ status: ExitStatus, _ message: String, hint: String? = nil) {
    self.status = status
    self.message = message
    self.hint = hint
  }
  package var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}
