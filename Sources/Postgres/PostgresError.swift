/// What a server or libpq said, in parts. Holds no password: texts that quote one are redacted before they get here.
package struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Hashable, Sendable {
    /// No connection was made, for this reason.
    case connect(ConnectFailure)
    /// The server refused a statement, by SQLSTATE.
    case sql(String)
    /// The statement did not end in its time; the session is closed, because its state is unknown.
    case timeout
    /// The connection broke, or was closed by an earlier fault. When the server ended it, `message` has its words; their
    /// SQLSTATE (57P01 ...) comes as `sql` only when libpq reads it before it sees the end of the connection.
    case serverGone
  }

  package var code: Code
  /// The server's own word: `ERROR`, `FATAL`; nil when the fault was found on this side.
  package var severity: String?
  package var message: String
  package var detail: String?
  package var hint: String?

  package init(code: Code, severity: String? = nil, message: String, detail: String? = nil, hint: String? = nil) {
    self.code = code
    self.severity = severity
    self.message = message
    self.detail = detail
    self.hint = hint
  }

  package var sqlState: String? { if case .sql(let state) = code { state } else { nil } }

  package var description: String {
    var text = message
    if let state = sqlState { text += " (SQLSTATE \(state))" }
    if let detail { text += "; \(detail)" }
    if let hint { text += "; \(hint)" }
    return text
  }
}

/// Why no connection was made. libpq gives no SQLSTATE while connecting, so the reason is read from its text,
/// which is the server's: English when `lc_messages` is C or English.
package enum ConnectFailure: String, CaseIterable, Hashable, Sendable {
  /// Nothing listens there.
  case refused
  /// No such host, or no way to it.
  case unreachable
  /// The role or its password was refused.
  case authentication
  /// SQLSTATE 53300: the server's, the database's or the role's slots are used up.
  case tooManyConnections = "too_many_connections"
  /// SQLSTATE 57P03: starting up, shutting down or recovering.
  case notAccepting = "not_accepting"
  /// SQLSTATE 3D000: the server is there, the database is not.
  case noDatabase = "no_database"
  case timeout
  case other

  private static let phrases: [(text: String, failure: ConnectFailure)] = [
    ("too many clients already", .tooManyConnections),
    ("remaining connection slots are reserved", .tooManyConnections),
    ("too many connections for", .tooManyConnections),
    ("the database system is", .notAccepting),
    ("the database system is not", .notAccepting),
    ("password authentication failed", .authentication),
    ("no password supplied", .authentication),
    ("authentication failed", .authentication),
    ("no pg_hba.conf entry", .authentication),
    ("pg_hba.conf rejects", .authentication),
    ("is not permitted to log in", .authentication),
    ("Connection refused", .refused),
    ("No such file or directory", .refused),
    ("could not translate host name", .unreachable),
    ("No route to host", .unreachable),
    ("Network is unreachable", .unreachable),
    ("timeout expired", .timeout),
    ("Connection timed out", .timeout),
  ]

  /// Reads libpq's message about a failed connect.
  package init(message: String) {
    if let found = Self.phrases.first(where: { message.contains($0.text) }) {
      self = found.failure
    } else if message.contains("role \""), message.contains("does not exist") {
      self = .authentication
    } else if message.contains("database \""), message.contains("does not exist") {
      self = .noDatabase
    } else {
      self = .other
    }
  }
}

extension ConnectionInfo {
  /// `text` with every secret of this connection replaced by `***`, on one line.
  package func redacted(_ text: String) -> String {
    var text = text.split(whereSeparator: \.isNewline)
      .map { $0.drop { $0.isWhitespace } }.filter { !$0.isEmpty }.joined(separator: "; ")
    for keyword in Self.secrets {
      guard let secret = parameters[keyword], !secret.isEmpty else { continue }
      text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
    }
    return text
  }
}
