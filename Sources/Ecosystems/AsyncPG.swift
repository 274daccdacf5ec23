import Model

extension Ecosystem {
  /// asyncpg from 0.32: `min_size` is a floor. Source: asyncpg 0.32.0, `asyncpg/pool.py` and `asyncpg/connection.py`.
  static let asyncpg = Ecosystem(
    id: "asyncpg", title: "asyncpg (from 0.32)", versions: Versions("asyncpg", from: [0, 32]),
    source: "asyncpg 0.32.0, asyncpg/pool.py and asyncpg/connection.py", checkedAgainst: "asyncpg 0.32.0",
    form: .assignments,
    effective: "pool.get_max_size(), pool.get_min_size(), pool.get_size(), pool.get_idle_size()",
    settings: asyncpgSettings(minimum: "floor"),
    notes: [
      "acquire() waits for ever unless each call says timeout=; that is an outage instead of an error.",
      "init_size, the number opened at the start, is min_size unless it is written.",
    ], strangers: asyncpgStrangers)

  /// asyncpg before 0.32: `min_size` is only what is opened at the start, and drops to 0 when idle.
  /// Source: asyncpg 0.31, `asyncpg/pool.py`.
  static let asyncpg031 = Ecosystem(
    id: "asyncpg-0.31", title: "asyncpg (before 0.32)", versions: Versions("asyncpg", before: [0, 32]),
    source: "asyncpg 0.31, asyncpg/pool.py and asyncpg/connection.py", checkedAgainst: "asyncpg 0.27.0",
    form: .assignments,
    effective: "pool.get_max_size(), pool.get_min_size(), pool.get_size(), pool.get_idle_size()",
    settings: asyncpgSettings(minimum: "initial size"),
    notes: [
      "acquire() waits for ever unless each call says timeout=; that is an outage instead of an error.",
      "min_size is only the number opened at the start: idle connections below it are closed too, down to 0.",
    ], strangers: asyncpgStrangers)

  private static func asyncpgSettings(minimum: String) -> [SettingKey: Expression] {
    [
      .maxSize: .setting(Dialect("max_size", .count, .value(.count(10)), zero: .refused)),
      .minSize: .setting(Dialect("min_size", .count, .value(.count(10)), sense: minimum)),
      .acquireTimeout: .setting(
        Dialect(
          "acquire_timeout", .seconds, .value(.unlimited), zero: .unstated, negative: .unstated, none: "None",
          place: "no parameter of create_pool(): it goes into each call, as pool.acquire(timeout=...)")),
      .idleTimeout: .setting(
        Dialect(
          "max_inactive_connection_lifetime", .seconds, .value(.seconds(300)), zero: .unlimited, none: "0")),
      .maxLifetime: .absent(
        behaves: .unlimited,
        nearest: "max_queries (a count, 50000), or a timer that calls pool.expire_connections()"),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .setting(
        Dialect("timeout", .seconds, .value(.seconds(60)), zero: .unstated, negative: .unstated)),
      .statementCache: .setting(
        Dialect(
          "statement_cache_size", .count, .value(.count(100)),
          note: "0 is needed behind a pooler in transaction mode that does not track prepared statements")),
    ]
  }

  private static let asyncpgStrangers = [
    "max_cached_statement_lifetime": "the age of a cached statement, not of a connection",
    "max_queries": "a count of queries after which a connection is replaced, not an age",
    "command_timeout": "the limit of a query, not of the wait for a connection",
    "init_size": "the number of connections opened at the start",
  ]
}
