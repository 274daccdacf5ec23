/// A connection pooler between applications and the server.
package struct Pooler: Hashable, Sendable {
  package enum Software: String, Hashable, Sendable {
    case pgBouncer = "PgBouncer"
    case odyssey = "Odyssey"
    case pgCat = "PgCat"
  }

  package var software: Software
  /// Of the service or workload; of a file its path.
  package var name: String
  package var place: Place
  /// The `[pgbouncer]` section by its own names (environment variables of images are translated to them); last wins.
  package var settings: [Written] = []
  package var databases: [Entry] = []
  package var users: [Entry] = []
  /// Further names under which it is reached: of Kubernetes Services, aliases of a network.
  package var hosts: [String] = []
  /// Copies of the pooler: each has its own pools.
  package var replicas: Counted?
  /// `[1, 21, 0]`, where the tag of a known image says it.
  package var version: [Int]?

  package init(_ software: Software, name: String, at place: Place) {
    self.software = software
    self.name = name
    self.place = place
  }

  /// One line of `[databases]` or `[users]`. The database `*` stands for all others.
  package struct Entry: Hashable, Sendable {
    package var name: String
    /// Of a database `host`, `port`, `dbname`, `pool_size`, `min_pool_size`, `reserve_pool`, `pool_mode`,
    /// `max_db_connections` ...; of a user `pool_mode`, `max_user_connections` ...
    package var settings: [Written]
    package var place: Place
    package init(name: String, settings: [Written], at place: Place) {
      self.name = name
      self.settings = settings
      self.place = place
    }
  }
}
