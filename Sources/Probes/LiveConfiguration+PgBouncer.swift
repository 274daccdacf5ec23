import Configuration
import Postgres

extension LiveConfiguration {
  /// What a running PgBouncer works with: after a RELOAD that went wrong it is not what stands in its file.
  ///
  /// Columns are read by name, as they come and go from version to version.
  /// - Parameter session: one of the console, as a user of `admin_users` or `stats_users`.
  package static func pooler(_ session: Session, name: String) throws(PostgresError) -> Pooler {
    var pooler = Pooler(.pgBouncer, name: name, at: live("SHOW CONFIG"))
    let config = try session.console("SHOW CONFIG")
    pooler.settings = config.written(at: live("SHOW CONFIG"))
    let databases = try session.console("SHOW DATABASES")
    pooler.databases = (0..<databases.count).compactMap { row in
      guard let name = databases[row, "name"], name != "pgbouncer" else { return nil }
      return Pooler.Entry(
        name: name, settings: databases.settings(row, of: databaseColumns, at: live("SHOW DATABASES")),
        at: live("SHOW DATABASES"))
    }
    let users = try session.console("SHOW USERS")
    pooler.users = (0..<users.count).compactMap { row in
      let settings = users.settings(row, of: userColumns, at: live("SHOW USERS"))
      guard let name = users[row, "name"], !settings.isEmpty else { return nil }
      return Pooler.Entry(name: name, settings: settings, at: live("SHOW USERS"))
    }
    return pooler
  }

  /// Its pools at this moment, the console's own left out.
  package static func pools(_ session: Session) throws(PostgresError) -> [LivePool] {
    let rows = try session.console("SHOW POOLS")
    return (0..<rows.count).compactMap { row in
      guard let database = rows[row, "database"], database != "pgbouncer" else { return nil }
      let servers = rows.columns.filter { serverColumns.contains($0) }.compactMap { rows.number(row, $0) }
      return LivePool(
        database: database, user: rows[row, "user"] ?? "", clientsActive: rows.number(row, "cl_active") ?? 0,
        clientsWaiting: rows.number(row, "cl_waiting") ?? 0, servers: servers.reduce(0, +),
        longestWait: rows.number(row, "maxwait") ?? 0)
    }
  }

  /// A column of the console and the name of the setting in the file that it shows.
  private typealias Column = (column: String, setting: String)

  private static let databaseColumns: [Column] = [
    ("host", "host"), ("port", "port"), ("database", "dbname"), ("force_user", "user"), ("pool_size", "pool_size"),
    ("min_pool_size", "min_pool_size"), ("reserve_pool", "reserve_pool"), ("reserve_pool_size", "reserve_pool_size"),
    ("pool_mode", "pool_mode"), ("max_connections", "max_db_connections"),
    ("max_client_connections", "max_db_client_connections"), ("server_lifetime", "server_lifetime"),
  ]

  private static let userColumns: [Column] = [
    ("pool_mode", "pool_mode"), ("pool_size", "pool_size"), ("max_user_connections", "max_user_connections"),
  ]

  private static let serverColumns: Set<String> = [
    "sv_active", "sv_active_cancel", "sv_being_canceled", "sv_idle", "sv_used", "sv_tested", "sv_login",
  ]
}

extension Rows {
  /// The rows of SHOW CONFIG.
  fileprivate func written(at place: Place) -> [Written] {
    (0..<count).compactMap { row in
      guard let key = self[row, "key"], let value = self[row, "value"] else { return nil }
      return Written(key, value, at: place)
    }
  }

  /// What a row says of a database or user; where it says nothing, or "no limit of its own", the pooler's own
  /// setting counts.
  fileprivate func settings(
    _ row: Int, of columns: [(column: String, setting: String)], at place: Place
  ) -> [Written] {
    columns.compactMap { column, setting in
      guard let value = self[row, column], !value.isEmpty else { return nil }
      return Written(setting, value, at: place)
    }
  }
}
