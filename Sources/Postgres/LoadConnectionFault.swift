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

extension LoadFault.Code {
  init(_ failure: ConnectFailure) {
    switch failure {
    case .tooManyConnections: self = .tooManyConnections
    case .authentication: self = .authentication
    case .timeout: self = .timeout
    case .refused, .unreachable, .notAccepting: self = .refused
    case .noDatabase: self = .sqlState("3D000")
    case .other: self = .unknown
    }
  }
}

extension LoadFault {
  /// libpq's message about a failed connect.
  init(connectMessage text: String) {
    self.init(code: Code(ConnectFailure(message: text)), message: firstLine(text))
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
