import Model

extension Ecosystem {
  /// psycopg_pool's ConnectionPool. Source: psycopg_pool 3.3, `psycopg_pool/base.py` and `pool.py`.
  static let psycopgPool = Ecosystem(
    id: "psycopg-pool", title: "psycopg_pool", versions: Versions("psycopg_pool", from: [3, 1]),
    source: "psycopg_pool 3.3, psycopg_pool/base.py and pool.py", checkedAgainst: "psycopg_pool 3.1.5 and 3.3.3",
    form: .assignments,
    effective: "pool.get_stats(): pool_min, pool_max, pool_size, requests_waiting",
    settings: [
      .maxSize: .setting(
        Dialect("max_size", .count, .computed("min_size"), zero: .refused, note: "None, the default, means min_size")),
      .minSize: .setting(Dialect("min_size", .count, .value(.count(4)), sense: "floor")),
      .acquireTimeout: .setting(
        Dialect("timeout", .seconds, .value(.seconds(30)), zero: .special("it does not wait"), negative: .unstated)),
      .idleTimeout: .setting(
        Dialect(
          "max_idle", .seconds, .value(.seconds(600)), zero: .unstated, negative: .unstated,
          note: "only connections above min_size")),
      .maxLifetime: .setting(
        Dialect("max_lifetime", .seconds, .value(.seconds(3600)), zero: .unstated, negative: .unstated)),
      .lifetimeJitter: .absent(
        behaves: .fraction(0.05), nearest: "nothing is needed: each age is up to 5 % shorter, and that is fixed"),
      .maxWaiting: .setting(
        Dialect(
          "max_waiting", .count, .value(.unlimited), zero: .unlimited, negative: .unstated, none: "0",
          note: "above it, a request fails at once with TooManyRequests")),
      .connectTimeout: .absent(behaves: nil, nearest: "connect_timeout in the conninfo, libpq's own setting"),
      .statementCache: .absent(
        behaves: .count(100), nearest: "prepared_max of each connection, set in the pool's configure callback"),
    ],
    notes: [
      "Django from 5.1 passes these in OPTIONS[\"pool\"].",
      "Behind a pooler in transaction mode without prepared statements, prepare_threshold=None is needed.",
    ],
    strangers: ["reconnect_timeout": "how long a lost server is tried again", "num_workers": "helper threads"])
}
