import Model

extension Ecosystem {
  /// The server itself, as the last pool of all. Source: PostgreSQL 15 to 17, `pg_settings`, documentation chapter 20.
  static let postgreSQL = Ecosystem(
    id: "postgresql", title: "PostgreSQL", versions: Versions("PostgreSQL", from: [14]),
    source: "PostgreSQL documentation, chapter 20; pg_settings", checkedAgainst: "PostgreSQL 15.18", form: .assignments,
    effective: "SHOW max_connections; pg_settings.source and pending_restart",
    settings: [
      .maxSize: .setting(
        Dialect(
          "max_connections", .count, .value(.count(100)), zero: .refused,
          note: "needs a restart; superuser_reserved_connections (3) and reserved_connections (0) come off it")),
      .minSize: .absent(behaves: .count(0), nearest: "nothing: a backend is made for each connection"),
      .acquireTimeout: .absent(behaves: nil, nearest: "nothing: the connection above the limit fails at once (53300)"),
      .idleTimeout: .setting(
        Dialect(
          "idle_session_timeout", .serverMilliseconds, .value(.unlimited), zero: .unlimited, none: "0",
          note: "ends the session of a client that does not expect it")),
      .maxLifetime: .absent(behaves: .unlimited, nearest: "nothing: the age is the pool's business"),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .absent(behaves: .count(0), nearest: "a pool or pooler before it: nobody waits at the server"),
      .connectTimeout: .absent(behaves: nil, nearest: "authentication_timeout (1min), which bounds the handshake"),
      .statementCache: .absent(behaves: nil, nearest: "the driver's: the server keeps what it is told to prepare"),
    ],
    strangers: [
      "superuser_reserved_connections": "slots that are kept for superusers",
      "reserved_connections": "slots that are kept for members of pg_use_reserved_connections",
      "idle_in_transaction_session_timeout": "ends idle transactions, not idle connections",
      "statement_timeout": "the limit of a statement",
    ])
}
