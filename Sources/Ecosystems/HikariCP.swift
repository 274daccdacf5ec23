import Model

extension Ecosystem {
  /// HikariCP, by its properties. Source: HikariCP 604d7d58, `com/zaxxer/hikari/HikariConfig.java`.
  static let hikariCP = Ecosystem(
    id: "hikaricp", title: "HikariCP", versions: Versions("HikariCP", from: [2, 7]),
    source: "HikariCP 604d7d58, src/main/java/com/zaxxer/hikari/HikariConfig.java", checkedAgainst: "HikariCP 2.7.9",
    form: .assignments,
    effective: "HikariConfigMXBean over JMX; the pool's own log at start, level DEBUG",
    settings: hikariSettings(spring: false), notes: hikariNotes, strangers: hikariStrangers)

  /// HikariCP by Spring Boot's names.
  static let springHikariCP = Ecosystem(
    id: "spring-hikaricp", title: "HikariCP in Spring Boot", versions: Versions("HikariCP", from: [2, 7]),
    source: "HikariCP 604d7d58, HikariConfig.java; Spring Boot, spring.datasource.hikari.*",
    checkedAgainst: "HikariCP 2.7.9, by its own names", form: .assignments,
    effective: "/actuator/configprops and the hikaricp.connections.* gauges",
    settings: hikariSettings(spring: true), notes: hikariNotes, strangers: hikariStrangers)

  private static func hikariSettings(spring: Bool) -> [SettingKey: Expression] {
    /// Spring's relaxed binding takes either spelling under its prefix.
    func setting(
      _ camel: String, _ kebab: String, _ unit: Unit, _ standard: Dialect.Standard, zero: Dialect.Meaning = .ordinary,
      none: String? = nil, floor: Dialect.Floor? = nil, sense: String? = nil, note: String? = nil
    ) -> Expression {
      let prefix = "spring.datasource.hikari."
      let names = spring ? [prefix + kebab, prefix + camel] : [camel]
      return .setting(
        Dialect(
          names[0], aliases: Array(names.dropFirst()), unit, standard, zero: zero, none: none, floor: floor,
          sense: sense, note: note))
    }
    return [
      .maxSize: setting("maximumPoolSize", "maximum-pool-size", .count, .value(.count(10)), zero: .refused),
      .minSize: setting(
        "minimumIdle", "minimum-idle", .count, .computed("maximumPoolSize"), sense: "idle target",
        note: "how many idle ones it tries to have; above maximumPoolSize it silently uses maximumPoolSize"),
      .acquireTimeout: setting(
        "connectionTimeout", "connection-timeout", .milliseconds, .value(.seconds(30)), zero: .unlimited, none: "0",
        floor: Dialect.Floor(.milliseconds(250)), note: "0 is about 24 days"),
      .idleTimeout: setting(
        "idleTimeout", "idle-timeout", .milliseconds, .value(.seconds(600)), zero: .unlimited, none: "0",
        floor: Dialect.Floor(.seconds(10), becomes: .seconds(600)),
        note: "only with minimumIdle below maximumPoolSize; otherwise it does nothing"),
      .maxLifetime: setting(
        "maxLifetime", "max-lifetime", .milliseconds, .value(.seconds(1800)), zero: .unlimited, none: "0",
        floor: Dialect.Floor(.seconds(30), becomes: .seconds(1800))),
      .lifetimeJitter: .absent(
        behaves: .fraction(0.025), nearest: "nothing is needed: each age is up to 2.5 % shorter, and that is fixed"),
      .maxWaiting: .unboundedQueue,
      .connectTimeout: .absent(behaves: nil, nearest: "connectTimeout in the JDBC URL, the driver's own setting"),
      .statementCache: .absent(
        behaves: nil, nearest: "preparedStatementCacheQueries and prepareThreshold in the JDBC URL, the driver's own"),
    ]
  }

  private static let hikariNotes = [
    "Values below its floors are replaced with only a warning in the log: idleTimeout below 10 s, maxLifetime below 30 s.",
    "validationTimeout must be below connectionTimeout.",
    "keepaliveTime is 0 up to 6.0 and 120000 in newer versions.",
  ]

  private static let hikariStrangers = [
    "validationTimeout": "the limit of a liveness test", "leakDetectionThreshold": "when a held connection is logged",
    "keepaliveTime": "how often an idle connection is tested",
  ]
}
