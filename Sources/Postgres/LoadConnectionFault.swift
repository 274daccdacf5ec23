internal import CPostgres

/// Why a connection of the load could not be opened, or a statement of it failed.
package struct LoadFault: Error, Hashable, Sendable {
  package enum Code: Hashable, Sendable {
    /// The server's slots, or the role's, are used up.
    case tooManyConnections
    /// Nothing listens, or the server is starting, stopping or recovering.
    case refused
    case timeout
    /// The server refused the role or its password.
    case authentication
    /// SQLSTATE 57014.
    case canceled
    /// The connection broke, or the server ended it.
    case gone
    /// Any other error of the server.
    case sqlState(String)
    /// An error that came without SQLSTATE and with no text that is known.
    case unknown
  }

  package var code: Code
  /// One line, as libpq or the server said it. libpq puts no password into its messages.
  package var message: String

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
  }
}

extension LoadFault {
  /// libpq gives no SQLSTATE for a failed connect, so the text must tell; the server's part is English
  /// unless its `lc_messages` says otherwise.
  init(connectMessage text: String) {
    let known: [(Code, [String])] = [
      (
        .tooManyConnections,
        ["too many connections", "too many clients", "remaining connection slots", "no more connections allowed"]
      ),
      (
        .authentication,
        [
          "authentication failed", "no password supplied", "no pg_hba.conf entry", "is not permitted to log in",
          "pg_hba.conf rejects", "requires a password", "password is required", "authentication method",
        ]
      ),
      (.timeout, ["timeout expired", "timed out"]),
      (
        .refused,
        [
          "Connection refused", "No such file or directory", "is starting up", "is shutting down", "in recovery mode",
          "not yet accepting connections", "not accepting connections", "closed the connection unexpectedly",
          "unreachable", "No route to host", "could not translate host name", "Connection reset", "Broken pipe",
        ]
      ),
    ]
    let message = firstLine(text)
    if let code = known.first(where: { $0.1.contains { text.contains($0) } })?.0 {
      self.init(code: code, message: message)
    } else if text.contains("role \""), text.contains("does not exist") {
      self.init(code: .authentication, message: message)
    } else if text.contains("database \""), text.contains("does not exist") {
      self.init(code: .sqlState("3D000"), message: message)
    } else {
      self.init(code: .unknown, message: message)
    }
  }

  /// The server's error in a result.
  init(result: OpaquePointer) {
    let state = Self.field("C", of: result)
    let severity = Self.field("V", of: result)
    let message = Self.field("M", of: result) ?? String(cString: PQresultErrorMessage(result))
    self.init(code: Self.code(state: state, severity: severity), message: firstLine(message))
  }

  /// The server's error as it came over the wire.
  init(wire fields: WireErrorFields) {
    self.init(
      code: Self.code(state: fields.state, severity: fields.severity), message: firstLine(fields.message ?? ""))
  }

  static let emptyStatement = LoadFault(code: .sqlState("42601"), message: "the statement is empty")

  static func code(state: String?, severity: String?) -> Code {
    guard let state else { return .unknown }
    if severity == "FATAL" || severity == "PANIC" || state.hasPrefix("08") || state.hasPrefix("57P0") { return .gone }
    return state == "57014" ? .canceled : .sqlState(state)
  }

  private static func field(_ name: Unicode.Scalar, of result: OpaquePointer) -> String? {
    PQresultErrorField(result, Int32(name.value)).map { String(cString: $0) }
  }
}

private func firstLine(_ text: String) -> String {
  String(text.split(whereSeparator: \.isNewline).first ?? "")
}
