/// Why no connection was made. libpq gives no SQLSTATE while connecting, so the reason is read from its text,
/// which is the server's: English when `lc_messages` is C or English.
package enum ConnectFailure: String, CaseIterable, Hashable, Sendable {
  /// Nothing listens there.
  case refused
  /// No such host, or no way to it.
  case unreachable
  /// The role or its password was refused.
  case authentication
  /// SQLSTATE 53300, or a pooler's limit: the slots of the server, the database, the role or the pooler are used up.
  case tooManyConnections = "too_many_connections"
  /// SQLSTATE 57P03: starting up, shutting down or recovering.
  case notAccepting = "not_accepting"
  /// SQLSTATE 3D000: the server is there, the database is not.
  case noDatabase = "no_database"
  case timeout
  case other

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

  private static let phrases: [(text: String, failure: ConnectFailure)] = [
    ("too many clients", .tooManyConnections),
    ("too many connections", .tooManyConnections),
    ("remaining connection slots", .tooManyConnections),
    ("no more connections allowed", .tooManyConnections),
    ("password authentication failed", .authentication),
    ("authentication failed", .authentication),
    ("authentication method", .authentication),
    ("no password supplied", .authentication),
    ("requires a password", .authentication),
    ("password is required", .authentication),
    ("no pg_hba.conf entry", .authentication),
    ("pg_hba.conf rejects", .authentication),
    ("is not permitted to log in", .authentication),
    ("timeout expired", .timeout),
    ("timed out", .timeout),
    ("the database system is", .notAccepting),
    ("not accepting connections", .notAccepting),
    ("Connection refused", .refused),
    ("No such file or directory", .refused),
    ("closed the connection unexpectedly", .refused),
    ("Connection reset", .refused),
    ("Broken pipe", .refused),
    ("could not translate host name", .unreachable),
    ("No route to host", .unreachable),
    ("unreachable", .unreachable),
  ]
}
