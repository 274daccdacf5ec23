import Model

extension Ecosystem {
  /// SQLAlchemy's QueuePool. Source: SQLAlchemy 2.1, `lib/sqlalchemy/pool/impl.py` and `pool/base.py`.
  static let sqlAlchemy = Ecosystem(
    id: "sqlalchemy", title: "SQLAlchemy QueuePool", versions: Versions("SQLAlchemy", from: [1, 4]),
    source: "SQLAlchemy 2.1, lib/sqlalchemy/pool/impl.py and pool/base.py",
    checkedAgainst: "SQLAlchemy 1.4.46 and 2.1.9", form: .assignments,
    effective: "engine.pool.status(); engine.pool.size() is pool_size without the overflow",
    settings: [
      .maxSize: .setting(
        Dialect(
          "pool_size", .count, .value(.count(15)), zero: .unlimited, none: "0",
          addend: Dialect.Addend("max_overflow", standard: 10),
          note: "the most connections are pool_size (5) + max_overflow (10); max_overflow=-1 is no limit")),
      .minSize: .absent(
        behaves: .count(0), nearest: "nothing: the pool starts empty, and keeps what it opened up to pool_size"),
      .acquireTimeout: .setting(
        Dialect("pool_timeout", .seconds, .value(.seconds(30)), zero: .special("it does not wait"), none: "None")
      ),
      .idleTimeout: .absent(
        behaves: .unlimited, nearest: "pool_recycle, an age that is looked at when a connection is taken"),
      .maxLifetime: .setting(
        Dialect(
          "pool_recycle", .wholeSeconds, .value(.unlimited), zero: .unstated, negative: .unlimited, none: "-1",
          note: "looked at when a connection is taken: an idle one grows older than this")),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .absent(
        behaves: nil, nearest: "connect_args={\"connect_timeout\": 10}, the driver's own setting"),
      .statementCache: .absent(
        behaves: nil, nearest: "the driver's: prepared_statement_cache_size (100) with asyncpg, none with psycopg2"),
    ],
    notes: [
      "A pool belongs to one process: workers multiply it.",
      "Connections above pool_size are closed when they are given back: with overflow a busy pool reconnects all the "
        + "time. Translated settings are written as pool_size with max_overflow=0.",
    ])
}
