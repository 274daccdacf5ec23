import Model

extension Ecosystem {
  /// PgCat. Source: pgcat 5b03881, `src/config.rs`, which its CONFIG.md contradicts.
  static let pgCat = Ecosystem(
    id: "pgcat", title: "PgCat", versions: Versions("PgCat"), source: "pgcat 5b03881, src/config.rs",
    form: .assignments, effective: "SHOW CONFIG and SHOW POOLS on its console",
    settings: [
      .maxSize: .setting(Dialect("pool_size", .count, .required, zero: .unstated, note: "of each user of a pool")),
      .minSize: .setting(Dialect("min_pool_size", .count, .value(.count(0)), sense: "floor")),
      .acquireTimeout: .setting(
        Dialect(
          "connect_timeout", .milliseconds, .value(.seconds(1)), zero: .unstated,
          note: "in spite of its name it covers the wait for a connection of the pool")),
      .idleTimeout: .setting(
        Dialect(
          "idle_timeout", .milliseconds, .value(.seconds(600)), zero: .unstated,
          note: "600000 in the code, 30000 in its documentation")),
      .maxLifetime: .setting(
        Dialect(
          "server_lifetime", .milliseconds, .value(.seconds(3600)), zero: .unstated,
          note: "3600000 in the code, 24 hours in its documentation")),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .absent(behaves: nil, nearest: "connect_timeout, which covers the wait and the opening"),
      .statementCache: .setting(Dialect("prepared_statements_cache_size", .count, .value(.count(0)))),
    ],
    notes: ["Its code and its documentation disagree on two defaults; the code is what runs."])
}
