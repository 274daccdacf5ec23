import Configuration
import Ecosystems

/// A pooler with everything that was read of it put together: its clients' side and its server side.
package struct PoolerUse: Hashable, Sendable {
  package var name: String
  package var pooler: Pooler
  package var replicas: Sourced<Int>
  /// `[1, 18]`; nil when nobody says.
  package var version: Sourced<[Int]>?
  /// `session`, `transaction` or `statement`, of most of its databases.
  package var mode: Sourced<String>
  package var maxClients: Sourced<Int>
  /// Its pools of server connections, one for each pair of database and user.
  package var pools: [ServerPool]
  /// What was taken for want of facts, each a sentence.
  package var assumptions: [String]

  package var place: Place { pooler.place }

  /// Others have other names, defaults and meanings: nothing of theirs is read as PgBouncer's.
  package var isPgBouncer: Bool { pooler.software == .pgBouncer }

  /// The setting of the main section that counts.
  package func setting(_ name: String) -> Configuration.Written? { pooler.settings.last { $0.name == name } }

  /// Server connections for one database and one user.
  package struct ServerPool: Hashable, Sendable {
    package var database: String
    /// nil: who connects is not known, and one user is counted.
    package var user: String?
    /// nil: without limit.
    package var size: Sourced<Int>?
    package var reserve: Sourced<Int>
    package var mode: Sourced<String>
    /// `max_db_connections` of its database; 0: none.
    package var databaseCap: Sourced<Int>?
    package var userCap: Sourced<Int>?
    /// The server behind it, by its index in the landscape.
    package var server: Int?
    package var place: Place

    package var most: Int? { size.map { $0.value + reserve.value } }
  }
}
