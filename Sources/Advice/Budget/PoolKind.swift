import Configuration
import Ecosystems

/// Finds out which pool an application uses, from what only that pool has.
struct PoolKind {
  var ecosystem: Ecosystem?
  var recognition: PoolUse.Recognition

  init(
    facts: [String: Sourced<String>], settings: [Configuration.Written], address: DatabaseAddress?,
    options: AuditOptions, hasSettings: Bool
  ) {
    if let fact = facts["pool"], let named = Ecosystem.named(fact.value), let place = fact.origin.place {
      self.init(named, .directive(place))
    } else if let named = options.ecosystem {
      self.init(named, .option)
    } else if let (named, written) = Self.byNames(settings) {
      self.init(named, .ownNames(written))
    } else if let address, let (named, what) = Self.byAddress(address) {
      self.init(named, .address(what, address.place))
    } else {
      self.init(nil, hasSettings ? .genericNames : .addressOnly)
    }
  }

  private init(_ ecosystem: Ecosystem?, _ recognition: PoolUse.Recognition) {
    self.ecosystem = ecosystem
    self.recognition = recognition
  }

  private static func byNames(_ settings: [Configuration.Written]) -> (Ecosystem, [Configuration.Written])? {
    let names = settings.map { Name($0) }
    for (id, signs) in signs {
      let found = names.filter { name in signs.contains { $0.holds(for: name) } }
      if !found.isEmpty, let ecosystem = Ecosystem.named(id) { return (ecosystem, found.map(\.written)) }
    }
    return nil
  }

  /// A setting's name, taken apart once.
  private struct Name {
    let written: Configuration.Written
    let words: [String]
    let joined: String
    let isOfPool: Bool

    init(_ written: Configuration.Written) {
      self.written = written
      words = SettingName.words(written.name)
      joined = words.joined()
      isOfPool = SettingName(words: words, tails: SettingName.tails) != nil
    }
  }

  /// What a name has that only one kind of pool has.
  private enum Sign {
    /// One of its words.
    case word(String)
    /// Its end, in upper case without separators.
    case end(String)

    func holds(for name: Name) -> Bool {
      switch self {
      case .word(let word): name.isOfPool && name.words.contains(word)
      case .end(let end): name.joined.hasSuffix(end)
      }
    }
  }

  /// In this order: what stands deeper in a name decides first.
  private static let signs: [(id: String, [Sign])] = [
    (
      "spring-hikaricp",
      [
        .end("DATASOURCEHIKARIMAXIMUMPOOLSIZE"), .end("DATASOURCEHIKARIMINIMUMIDLE"),
        .end("DATASOURCEHIKARICONNECTIONTIMEOUT"), .end("DATASOURCEHIKARIIDLETIMEOUT"),
        .end("DATASOURCEHIKARIMAXLIFETIME"), .end("SPRINGDATASOURCEURL"),
      ]
    ),
    ("hikaricp", [.word("HIKARI"), .word("HIKARICP"), .end("MAXIMUMPOOLSIZE")]),
    (
      "sqlalchemy",
      [
        .word("SQLALCHEMY"), .end("MAXOVERFLOW"), .end("SQLALCHEMYDATABASEURI"), .end("SQLALCHEMYDATABASEURL"),
      ]
    ),
    ("asyncpg", [.word("ASYNCPG"), .end("MAXINACTIVECONNECTIONLIFETIME"), .end("MAXCACHEDSTATEMENTLIFETIME")]),
    ("psycopg2", [.word("PSYCOPG2"), .word("MINCONN"), .word("MAXCONN")]),
    ("psycopg-pool", [.word("PSYCOPG")]),
    ("prisma", [.word("PRISMA")]),
    ("sqlx", [.word("SQLX")]),
    ("pgxpool", [.word("PGX"), .word("PGXPOOL")]),
    ("database-sql", [.end("MAXOPENCONNS"), .end("MAXOPENCONNECTIONS"), .end("MAXIDLECONNS")]),
    ("node-pg", [.end("CONNECTIONTIMEOUTMILLIS"), .end("IDLETIMEOUTMILLIS")]),
  ]

  private static func byAddress(_ address: DatabaseAddress) -> (Ecosystem, String)? {
    let scheme = address.scheme.lowercased()
    if scheme.contains("+"), let ecosystem = Ecosystem.named("sqlalchemy") { return (ecosystem, scheme) }
    for (id, parameters) in parameters {
      let found = address.options.first { parameters.contains($0.name) }
      if let found, let ecosystem = Ecosystem.named(id) { return (ecosystem, found.name) }
    }
    return nil
  }

  private static let parameters: [(id: String, Set<String>)] = [
    (
      "prisma",
      [
        "connection_limit", "pool_timeout", "pgbouncer", "schema", "socket_timeout", "max_idle_connection_lifetime",
        "max_connection_lifetime",
      ]
    ),
    (
      "pgxpool",
      [
        "pool_max_conns", "pool_min_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time",
        "pool_health_check_period", "default_query_exec_mode",
      ]
    ),
    ("sqlx", ["statement-cache-capacity"]),
  ]
}
