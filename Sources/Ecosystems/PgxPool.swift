import Model

extension Ecosystem {
  /// pgxpool, by the keys of its connection string. Source: pgx v5 728cefa8, `pgxpool/pool.go`.
  static let pgxpool = Ecosystem(
    id: "pgxpool", title: "pgxpool", versions: Versions("pgx", from: [5]), source: "pgx v5 728cefa8, pgxpool/pool.go",
    form: .url, effective: "pool.Config() and pool.Stat(): MaxConns, TotalConns, EmptyAcquireCount",
    settings: [
      .maxSize: .setting(Dialect("pool_max_conns", .count, .computed("the greater of 4 and the CPUs"), zero: .refused)),
      .minSize: .setting(
        Dialect(
          "pool_min_conns", .count, .value(.count(0)), negative: .unstated, sense: "floor",
          note: "may dip until the next health check; pool_min_idle_conns counts idle ones only")),
      .acquireTimeout: .absent(
        behaves: .unlimited, nearest: "a context with a deadline at each Acquire or Query"),
      .idleTimeout: .setting(
        Dialect(
          "pool_max_conn_idle_time", .goDuration, .value(.minutes(30)),
          zero: .special("an idle connection is closed at the next health check"), negative: .unstated)),
      .maxLifetime: .setting(
        Dialect(
          "pool_max_conn_lifetime", .goDuration, .value(.minutes(60)),
          zero: .special("a connection is too old as soon as it is made"), negative: .unstated)),
      .lifetimeJitter: .absent(
        behaves: .fraction(0),
        nearest: "pool_max_conn_lifetime_jitter (0), a duration that is added to the age instead of taken from it"),
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .setting(
        Dialect(
          "connect_timeout", .wholeSeconds, .value(.seconds(120)), zero: .special("it means 2 minutes"),
          note: "libpq's key; where it is not written, pgxpool itself uses 2 minutes")),
      .statementCache: .absent(behaves: nil, nearest: "statement_cache_capacity and default_query_exec_mode of pgx"),
    ],
    notes: ["No acquire timeout of its own: without a deadline in the context a request waits for ever."],
    strangers: [
      "pool_health_check_period": "how often idle connections are looked at (1m)",
      "pool_max_conn_lifetime_jitter": "a duration added to the age, not a share of it",
      "pool_min_idle_conns": "a floor of idle connections",
    ])
}
