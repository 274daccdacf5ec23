/// Why a request failed.
package enum ErrorClass: Hashable, Sendable {
  /// No connection of the pool became free within `acquire_timeout`.
  case acquireTimeout
  /// `max_waiting` requests were waiting already.
  case queueFull
  /// The server's slots are used up: SQLSTATE 53300.
  case tooManyConnections
  /// Nothing listens, or the server is starting or stopping.
  case connectionRefused
  case connectTimeout
  /// The server refused the role or its password.
  case authentication
  /// No agreement on TLS, or a certificate that is not trusted.
  case tls
  /// SQLSTATE 57014: `statement_timeout`, or a cancel.
  case statementTimeout
  /// The connection broke while a request was using it.
  case serverGone
  /// No whole answer within `request_timeout`; the connection was given up.
  case requestTimeout
  /// Not one byte of an answer within `first_byte_timeout`; the connection was given up.
  case firstByteTimeout
  /// An HTTP status that does not count as success.
  case status(Int)
  /// What came is no HTTP response.
  case badResponse
  /// The body does not contain what the transaction expects.
  case unexpectedBody
  /// The answer lacks a value that a later step of the flow needs.
  case valueMissing
  /// Any other error, by SQLSTATE.
  case sql(String)

  /// As stored and shown: `acquire_timeout`, `sql:23505`.
  package var word: String {
    switch self {
    case .acquireTimeout: "acquire_timeout"
    case .queueFull: "queue_full"
    case .tooManyConnections: "too_many_connections"
    case .connectionRefused: "connection_refused"
    case .connectTimeout: "connect_timeout"
    case .authentication: "authentication"
    case .tls: "tls"
    case .statementTimeout: "statement_timeout"
    case .serverGone: "server_gone"
    case .requestTimeout: "request_timeout"
    case .firstByteTimeout: "first_byte_timeout"
    case .status(let status): "http:\(status)"
    case .badResponse: "bad_response"
    case .unexpectedBody: "unexpected_body"
    case .valueMissing: "value_missing"
    case .sql(let state): "sql:\(state)"
    }
  }

  package init?(word: String) {
    if word.hasPrefix("sql:") { self = .sql(String(word.dropFirst(4))); return }
    if word.hasPrefix("http:"), let status = Int(word.dropFirst(5)) { self = .status(status); return }
    let plain: [ErrorClass] = [
      .acquireTimeout, .queueFull, .tooManyConnections, .connectionRefused, .connectTimeout, .authentication,
      .tls, .statementTimeout, .serverGone, .requestTimeout, .firstByteTimeout, .badResponse, .unexpectedBody,
      .valueMissing,
    ]
    guard let found = plain.first(where: { $0.word == word }) else { return nil }
    self = found
  }
}
