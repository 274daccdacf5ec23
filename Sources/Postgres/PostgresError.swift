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
