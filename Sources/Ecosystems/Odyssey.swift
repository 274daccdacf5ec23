import Model

extension Ecosystem {
  /// Odyssey's route options. Source: Odyssey 89c48ea2, `docs/configuration/rules.md`.
  static let odyssey = Ecosystem(
    id: "odyssey", title: "Odyssey", versions: Versions("Odyssey"),
    source: "Odyssey 89c48ea2, docs/configuration/rules.md", form: .words,
    effective: "SHOW POOLS and SHOW DATABASES on its console",
    settings: [
      .maxSize: .setting(Dialect("pool_size", .count, .value(.unlimited), zero: .unlimited, none: "0")),
      .minSize: .setting(Dialect("min_pool_size", .count, .value(.count(0)), sense: "floor")),
      .acquireTimeout: .setting(
        Dialect("pool_timeout", .milliseconds, .value(.unlimited), zero: .unlimited, none: "0")),
      .idleTimeout: .setting(
        Dialect(
          "pool_ttl", .wholeSeconds, .value(.unlimited), zero: .unlimited, none: "0",
          note: "in seconds, where pool_timeout is in milliseconds")),
      .maxLifetime: .setting(Dialect("server_lifetime", .wholeSeconds, .value(.seconds(3600)), zero: .unstated)),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .absent(behaves: .unlimited, nearest: "client_max (0), which bounds all clients, waiting or not"),
      .connectTimeout: .absent(behaves: nil, nearest: "nothing is stated in its documentation of routes"),
      .statementCache: .absent(behaves: nil, nearest: "pool_reserve_prepared_statement yes"),
    ],
    strangers: ["client_max": "a bound of clients, not of server connections"])
}
