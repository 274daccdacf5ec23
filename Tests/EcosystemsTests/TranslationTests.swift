import Ecosystems
import Model
import Testing

struct TranslationTests {
  private struct Case: Sendable, CustomTestStringConvertible {
    var from: String
    var to: String
    var text: String
    var lines: [String]
    /// Parts of the remarks that must be made, notices first.
    var says: [String] = []
    var testDescription: String { "\(from) to \(to): \(text)" }
  }

  private static let cases = [
    Case(
      from: "sqlx", to: "hikaricp", text: "max_connections = 20\nacquire_timeout: 5s\nmax_lifetime=1h30m # age",
      lines: ["maximumPoolSize=20", "connectionTimeout=5000", "maxLifetime=5400000"],
      says: ["min_size not written: sqlx's default is 0, HikariCP's is maximumPoolSize"]),
    Case(
      from: "hikaricp", to: "asyncpg", text: "maximumPoolSize=20\nmaxLifetime=1800000", lines: ["max_size=20"],
      says: ["no setting for 30m; it behaves as no limit", "pool.expire_connections()", "default is 30s"]),
    Case(
      from: "asyncpg", to: "hikaricp", text: "max_inactive_connection_lifetime=5\nacquire_timeout=0.1",
      lines: ["connectionTimeout=250", "idleTimeout=10000"],
      says: ["below 10000 it silently uses 600000: 10s is written for 5s", "below 250 it refuses to start"]),
    Case(
      from: "hikaricp", to: "asyncpg", text: "idleTimeout=5000",
      lines: ["max_inactive_connection_lifetime=600"], says: ["idleTimeout=5000: below 10000 it silently uses 600000"]),
    Case(
      from: "asyncpg", to: "prisma", text: "acquire_timeout=0.3", lines: ["pool_timeout=1"],
      says: ["counts whole seconds, such as 30: 1s is written for 300ms"]),
    Case(
      from: "sqlalchemy", to: "node-pg", text: "pool_size=5\nmax_overflow=35\npool_recycle=-1",
      lines: ["max=40", "maxLifetimeSeconds=0"]),
    Case(
      from: "sqlalchemy", to: "psycopg-pool", text: "pool_size=5", lines: ["max_size=15"],
      says: ["max_overflow is not written: its default, 10, is added"]),
    Case(
      from: "asyncpg", to: "sqlalchemy", text: "max_size=40", lines: ["pool_size=40", "max_overflow=0"]),
    Case(
      from: "database-sql", to: "odyssey", text: "SetMaxOpenConns=0", lines: ["pool_size 0"]),
    Case(
      from: "odyssey", to: "hikaricp", text: "pool_size 0", lines: [], says: ["no word for no limit in maximumPoolSize"]
    ),
    Case(
      from: "pgbouncer", to: "pgxpool", text: "[pgbouncer]\nserver_lifetime = 0\n; a comment\nmin_pool_size=3",
      lines: ["pool_min_conns=3"], says: ["server_lifetime=0 is left out: a connection is used only once"]),
    Case(
      from: "psycopg2", to: "asyncpg", text: "minconn=5,\nmaxconn=40,", lines: ["max_size=40", "min_size=5"],
      says: ["minconn means retained size in psycopg2 pool, min_size means floor in asyncpg (from 0.32)"]),
    Case(
      from: "prisma", to: "node-pg",
      text:
        #"export DATABASE_URL="postgresql://app:p?max=1&connection_limit=9@db/x?connection_limit=5&pool_timeout=20&sslmode=require""#,
      lines: ["max=5", "connectionTimeoutMillis=20000"], says: ["'sslmode' is left out"]),
    Case(
      from: "pgxpool", to: "sqlx", text: "host=db pool_max_conns=12 pool_max_conn_idle_time=1h30m",
      lines: ["max_connections=12", "idle_timeout=90m"]),
    Case(
      from: "spring-hikaricp", to: "builtin",
      text: "spring.datasource.hikari.maximum-pool-size=8\nspring.datasource.hikari.connectionTimeout=20000",
      lines: ["DB_CONNECTION_LIMIT=8", "DB_POOL_TIMEOUT=20"]),
    Case(
      from: "postgresql", to: "pgbouncer", text: "max_connections = 200 # restart\nidle_session_timeout = '10min'",
      lines: ["default_pool_size=200", "server_idle_timeout=600"]),
    Case(
      from: "node-pg", to: "pgcat", text: "max=0\nmin=1\nmin=2", lines: ["pool_size=10", "min_pool_size=2"],
      says: ["max=0: it silently uses 10", "min stands in line 2 too"]),
    Case(
      from: "asyncpg", to: "sqlx", text: "max_cached_statement_lifetime=300", lines: [],
      says: ["the age of a cached statement, not of a connection"]),
    Case(
      from: "pgbouncer", to: "odyssey",
      text: "[databases]\nx=host=db min_pool_size=3\n[pgbouncer]\ndefault_pool_size = 40\n[users]\na=pool_size=1",
      lines: ["pool_size 40"], says: ["the section [databases] is left out", "the section [users] is left out"]),
    Case(
      from: "hikaricp", to: "sqlx", text: "maximumPoolSize=10\nminimumIdle=50",
      lines: ["max_connections=10", "min_connections=50"], says: ["minimumIdle is 50, above the most connections, 10"]),
    Case(
      from: "psycopg-pool", to: "hikaricp", text: "max_waiting=0", lines: []),
  ]

  @Test(arguments: cases) private func `settings arrive in the other's words, and what changes is told`(
    example: Case
  ) throws {
    let source = try #require(Ecosystem.named(example.from))
    let target = try #require(Ecosystem.named(example.to))
    let reading = source.read(example.text)
    #expect(reading.faults == [])
    let written = translate(from: source, to: target, values: reading.values)
    let lines = target.form.text(written.lines).split { "\n&?".contains($0) }.map(String.init)
    #expect(lines == example.lines)
    let remarks = reading.notices.map(\.text) + written.losses.map { "\($0.key.rawValue) \($0.text)" }
    for text in example.says { #expect(remarks.contains { $0.contains(text) }, "'\(text)' is not in \(remarks)") }
  }

  private static let faults: [(id: String, text: String, line: Int, says: String)] = [
    ("asyncpg", "max_size=10\nmax_sise=20", 2, "Did you mean 'max_size'?"),
    ("asyncpg", "max_size=0", 1, "max_size=0: accepted is a whole number; not 0"),
    ("asyncpg", "\n\nmax_size=ten", 3, "max_size=ten"), ("asyncpg", "max_size", 1, "no 'name=value'"),
    ("hikaricp", "connectionTimeout=50", 1, "of at least 250"),
    ("hikaricp", "connectionTimeout=30s", 1, "whole milliseconds"),
    ("prisma", "?pool_timeout=0.5", 1, "whole seconds"), ("sqlx", "acquire_timeout=30", 1, "30s, 10m"),
    ("builtin", "DB_LIFETIME_JITTER=5%", 1, "a share from 0 to 1"), ("pgxpool", "?pool_max_conns=0", 1, "not 0"),
    ("asyncpg", "getmode = POOL_GETMODE_WAIT", 1, "python-oracledb, Oracle's driver"),
    ("sqlx", "getmode: oracledb.POOL_GETMODE_WAIT", 1, "nearest: acquire_timeout"),
    ("sqlalchemy", "max_overflow=many", 1, "max_overflow=many"),
    ("psycopg-pool", "min_size=-1", 1, "min_size=-1"),
  ]

  @Test(arguments: faults) func `a fault is told with its line and what is accepted`(
    id: String, text: String, line: Int, says: String
  ) throws {
    let reading = try #require(Ecosystem.named(id)).read(text)
    #expect(reading.faults.count == 1 && reading.faults.first?.line == line, "\(reading)")
    #expect(reading.faults.first?.text.contains(says) == true, "\(reading)")
  }

  @Test func `a line that may be a secret is not repeated`() {
    let secret = "MIIEvQIBADANBgkqhkiG9w0BAQ"
    for ecosystem in Ecosystem.all {
      let reading = ecosystem.read("\(secret)\n\(secret)==\nDB=postgres://u:\(secret)@h/d?x=1\npassword=\(secret)")
      #expect(reading.values.isEmpty)
      #expect(!"\(reading)".contains(secret), "\(ecosystem.id): \(reading)")
    }
  }

  @Test func `each preset can be written in every ecosystem, with a reason for each value`() {
    for preset in SettingsPreset.allCases {
      #expect(preset.entries.allSatisfy { !$0.reason.isEmpty } && preset.values.count == preset.entries.count)
      #expect(PoolSettings(SettingPatch(preset.values)).contradictions == [])
      for ecosystem in Ecosystem.all {
        let written = ecosystem.write(preset.values)
        let reading = ecosystem.read(ecosystem.form.text(written.lines))
        #expect(reading.faults == [] && reading.values[.maxSize] == preset.values[.maxSize], "\(ecosystem.id)")
      }
    }
  }
}
