import Configuration

/// A server with everything that was read of it put together.
package struct ServerUse: Hashable, Sendable {
  package var name: String
  package var server: Server
  package var maxConnections: Sourced<Int>?
  /// `superuser_reserved_connections`.
  package var superuserReserved: Sourced<Int>
  /// `reserved_connections`, of PostgreSQL from 16.
  package var reserved: Sourced<Int>
  /// What was taken for want of facts, each a sentence.
  package var assumptions: [String]
  /// Only an address names it: no file says anything of it.
  package var isUnseen = false

  /// nil when it is in no file.
  package var place: Place? { isUnseen ? nil : server.place }

  /// What ordinary roles can have; nil when `max_connections` is not known.
  package var usable: Int? { maxConnections.map { max(0, $0.value - superuserReserved.value - reserved.value) } }

  /// The parameter that counts.
  package func setting(_ name: String) -> Configuration.Written? {
    server.settings.last { $0.name.lowercased() == name }
  }
}
