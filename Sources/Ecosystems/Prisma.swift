import Model

extension Ecosystem {
  /// Prisma to 6, configured by the URL. Source: quaint, `connector/postgres/url.rs` and `pooled.rs`.
  static let prisma = Ecosystem(
    id: "prisma", title: "Prisma (to 6)", versions: Versions("prisma", before: [7]),
    source: "Prisma 6, quaint/src/connector/postgres/url.rs and quaint/src/pooled.rs", form: .url,
    effective: "the gauges prisma_pool_connections_* of prisma.$metrics; pg_stat_activity",
    settings: [
      .maxSize: .setting(
        Dialect("connection_limit", .count, .computed("physical CPUs x 2 + 1"), zero: .unstated)),
      .minSize: .absent(behaves: .count(0), nearest: "nothing: connections are opened when they are needed"),
      .acquireTimeout: .setting(
        Dialect("pool_timeout", .wholeSeconds, .value(.seconds(10)), zero: .unlimited, none: "0", note: "error P2024")),
      .idleTimeout: .setting(
        Dialect(
          "max_idle_connection_lifetime", .wholeSeconds, .value(.seconds(300)), zero: .unlimited, none: "0")),
      .maxLifetime: .setting(
        Dialect("max_connection_lifetime", .wholeSeconds, .value(.unlimited), zero: .unlimited, none: "0")),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .setting(Dialect("connect_timeout", .wholeSeconds, .value(.seconds(5)), zero: .unstated)),
      .statementCache: .setting(
        Dialect(
          "statement_cache_size", .count, .value(.count(100)),
          note: "100 in the code, 500 in its comment; pgbouncer=true makes it 0")),
    ],
    notes: ["From version 7 these parameters no longer apply: the pool is node-pg's (prisma-7)."],
    strangers: ["socket_timeout": "the limit of a query", "pgbouncer": "true forces the statement cache to 0"])

  /// Prisma from 7: the driver adapter's node-pg pool, with node-pg's rules.
  static let prisma7 = Ecosystem(
    id: "prisma-7", title: "Prisma (from 7, node-pg)", versions: Versions("prisma", from: [7]),
    source: "Prisma 7, @prisma/adapter-pg: node-pg's pool", form: .assignments,
    effective: nodePostgres.effective, settings: nodePostgres.settings,
    notes: [
      "The URL parameters of Prisma 6 (connection_limit, pool_timeout) are no longer read; the adapter takes node-pg's."
    ] + nodePostgres.notes,
    strangers: [
      "connection_limit": "a parameter of Prisma to 6; here it is max",
      "pool_timeout": "a parameter of Prisma to 6; here it is connectionTimeoutMillis, in milliseconds",
    ].merging(nodePostgres.strangers) { first, _ in first })
}
