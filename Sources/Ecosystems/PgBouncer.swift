import Model

extension Ecosystem {
  /// PgBouncer from 1.24. Source: PgBouncer 1.25, `doc/config.md` (13a344f2).
  static let pgBouncer = pgBouncerTable(
    id: "pgbouncer", title: "PgBouncer (from 1.24)", versions: .init("PgBouncer", from: [1, 24]),
    size: .unlimited, statements: pgBouncerStatements(.count(200)))

  /// PgBouncer 1.21 to 1.23: prepared statements are tracked, but only when asked for.
  static let pgBouncer123 = pgBouncerTable(
    id: "pgbouncer-1.23", title: "PgBouncer (1.21 to 1.23)",
    versions: .init("PgBouncer", from: [1, 21], before: [1, 24]), size: .unstated,
    statements: pgBouncerStatements(.count(0)))

  /// PgBouncer before 1.21: no prepared statements in transaction mode.
  static let pgBouncer120 = pgBouncerTable(
    id: "pgbouncer-1.20", title: "PgBouncer (before 1.21)", versions: .init("PgBouncer", before: [1, 21]),
    checkedAgainst: "PgBouncer 1.18.0",
    size: .unstated,
    statements: .absent(
      behaves: .count(0), nearest: "no statement cache in the application's driver, or pool_mode=session"))

  private static func pgBouncerStatements(_ standard: SettingValue) -> Expression {
    .setting(
      Dialect(
        "max_prepared_statements", .count, .value(standard), negative: .unstated,
        note: "in transaction and statement mode; 0 does not track them"))
  }

  private static func pgBouncerTable(
    id: String, title: String, versions: Versions, checkedAgainst: String? = nil, size: Dialect.Meaning,
    statements: Expression
  ) -> Ecosystem {
    Ecosystem(
      id: id, title: title, versions: versions, source: "PgBouncer 1.25, doc/config.md (13a344f2)",
      checkedAgainst: checkedAgainst,
      form: .assignments,
      effective: "SHOW CONFIG for what is set; SHOW POOLS, the sum of sv_*, for what is in force",
      settings: [
        .maxSize: .setting(
          Dialect(
            "default_pool_size", .count, .value(.count(20)), zero: size, negative: .unstated,
            none: size == .unlimited ? "0" : nil, addend: Dialect.Addend("reserve_pool_size", standard: 0),
            note: "for each pair of database and user; reserve_pool_size is opened above it after reserve_pool_timeout")
        ),
        .minSize: .setting(
          Dialect(
            "min_pool_size", .count, .value(.count(0)), negative: .unstated, sense: "floor",
            note: "only with a forced user or at least one client")),
        .acquireTimeout: .setting(
          Dialect(
            "query_wait_timeout", .seconds, .value(.seconds(120)), zero: .unlimited, negative: .unstated, none: "0",
            note: "the client is disconnected")),
        .idleTimeout: .setting(
          Dialect(
            "server_idle_timeout", .seconds, .value(.seconds(600)), zero: .unlimited, negative: .unstated, none: "0")),
        .maxLifetime: .setting(
          Dialect(
            "server_lifetime", .seconds, .value(.seconds(3600)), zero: .special("a connection is used only once"),
            negative: .unstated)),
        .lifetimeJitter: .noJitter,
        .maxWaiting: .absent(
          behaves: .unlimited, nearest: "max_client_conn (100), which bounds all clients, waiting or not"),
        .connectTimeout: .setting(
          Dialect(
            "server_connect_timeout", .seconds, .value(.seconds(15)), zero: .unstated, negative: .unstated)),
        .statementCache: statements,
      ],
      notes: [
        "A pool for each pair of database and user: the server sees their sum, bounded by max_db_connections and "
          + "max_user_connections (0, no bound).",
        "A lower size closes idle connections only: under load SET is not in force until RECONNECT.",
        "RELOAD answers RELOAD for a bad file too, and lets the bad line and all after it fall back to defaults: read "
          + "SHOW CONFIG.",
      ],
      strangers: [
        "max_client_conn": "a bound of clients, not of server connections",
        "max_db_connections": "a bound over all pools of a database",
        "max_user_connections": "a bound over all pools of a user",
        "reserve_pool_timeout": "the wait after which the reserve is used", "pool_mode": "when a connection is shared",
      ])
  }
}
