import Model

extension Ecosystem {
  /// sqlx's PgPoolOptions. Source: sqlx 9d6bf662, `sqlx-core/src/pool/options.rs`.
  static let sqlx = Ecosystem(
    id: "sqlx", title: "sqlx", versions: Versions("sqlx", from: [0, 6]),
    source: "sqlx 9d6bf662, sqlx-core/src/pool/options.rs", form: .assignments,
    effective: "pool.options(); pool.size(), pool.num_idle()",
    settings: [
      .maxSize: .setting(Dialect("max_connections", .count, .value(.count(10)), zero: .unstated)),
      .minSize: .setting(
        Dialect("min_connections", .count, .value(.count(0)), sense: "floor", note: "best effort")),
      .acquireTimeout: .setting(
        Dialect(
          "acquire_timeout", .duration, .value(.seconds(30)), zero: .unstated,
          note: "covers the queue, the ping and the opening of a connection")),
      .idleTimeout: .setting(
        Dialect("idle_timeout", .duration, .value(.seconds(600)), zero: .unstated, none: "None")),
      .maxLifetime: .setting(
        Dialect("max_lifetime", .duration, .value(.seconds(1800)), zero: .unstated, none: "None")),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .absent(behaves: nil, nearest: "acquire_timeout, which covers the opening too"),
      .statementCache: .setting(
        Dialect(
          "statement_cache_capacity", aliases: ["statement-cache-capacity"], .count, .value(.count(100)),
          place: "of PgConnectOptions, not of the pool; in a URL it is statement-cache-capacity")),
    ],
    notes: ["Durations are Duration values in Rust; here they are written as 30s or 10m, and None for no limit."])
}
