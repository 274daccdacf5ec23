import Configuration
import Postgres

/// What a running server says of its slots: the facts that its files would give, as they are in force.
package enum LiveConfiguration {
  /// Settings, version and connection limits; needs no more rights than connecting.
  /// - Parameter name: how to name the server to a person.
  package static func server(_ session: Session, name: String) throws(PostgresError) -> Server {
    var server = Server(name: name, at: live("pg_settings"))
    let settings = try session.query(
      "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (string_to_array($1, ',')) ORDER BY name",
      [parameters.joined(separator: ",")])
    server.settings = settings.values.compactMap { row in
      guard let name = row[0], let value = row[1] else { return nil }
      return Written(name, value, at: live("pg_settings"))
    }
    let version = try session.query("SHOW server_version").scalar ?? ""
    server.version = String(version.prefix { $0.isNumber })
    server.limits =
      try limits(session, .role, "SELECT rolname, rolconnlimit FROM pg_roles WHERE rolconnlimit >= 0 ORDER BY 1")
      + limits(session, .database, "SELECT datname, datconnlimit FROM pg_database WHERE datconnlimit >= 0 ORDER BY 1")
    return server
  }

  /// The sessions of clients, this one left out. Background processes take no slots of `max_connections`.
  package static func slots(_ session: Session) throws(PostgresError) -> LiveSlots {
    let rows = try session.query(
      """
      SELECT coalesce(usename, '') AS "user", coalesce(datname, '') AS database,
        coalesce(application_name, '') AS application, count(*) AS sessions,
        count(*) FILTER (WHERE state = 'active') AS active,
        count(*) FILTER (WHERE starts_with(state, 'idle in transaction')) AS idle_in_transaction,
        count(*) FILTER (WHERE backend_type IS NULL) AS unseen
      FROM pg_stat_activity
      WHERE pid <> pg_backend_pid()
        AND (backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL)
      GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
      """)
    let groups = (0..<rows.count).map { row in
      LiveSlots.Group(
        user: rows[row, "user"] ?? "", database: rows[row, "database"] ?? "",
        application: rows[row, "application"] ?? "", sessions: rows.number(row, "sessions") ?? 0,
        active: rows.number(row, "active") ?? 0, idleInTransaction: rows.number(row, "idle_in_transaction") ?? 0)
    }
    return LiveSlots(groups, seesStates: (0..<rows.count).allSatisfy { rows.number($0, "unseen") == 0 })
  }

  private static func limits(
    _ session: Session, _ kind: Server.Limit.Kind, _ sql: String
  ) throws(PostgresError) -> [Server.Limit] {
    let place = live(kind == .role ? "pg_roles" : "pg_database")
    return try session.query(sql).values.compactMap { row in
      guard let name = row[0], let limit = row[1].flatMap({ Int($0) }) else { return nil }
      return Server.Limit(kind, name, Counted(limit, at: place))
    }
  }

  /// A view or console command of a running server stands where a file's path would.
  static func live(_ source: String) -> Place { Place("live:\(source)", line: 0) }

  /// What has to do with slots and with how long they are held; those that a version does not know are left out.
  private static let parameters = [
    "max_connections", "superuser_reserved_connections", "reserved_connections", "max_wal_senders", "statement_timeout",
    "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout", "transaction_timeout",
    "authentication_timeout", "client_connection_check_interval", "tcp_keepalives_idle", "tcp_keepalives_interval",
    "tcp_keepalives_count", "tcp_user_timeout", "password_encryption", "ssl", "work_mem", "shared_buffers",
    "max_prepared_transactions", "max_worker_processes",
  ]
}

extension Rows {
  /// The value in `row` of the column called `name` as a whole number; nil also where the column is not there.
  func number(_ row: Int, _ name: String) -> Int? { self[row, name].flatMap { Int($0) } }
}
