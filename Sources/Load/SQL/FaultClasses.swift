package import Model
package import Postgres

extension LoadFault {
  /// The class under which a failed attempt to connect is counted. 08001 is SQL's own state for "cannot connect".
  package var whileConnecting: ErrorClass { errorClass(unknown: "08001") }

  /// The class under which a request that failed on its connection is counted.
  package var whileRunning: ErrorClass { errorClass(unknown: "XX000") }

  private func errorClass(unknown: String) -> ErrorClass {
    switch code {
    case .tooManyConnections: .tooManyConnections
    case .refused: .connectionRefused
    case .timeout: .connectTimeout
    case .authentication: .authentication
    case .canceled: .statementTimeout
    case .gone: .serverGone
    case .sqlState(let state): .sql(state)
    case .unknown: .sql(unknown)
    }
  }
}
