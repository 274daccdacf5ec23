import Model

extension Ecosystem {
  /// node-pg's Pool. Source: node-postgres c9e57617, `packages/pg-pool/index.js`.
  static let nodePostgres = Ecosystem(
    id: "node-pg", title: "node-pg", versions: Versions("pg-pool"),
    source: "node-postgres c9e57617, packages/pg-pool/index.js", checkedAgainst: "pg-pool 3.5.2", form: .assignments,
    effective: "pool.options.max; pool.totalCount, pool.idleCount, pool.waitingCount",
    settings: [
      .maxSize: .setting(
        Dialect(
          "max", aliases: ["poolSize"], .count, .value(.count(10)),
          zero: .becomes(.count(10)), negative: .special("the pool starts, and every query waits for ever"),
          unreadable: .count(10), note: "what is no number is silently 10 too")),
      .minSize: .setting(
        Dialect(
          "min", .count, .value(.count(0)), negative: .unstated, sense: "not evicted",
          note: "not opened ahead, only kept when idle; pg-pool 3.5.2 does not have it yet")),
      .acquireTimeout: .setting(
        Dialect(
          "connectionTimeoutMillis", .milliseconds, .value(.unlimited), zero: .unlimited, negative: .unstated,
          none: "0", note: "covers the wait in the queue and the opening of a connection")),
      .idleTimeout: .setting(
        Dialect(
          "idleTimeoutMillis", .milliseconds, .value(.seconds(10)), zero: .unlimited, negative: .unstated, none: "0")),
      .maxLifetime: .setting(
        Dialect(
          "maxLifetimeSeconds", .wholeSeconds, .value(.unlimited), zero: .unlimited, negative: .unstated, none: "0",
          note: "in seconds, where the other two are in milliseconds")),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .absent(behaves: nil, nearest: "connectionTimeoutMillis, which covers the opening too"),
      .statementCache: .absent(
        behaves: .count(0), nearest: "queries with a name: each is prepared once per connection and kept"),
    ],
    notes: ["Without connectionTimeoutMillis a request waits for ever when the pool is used up."],
    strangers: ["maxUses": "a count of uses after which a connection is replaced, not an age"])
}
