import Model

extension Ecosystem {
  /// Go's database/sql. Source: the Go standard library, package documentation and `database/sql/sql.go`.
  static let goDatabaseSQL = Ecosystem(
    id: "database-sql", title: "Go database/sql", versions: Versions("Go"),
    source: "Go standard library, database/sql/sql.go", form: .assignments,
    effective: "db.Stats(): MaxOpenConnections, OpenConnections, WaitCount, WaitDuration, MaxIdleClosed",
    settings: [
      .maxSize: .setting(
        Dialect("SetMaxOpenConns", .count, .value(.unlimited), zero: .unlimited, negative: .unlimited, none: "0")),
      .minSize: .setting(
        Dialect(
          "SetMaxIdleConns", .count, .value(.count(2)), negative: .special("none is retained"), sense: "retained size",
          note: "a connection given back when this many are idle is closed at once")),
      .acquireTimeout: .absent(behaves: .unlimited, nearest: "a context with a deadline at each query"),
      .idleTimeout: .setting(
        Dialect(
          "SetConnMaxIdleTime", .goDuration, .value(.unlimited), zero: .unlimited, negative: .unlimited, none: "0")),
      .maxLifetime: .setting(
        Dialect(
          "SetConnMaxLifetime", .goDuration, .value(.unlimited), zero: .unlimited, negative: .unlimited, none: "0")),
      .lifetimeJitter: .noJitter,
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .absent(behaves: nil, nearest: "connect_timeout in the driver's connection string"),
      .statementCache: .absent(behaves: nil, nearest: "the driver's; db.Prepare for a statement that is kept"),
    ],
    notes: [
      "The default keeps 2 idle connections and opens any number: a busy program reconnects all the time.",
      "These are methods of *sql.DB; here they are written as SetMaxOpenConns=20 and SetConnMaxLifetime=30m.",
    ])
}
