/// Why a connection for HTTP could not be opened, or a request failed.
package struct HTTPFault: Error, Hashable, Sendable {
  package enum Code: Hashable, Sendable {
    /// A status that does not count as success.
    case status(Int)
    /// What came is no HTTP response, or none that answers what was asked.
    case badResponse
    /// The body does not contain what is expected.
    case unexpectedBody
    /// The answer lacks a value that is to be captured.
    case valueMissing
    /// The connection broke, or the server ended it, before the whole answer was there.
    case gone
    /// The server had closed a kept connection, or closed it before any byte of the answer. Whether it has seen the request is unknown:
    /// only one that may be carried out twice can be sent again.
    case stale
    /// Nothing listens, or the address cannot be reached.
    case refused
    /// The host's name has no address.
    case unresolved
    case timeout
    /// Not one byte of an answer came in the time that was given for it.
    case firstByteTimeout
    /// The TLS handshake failed, or the certificate is not trusted.
    case tls
    /// The body is larger than what was agreed to.
    case tooLarge
    /// What was to be sent cannot be: a URL, a header or a value.
    case invalidRequest
    case unknown
  }

  package var code: Code
  /// One line; holds neither user nor password of a URL, and no header.
  package var message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }

  package var isStale: Bool { code == .stale }
}
