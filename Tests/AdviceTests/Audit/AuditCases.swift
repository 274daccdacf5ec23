import Advice
import Configuration
import Ecosystems
import Model
import Testing

/// One configuration that a rule says something of, or is silent on.
struct AuditCase: CustomTestStringConvertible {
  var rule: String
  var what: String
  var files: [ConfigurationFile]
  var options = AuditOptions()
  /// nil: the rule is silent.
  var severity: Finding.Severity?
  var line: Int?
  /// Parts of the message.
  var says: [String] = []
  /// The fix, as it is written.
  var fix: String?

  var testDescription: String { "\(rule): \(what)" }

  static func fires(
    _ rule: String, _ what: String, _ files: [ConfigurationFile], _ options: AuditOptions = AuditOptions(),
    _ severity: Finding.Severity = .warning, line: Int? = nil, says: [String] = [], fix: String? = nil
  ) -> AuditCase {
    AuditCase(
      rule: rule, what: what, files: files, options: options, severity: severity, line: line, says: says, fix: fix)
  }

  static func silent(
    _ rule: String, _ what: String, _ files: [ConfigurationFile], _ options: AuditOptions = AuditOptions()
  ) -> AuditCase {
    AuditCase(rule: rule, what: what, files: files, options: options)
  }
}

extension AuditOptions {
  static func with(_ change: (inout AuditOptions) -> Void) -> AuditOptions {
    var options = AuditOptions()
    change(&options)
    return options
  }

  static func pool(_ id: String) -> AuditOptions { with { $0.ecosystem = Ecosystem.named(id) } }
}

enum AuditCases {
  static let all = budget + chain + waits + churn + lifetimes + poolerModes + values + names + rest
  static let firing = all.filter { $0.severity != nil }

  private static let hundred = HandBuilt.postgres("max_connections = 100")

  private static func api(_ size: Int, replicas: Int, surge: Int = 0, url: String = "postgresql://app@db/app")
    -> ConfigurationFile
  {
    HandBuilt.workload(
      .deployment, "api", replicas: replicas, surge: .count(Counted(surge, at: Place("app.yaml", line: 92))),
      "DB_POOL_MAX=\(size)\nDATABASE_URL=\(url)")
  }

  private static let budget: [AuditCase] = [
    .fires(
      "slot-budget", "five copies of 30 against 97 slots", [api(30, replicas: 5), hundred], .init(), .critical, line: 1,
      says: ["150 connections", "97 slots", "30 x 5 replicas = 150"], fix: "value: \"15\""),
    .fires(
      "slot-budget", "a deploy of one application is too much", [api(30, replicas: 2, surge: 2), hundred], .init(),
      .critical, says: ["At rest 60 of 97", "it is 120"], fix: "value: \"24\""),
    .fires(
      "slot-budget", "only all deploys at once are too much",
      [
        api(20, replicas: 2, surge: 1),
        HandBuilt.workload(
          .deployment, "web", replicas: 1, surge: .count(Counted(1, at: Place("web.yaml", line: 9))), path: "web.yaml",
          "DB_POOL_MAX=20\nDATABASE_URL=postgresql://app@db/app"), hundred,
      ], .init(), .warning, says: ["deployed at once it is 100"]),
    .fires(
      "slot-budget", "two applications that are too much together, neither alone",
      [
        api(30, replicas: 2, surge: 1),
        HandBuilt.workload(
          .deployment, "web", replicas: 3, surge: .count(Counted(3, at: Place("web.yaml", line: 9))), path: "web.yaml",
          "DB_POOL_MAX=28\nDB_POOL_MIN=28\nDATABASE_URL=postgresql://app@db/app"), hundred,
      ], .init(), .critical, says: ["144 connections"], fix: "value: \"11\""),
    .fires(
      "slot-budget", "above 80 %", [api(20, replicas: 4), hundred], .init(), .warning,
      says: ["80 of 97", "82 %, above the 80 %"], fix: "value: \"19\""),
    .fires(
      "slot-budget", "a pool without limit",
      [HandBuilt.env("SQLX_POOL=1\nDB_MAX_OPEN_CONNS=0\nDATABASE_URL=postgresql://app@db/app"), hundred],
      .pool("database-sql"), .warning, line: 2, says: ["any number of connections"]),
    .fires(
      "slot-budget", "the connection limit of a role",
      [
        api(20, replicas: 3),
        HandBuilt.postgres(
          "max_connections = 300", limits: [.init(.role, "app", Counted(50, at: Place("roles.sql", line: 3)))]),
      ], .init(), .critical, says: ["The role app may have 50", "60 are possible"]),
    .silent("slot-budget", "50 of 97", [api(10, replicas: 5), hundred]),
    .silent("slot-budget", "nothing is known of the server", [api(100, replicas: 100)]),
  ]

  private static func bouncer(_ settings: String, databases: String = "app = host=db") -> ConfigurationFile {
    HandBuilt.pgBouncer("[databases]\n\(databases)\n[pgbouncer]\n\(settings)")
  }

  private static let viaBouncer = "postgresql://app@pgbouncer:6432/app"

  private static let chain: [AuditCase] = [
    .fires(
      "pooler-chain", "more clients than are let in",
      [api(30, replicas: 5, url: viaBouncer), bouncer("max_client_conn = 100\ndefault_pool_size = 40")], .init(),
      .critical, line: 4, says: ["150 clients", "lets 100 in"], fix: "max_client_conn = 200"),
    .fires(
      "pooler-chain", "clients that wait in the pooler",
      [
        api(30, replicas: 5, url: viaBouncer),
        bouncer("pool_mode = transaction\nmax_client_conn = 1000\ndefault_pool_size = 40\nreserve_pool_size = 15"),
      ], .init(), .note, line: 6, says: ["150 clients of app share 55", "95 wait", "120 s"]),
    .fires(
      "pooler-chain", "one process has more than the pooler",
      [api(60, replicas: 1, url: viaBouncer), bouncer("pool_mode = transaction\ndefault_pool_size = 40")], .init(),
      .warning, says: ["60 clients of app share 40"], fix: "value: \"40\""),
    .silent(
      "pooler-chain", "as many as there are",
      [api(8, replicas: 5, url: viaBouncer), bouncer("pool_mode = transaction\ndefault_pool_size = 40")]),
    .fires(
      "slot-budget", "a pooler in copies takes more than there is",
      [
        api(8, replicas: 5, url: viaBouncer),
        HandBuilt.pgBouncer("# poolops: replicas=6\n[databases]\napp = host=db\n[pgbouncer]\ndefault_pool_size = 40"),
        hundred,
      ], .init(), .critical, says: ["240 connections", "x 6 copies = 240"], fix: "default_pool_size = 12"),
  ]

  private static let waits: [AuditCase] = [
    .fires(
      "no-acquire-timeout", "asyncpg's default", [HandBuilt.env("ASYNCPG_MAX_SIZE=20")], .init(), .warning, line: 1,
      says: ["waits without limit", "pool.acquire(timeout=...)"]),
    .fires(
      "no-acquire-timeout", "node-pg's 0",
      [HandBuilt.env("DB_POOL_MAX=20\nDB_CONNECTION_TIMEOUT=0")], .pool("node-pg"), .warning, line: 2,
      fix: "DB_CONNECTION_TIMEOUT=10000"),
    .fires("no-acquire-timeout", "pgxpool", [HandBuilt.env("U=postgres://a@h/d?pool_max_conns=5")]),
    .silent(
      "no-acquire-timeout", "asyncpg with a timeout", [HandBuilt.env("ASYNCPG_MAX_SIZE=20\nDB_ACQUIRE_TIMEOUT_SECS=5")]),
    .silent("no-acquire-timeout", "HikariCP waits 30 s by default", [HandBuilt.env("HIKARI_MAXIMUM_POOL_SIZE=20")]),
    .fires(
      "timeout-ladder", "the wait is longer than the caller's",
      [HandBuilt.env("DB_POOL_MAX=20\nDB_POOL_TIMEOUT_SECS=30")], .with { $0.upstreamTimeout = .seconds(30) }, .warning,
      line: 2, says: ["gives up after 30s"], fix: "DB_POOL_TIMEOUT_SECS=24"),
    .fires(
      "timeout-ladder", "the pooler gives up first",
      [
        HandBuilt.env("DB_POOL_MAX=2\nDB_POOL_TIMEOUT_SECS=30\nDATABASE_URL=\(viaBouncer)"),
        bouncer("query_wait_timeout = 10"),
      ], .init(), .warning, line: 2, says: ["query_wait_timeout 10 s"], fix: "DB_POOL_TIMEOUT_SECS=5"),
    .fires(
      "timeout-ladder", "the pooler closes idle clients",
      [
        HandBuilt.env("DB_POOL_MAX=2\nDB_IDLE_TIMEOUT_SECS=600\nDATABASE_URL=\(viaBouncer)"),
        bouncer("client_idle_timeout = 300"),
      ], .init(), .warning, line: 2, fix: "DB_IDLE_TIMEOUT_SECS=150"),
    .fires(
      "timeout-ladder", "the server ends idle sessions",
      [
        HandBuilt.env("DB_POOL_MAX=2\nDB_IDLE_TIMEOUT_SECS=600"),
        HandBuilt.postgres("max_connections = 100\nidle_session_timeout = 5min"),
      ], .init(), .warning, line: 2, says: ["after 5m"], fix: "DB_IDLE_TIMEOUT_SECS=150"),
    .fires(
      "timeout-ladder", "the server ends the pooler's idle sessions",
      [
        HandBuilt.env("DB_POOL_MAX=2\nDATABASE_URL=\(viaBouncer)"), bouncer("server_idle_timeout = 600"),
        HandBuilt.postgres("idle_session_timeout = 60000"),
      ], .init(), .warning, says: ["for 600 s", "after 1m"], fix: "server_idle_timeout = 30"),
    .fires(
      "timeout-ladder", "validation is longer than the wait",
      [HandBuilt.env("HIKARI_CONNECTION_TIMEOUT=2000\nHIKARI_VALIDATION_TIMEOUT=3000")], .init(), .note, line: 2,
      fix: "HIKARI_VALIDATION_TIMEOUT=1000"),
    .silent(
      "timeout-ladder", "in order",
      [
        HandBuilt.env("DB_POOL_MAX=2\nDB_POOL_TIMEOUT_SECS=5\nDB_IDLE_TIMEOUT_SECS=200\nDATABASE_URL=\(viaBouncer)"),
        bouncer("client_idle_timeout = 300\nserver_idle_timeout = 600"),
        HandBuilt.postgres("idle_session_timeout = 15min"),
      ], .with { $0.upstreamTimeout = .seconds(30) }),
  ]

  private static let churn: [AuditCase] = [
    .fires(
      "churn", "5 of 40 retained", [HandBuilt.env("DB_POOL_MIN=5\nDB_POOL_MAX=40")], .pool("psycopg2"), .warning,
      line: 1, says: ["retains 5 of 40"], fix: "DB_POOL_MIN=40"),
    .fires(
      "churn", "Go keeps two", [HandBuilt.env("DB_MAX_OPEN_CONNS=20")], .init(), .warning, line: 1,
      says: ["retains 2 of 20", "by default"], fix: "db.SetMaxIdleConns(20)"),
    .fires(
      "churn", "SQLAlchemy's overflow", [HandBuilt.env("SQLALCHEMY_POOL_SIZE=5\nSQLALCHEMY_MAX_OVERFLOW=35")], .init(),
      .warning, line: 2, says: ["35 of its 40"], fix: "SQLALCHEMY_MAX_OVERFLOW=0"),
    .fires(
      "churn", "the overflow by default", [HandBuilt.env("SQLALCHEMY_POOL_SIZE=5")], .init(), .warning, line: 1,
      says: ["10 of its 15", "by default"]),
    .silent("churn", "all are kept", [HandBuilt.env("DB_POOL_MIN=40\nDB_POOL_MAX=40")], .pool("psycopg2")),
    .silent("churn", "a floor is no churn", [HandBuilt.env("DB_POOL_MIN=5\nDB_POOL_MAX=40")], .pool("sqlx")),
    .silent("churn", "which pool it is, is not known", [HandBuilt.env("DB_POOL_MIN=5\nDB_POOL_MAX=40")]),
  ]

  private static let lifetimes: [AuditCase] = [
    .fires(
      "lifetime", "Prisma never replaces", [HandBuilt.env("U=postgresql://a@h/d?connection_limit=5")], .init(), .note,
      fix: "max_connection_lifetime=1800"),
    .fires(
      "lifetime", "switched off", [HandBuilt.env("HIKARI_MAXIMUM_POOL_SIZE=5\nHIKARI_MAX_LIFETIME=0")], .init(),
      .warning, line: 2, fix: "HIKARI_MAX_LIFETIME=1800000"),
    .fires(
      "lifetime", "the infrastructure forgets first",
      [HandBuilt.env("DB_POOL_MAX=5\nDB_IDLE_TIMEOUT_SECS=600")],
      .with {
        $0.ecosystem = .named("sqlx"); $0.idleKill = .seconds(350)
      }, .warning, line: 2, says: ["after 350s"],
      fix: "DB_IDLE_TIMEOUT_SECS=175"),
    .silent("lifetime", "sqlx's defaults", [HandBuilt.env("DB_POOL_MAX=5")], .pool("sqlx")),
  ]

  private static let transaction = "pool_mode = transaction\n"

  private static func asyncpg(_ more: String = "") -> ConfigurationFile {
    HandBuilt.env("ASYNCPG_MAX_SIZE=5\nDATABASE_URL=\(viaBouncer)\n\(more)")
  }

  private static let poolerModes: [AuditCase] = [
    .fires(
      "prepared-statements", "asyncpg through 1.18",
      [asyncpg("DB_STATEMENT_CACHE_SIZE=100"), bouncer(transaction)], .with { $0.pgBouncerVersion = [1, 18] },
      .critical, line: 3, says: ["PgBouncer 1.18"], fix: "DB_STATEMENT_CACHE_SIZE=0"),
    .fires(
      "prepared-statements", "a version that nobody knows", [asyncpg(), bouncer(transaction)], .init(), .warning,
      says: ["not known"], fix: "create_pool(dsn, statement_cache_size=0)"),
    .fires(
      "prepared-statements", "1.22 that is not told to", [asyncpg(), bouncer(transaction)],
      .with { $0.pgBouncerVersion = [1, 22] }, .critical, fix: "max_prepared_statements = 200"),
    .fires(
      "prepared-statements", "Prisma that does not know of the pooler",
      [HandBuilt.env("U=\(viaBouncer)?connection_limit=5"), bouncer(transaction + "max_prepared_statements = 0")],
      .init(), .warning, fix: "pgbouncer=true"),
    .fires(
      "prepared-statements", "the JDBC driver's threshold",
      [
        HandBuilt.env("spring.datasource.url=jdbc:postgresql://pgbouncer:6432/app\nHIKARI_MAXIMUM_POOL_SIZE=5"),
        bouncer(transaction + "max_prepared_statements = 0"),
      ], .init(), .warning, line: 1, says: ["after 5 executions"], fix: "prepareThreshold=0"),
    .fires(
      "prepared-statements", "pgx", [HandBuilt.env("U=\(viaBouncer)?pool_max_conns=5"), bouncer(transaction)],
      .with { $0.pgBouncerVersion = [1, 20] }, .warning, fix: "default_query_exec_mode=exec"),
    .fires(
      "prepared-statements", "asyncpg under SQLAlchemy",
      [HandBuilt.env("U=postgresql+asyncpg://app@pgbouncer:6432/app\nDB_POOL_SIZE=5"), bouncer(transaction)],
      .with { $0.pgBouncerVersion = [1, 20] }, .warning, fix: "prepared_statement_cache_size=0"),
    .fires(
      "prepared-statements", "psycopg 3", [HandBuilt.env("DB_POOL_MAX=5\nU=\(viaBouncer)"), bouncer(transaction)],
      .with {
        $0.pgBouncerVersion = [1, 18]; $0.ecosystem = .named("psycopg-pool")
      }, .critical,
      fix: "kwargs={\"prepare_threshold\": None}"),
    .silent(
      "prepared-statements", "Prisma that knows of the pooler",
      [HandBuilt.env("U=\(viaBouncer)?connection_limit=5&pgbouncer=true"), bouncer(transaction)]),
    .silent(
      "prepared-statements", "node-pg prepares only what has a name",
      [HandBuilt.env("DB_POOL_MAX=5\nU=\(viaBouncer)"), bouncer(transaction)], .pool("node-pg")),
    .silent("prepared-statements", "session mode", [asyncpg(), bouncer("pool_mode = session")]),
    .silent(
      "prepared-statements", "a pooler that tracks them",
      [asyncpg(), bouncer(transaction + "max_prepared_statements = 200")]),
    .silent(
      "prepared-statements", "the version does by default", [asyncpg(), bouncer(transaction)],
      .with { $0.pgBouncerVersion = [1, 24, 1] }),
    .fires(
      "session-state", "options in the address",
      [HandBuilt.env("U=\(viaBouncer)?options=-csearch_path%3Dx"), bouncer(transaction)], .init(), .critical,
      says: ["unsupported startup parameter"]),
    .fires(
      "session-state", "PGOPTIONS", [asyncpg("PGOPTIONS=-c statement_timeout=5s"), bouncer(transaction)], .init(),
      .critical, line: 3, fix: "# PGOPTIONS=-c statement_timeout=5s"),
    .fires(
      "session-state", "options that are dropped",
      [
        asyncpg("PGOPTIONS=-c statement_timeout=5s"),
        bouncer(transaction + "ignore_startup_parameters = extra_float_digits,options"),
      ], .init(), .warning, says: ["never in force"]),
    .fires(
      "session-state", "a reset after each transaction",
      [asyncpg(), bouncer(transaction + "server_reset_query_always = 1")], .init(), .note,
      fix: "server_reset_query_always = 0"),
    .silent("session-state", "session mode", [asyncpg("PGOPTIONS=-c x=1"), bouncer("pool_mode = session")]),
  ]

  private static let values: [AuditCase] = [
    .fires(
      "unit-suspect", "30000 seconds", [HandBuilt.env("DB_POOL_MAX=5\nDB_POOL_TIMEOUT=30000")], .pool("sqlalchemy"),
      .warning, line: 2, says: ["is 8.3 hours", "30 s was probably meant"], fix: "DB_POOL_TIMEOUT=30"),
    .fires(
      "unit-suspect", "30 ms", [HandBuilt.env("DB_POOL_MAX=5\nDB_CONNECTION_TIMEOUT=30")], .pool("node-pg"), .warning,
      line: 2, says: ["is 30 ms", "30 s was probably meant"], fix: "DB_CONNECTION_TIMEOUT=30000"),
    .fires(
      "unit-suspect", "PgBouncer counts seconds", [bouncer("query_wait_timeout = 120000")], .init(), .warning,
      fix: "query_wait_timeout = 120"),
    .fires(
      "unit-suspect", "PostgreSQL counts milliseconds", [HandBuilt.postgres("statement_timeout = 30")], .init(),
      .warning, line: 1, fix: "statement_timeout = 30s"),
    .silent("unit-suspect", "30 s", [HandBuilt.env("DB_POOL_MAX=5\nDB_POOL_TIMEOUT=30")], .pool("sqlalchemy")),
    .silent("unit-suspect", "the unit is not known", [HandBuilt.env("DB_POOL_MAX=5\nDB_POOL_TIMEOUT=30000")]),
    .fires(
      "clamped", "below HikariCP's floor", [HandBuilt.env("HIKARI_MAX_LIFETIME=20000")], .init(), .warning, line: 1,
      says: ["below 30000 it silently uses 1800000"], fix: "HIKARI_MAX_LIFETIME=1800000"),
    .fires(
      "clamped", "refused by HikariCP", [HandBuilt.env("HIKARI_CONNECTION_TIMEOUT=30")], .init(), .critical, line: 1,
      says: ["at least 250"], fix: "HIKARI_CONNECTION_TIMEOUT=30000"),
    .fires(
      "clamped", "node-pg's 0 is 10", [HandBuilt.env("DB_POOL_MAX=0")], .pool("node-pg"), .warning, line: 1,
      says: ["silently uses 10"], fix: "DB_POOL_MAX=10"),
    .fires(
      "clamped", "node-pg's abc is 10", [HandBuilt.env("DB_POOL_MAX=abc")], .pool("node-pg"), .warning,
      says: ["silently uses 10"]),
    .fires(
      "clamped", "node-pg's -1 hangs", [HandBuilt.env("DB_POOL_MAX=-1")], .pool("node-pg"), .warning,
      says: ["every query waits for ever"], fix: "DB_POOL_MAX=10"),
    .silent("clamped", "at the floor", [HandBuilt.env("HIKARI_MAX_LIFETIME=30000")]),
    .fires(
      "min-above-max", "50 of 40", [HandBuilt.env("DB_POOL_MIN=50\nDB_POOL_MAX=40")], .init(), .warning, line: 1,
      fix: "DB_POOL_MIN=40"),
    .fires(
      "min-above-max", "of a pooler", [bouncer("min_pool_size = 25\ndefault_pool_size = 20")], .init(), .warning,
      fix: "min_pool_size = 20"),
    .silent("min-above-max", "equal", [HandBuilt.env("DB_POOL_MIN=40\nDB_POOL_MAX=40")]),
  ]

  private static let names: [AuditCase] = [
    .fires(
      "unknown-setting", "psycopg2's pool has no age",
      [HandBuilt.env("DB_POOL_MIN=9\nDB_POOL_MAX=9\nDB_POOL_RECYCLE=3600")], .pool("psycopg2"), .warning, line: 3,
      fix: "# DB_POOL_RECYCLE=3600"),
    .fires(
      "unknown-setting", "the age of a statement",
      [HandBuilt.env("DB_POOL_MAX=9\nDB_MAX_CACHED_STATEMENT_LIFETIME=300")], .init(), .warning, line: 2,
      says: ["of a cached statement, not of a connection"]),
    .fires(
      "unknown-setting", "Prisma 7 reads no parameters",
      [HandBuilt.env("DB_POOL_MAX=9\nU=postgresql://a@h/d?connection_limit=5")], .pool("prisma-7"), .warning, line: 2,
      says: ["no effect"]),
    .fires(
      "unknown-setting", "a parameter that is misspelt",
      [HandBuilt.env("U=postgresql://a@h/d?connection_limt=5&schema=public")], .init(), .warning, line: 1,
      fix: "connection_limit=5"),
    .fires(
      "unknown-setting", "a variable that is misspelt", [HandBuilt.env("DB_POOL_MXA_SIZE=9\nDB_POOL_MIN=1")], .init(),
      .note, line: 1, fix: "DB_POOL_MAX_SIZE=9"),
    .fires(
      "unknown-setting", "a key of a newer PgBouncer", [bouncer("max_prepared_statements = 100")],
      .with { $0.pgBouncerVersion = [1, 18] }, .critical, line: 4, says: ["from PgBouncer 1.21"]),
    .silent(
      "unknown-setting", "known ones",
      [
        HandBuilt.env("DB_POOL_MIN=9\nDB_POOL_MAX=9\nDB_NAME=pool\nDB_POOL_LOGGING=1"),
        bouncer("max_prepared_statements = 100\nlogfile = x"),
      ], .pool("psycopg2")),
    .fires(
      "placeholder", "nothing fills it", [HandBuilt.env("DB_POOL_MAX=${SIZE}")], .init(), .warning, line: 1,
      says: ["${SIZE}"]),
    .fires("placeholder", "in the address", [HandBuilt.env("U=postgresql://a@${HOST}/d")], .init(), .warning, line: 1),
    .silent("placeholder", "filled", [HandBuilt.env("DB_POOL_MAX=5")]),
  ]

  private static let rest: [AuditCase] = [
    .fires(
      "second-pool", "a pool for reads",
      [HandBuilt.env("DATABASE_URL=postgresql://a@h/d\nREAD_DATABASE_URL=postgresql://a@r/d\nDB_POOL_MAX=20")], .init(),
      .note, says: ["2 pools", "together 40"]),
    .silent(
      "second-pool", "an address and the parts that it is made of",
      [HandBuilt.env("DB_HOST=h\nDB_NAME=d\nDATABASE_URL=postgresql://a@h/d\nDB_POOL_MAX=20")]),
    .silent(
      "second-pool", "an address for migrations is none",
      [HandBuilt.env("DATABASE_URL=postgresql://a@h/d\nDIRECT_URL=postgresql://a@r/d\nDB_POOL_MAX=20")]),
    .fires(
      "oracle-getmode", "Oracle's get mode", [HandBuilt.env("DB_POOL_MAX=9\nDB_POOL_GETMODE=POOL_GETMODE_WAIT")],
      .init(), .warning, line: 2, fix: "# DB_POOL_GETMODE=POOL_GETMODE_WAIT"),
    .silent("oracle-getmode", "none", [HandBuilt.env("DB_POOL_MAX=9")]),
    .fires(
      "trust-all", "a pooler for everybody", [bouncer("listen_addr = *\nauth_type = any")], .init(), .critical, line: 5,
      fix: "auth_type = scram-sha-256"),
    .fires(
      "trust-all", "a server for everybody",
      [HandBuilt.workload(.service, "db", path: "compose.yaml", "POSTGRES_HOST_AUTH_METHOD=trust")], .init(),
      .critical, fix: "POSTGRES_HOST_AUTH_METHOD: \"scram-sha-256\""),
    .silent("trust-all", "on this machine only", [bouncer("listen_addr = 127.0.0.1\nauth_type = trust")]),
  ]
}
