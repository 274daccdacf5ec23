/// Why pages cannot be served: what was wrong, and what is accepted.
package struct ExporterFault: Error, Hashable, Sendable {
  package enum Code: Hashable, Sendable {
    /// What was written is no address with a port.
    case badAddress
    /// Nothing can be bound to the address: it is in use, needs privileges, or is of another machine.
    case cannotListen
    /// What was written is no bearer token.
    case badToken
  }

  package var code: Code
  /// One sentence without a full stop; never any of a token.
  package var message: String
}
