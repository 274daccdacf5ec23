import Model

extension Ecosystem {
  /// psycopg2's ThreadedConnectionPool. Source: psycopg2 2.9, `lib/pool.py`.
  static let psycopg2 = Ecosystem(
    id: "psycopg2", title: "psycopg2 pool", versions: Versions("psycopg2", from: [2, 9]),
    source: "psycopg2 2.9, lib/pool.py", checkedAgainst: "psycopg2 2.9.5 and 2.9.13", form: .assignments,
    effective: "pool.minconn, pool.maxconn; open ones only in pg_stat_activity",
    settings: [
      .maxSize: .setting(Dialect("maxconn", .count, .required, zero: .unstated, negative: .unstated)),
      .minSize: .setting(
        Dialect(
          "minconn", .count, .required, negative: .unstated, sense: "retained size",
          note: "a connection given back when this many are idle is closed at once")),
      .acquireTimeout: .absent(
        behaves: nil, nearest: "a semaphore of maxconn around getconn(): the pool itself fails at once"),
      .idleTimeout: .absent(behaves: .unlimited, nearest: "nothing: retained connections stay open"),
      .maxLifetime: .absent(behaves: .unlimited, nearest: "putconn(conn, close=True) for a connection that is too old"),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .absent(behaves: .count(0), nearest: "a semaphore around getconn(): nobody waits in this pool"),
      .connectTimeout: .absent(behaves: nil, nearest: "connect_timeout in the DSN, libpq's own setting"),
      .statementCache: .absent(behaves: .count(0), nearest: "PREPARE and EXECUTE by hand: the driver prepares nothing"),
    ],
    notes: [
      "Both sizes are required.",
      "With minconn below maxconn, a busy pool reconnects on most checkouts; equal sizes avoid it.",
    ])
}
