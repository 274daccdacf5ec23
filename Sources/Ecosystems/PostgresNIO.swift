import Model

extension Ecosystem {
  /// PostgresNIO's PostgresClient. Source: postgres-nio fff0952, `PostgresClient.Configuration.Options`.
  static let postgresNIO = Ecosystem(
    id: "postgres-nio", title: "PostgresNIO", versions: Versions("postgres-nio"),
    source: "postgres-nio fff0952, Sources/PostgresNIO/Pool/PostgresClient.swift", form: .assignments,
    effective: "pg_stat_activity; the client does not tell",
    settings: [
      .maxSize: .setting(Dialect("maximumConnections", .count, .value(.count(20)), zero: .unstated)),
      .minSize: .setting(Dialect("minimumConnections", .count, .value(.count(0)), sense: "floor")),
      .acquireTimeout: .absent(behaves: .unlimited, nearest: "cancel the task that waits"),
      .idleTimeout: .setting(
        Dialect("connectionIdleTimeout", .duration, .value(.seconds(60)), zero: .unstated, negative: .unstated)),
      .maxLifetime: .absent(behaves: .unlimited, nearest: "nothing: a new client from time to time"),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .setting(
        Dialect("connectTimeout", .duration, .value(.seconds(10)), zero: .unstated, negative: .unstated)),
      .statementCache: .absent(behaves: nil, nearest: "PostgresPreparedStatement: prepared once per connection"),
    ],
    notes: ["Durations are Duration values in Swift; here they are written as 60s or 10m."])
}
