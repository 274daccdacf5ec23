import Configuration
import Ecosystems
import Model

/// Prepared statements of a driver that end up on another server connection.
struct PreparedStatements: AuditCheck {
  let rule = AuditRule(
    "prepared-statements", "Prepared statements get through a pooler in transaction mode", .critical,
    why: """
      In transaction mode the next transaction may run on another server connection, which does not have the statement. PgBouncer before \
      1.21 does not track prepared statements, 1.21 to 1.23 only with max_prepared_statements above 0 (PgBouncer documentation, config). \
      Measured through 1.18: asyncpg failed in 1,783 of 2,374 requests (26000), psycopg 3 with 42P05; asyncpg works with \
      statement_cache_size=0.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.compactMap { pool in
      guard let pooler = landscape.pooler(of: pool), ["transaction", "statement"].contains(pooler.mode(for: pool)),
        let driver = Driver(pool)
      else { return nil }
      return finding(pool, pooler, driver, landscape)
    }
  }

  private func finding(_ pool: PoolUse, _ pooler: PoolerUse, _ driver: Driver, _ landscape: Landscape) -> Finding? {
    let tracking = pooler.tracking
    guard tracking != .yes else { return nil }
    let doubt = tracking == .unknown ? ". From 1.24 it does by default; which version runs here is not known" : ""
    let why = pooler.setting("max_prepared_statements").map { "max_prepared_statements is \($0.text)" }
    let message = """
      \(pool.name): \(driver.habit), and \(pooler.name) in \(pooler.mode(for: pool)) mode does not track prepared statements \
      (\(why ?? pooler.version.map { "PgBouncer \(dotted($0.value))" } ?? "max_prepared_statements is not written"))\(doubt)
      """
    let severity: Finding.Severity = tracking == .no && driver.isMeasured ? .critical : .warning
    return Finding(
      rule, severity, at: pool.settings[.statementCache]?.written.place ?? pool.address?.place ?? pool.place, message,
      fix: fix(pool, pooler, driver, landscape),
      related: [pooler.setting("pool_mode"), pooler.setting("max_prepared_statements")].compactMap {
        $0.map { Finding.Related($0.place, "\($0.name) \($0.text)") }
      })
  }

  private func dotted(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }

  /// What holds with every version first: the driver's own switch, where it is in a file.
  private func fix(
    _ pool: PoolUse, _ pooler: PoolerUse, _ driver: Driver, _ landscape: Landscape
  ) -> Finding.Fix? {
    if let setting = pool.settings[.statementCache] { return landscape.fix(setting, of: pool, to: "0") }
    if let (name, value) = driver.parameter, let address = pool.address {
      return landscape.parameter(name, value, address, also: driver.also.map { [Finding.Fix($0, kind: .code)] } ?? [])
    }
    if let version = pooler.version?.value, !version.lexicographicallyPrecedes([1, 21]) {
      return pooler.setting("max_prepared_statements").map { landscape.fix($0, to: "200") }
        ?? landscape.addition("max_prepared_statements", "200", beside: pooler.place)
    }
    return Finding.Fix(driver.code, kind: .code)
  }
}

extension PoolerUse {
  enum Tracking { case yes, no, unknown }

  /// Whether it carries prepared statements from one server connection to another.
  var tracking: Tracking {
    let isOld = version?.value.lexicographicallyPrecedes([1, 21]) ?? false
    if isOld { return .no }
    if let written = setting("max_prepared_statements"), let count = Int(written.text) { return count > 0 ? .yes : .no }
    guard let version = version?.value else { return .unknown }
    return version.lexicographicallyPrecedes([1, 24]) ? .no : .yes
  }

  /// Of the database that the pool connects to.
  func mode(for pool: PoolUse) -> String {
    let mine = pools.first {
      $0.database == pool.address?.database && ($0.user == nil || $0.user == pool.address?.user)
    }
    return (mine ?? pools.first)?.mode.value ?? mode.value
  }
}

/// What a driver prepares, and how that is switched off.
private struct Driver {
  var habit: String
  var code: String
  /// In the address.
  var parameter: (String, String)?
  /// What the parameter alone does not mend, in the application's source.
  var also: String?
  /// Seen to fail through a pooler that does not track.
  var isMeasured = false

  /// nil: it prepares nothing by itself, it is switched off, or it is not known.
  init?(_ pool: PoolUse) {
    guard let ecosystem = pool.ecosystem, pool.settings[.statementCache]?.count != 0 else { return nil }
    let options = pool.address?.options ?? []
    switch ecosystem.id {
    case "asyncpg", "asyncpg-0.31":
      self.init(
        "asyncpg prepares every query (statement_cache_size \(Self.cache(pool, "100")))",
        "create_pool(dsn, statement_cache_size=0)")
      isMeasured = true
    case "prisma":
      guard options.last(where: { $0.name == "pgbouncer" })?.text != "true" else { return nil }
      self.init("Prisma prepares every query", "?pgbouncer=true", ("pgbouncer", "true"))
    case "psycopg-pool":
      self.init("psycopg 3 prepares a query that it has seen five times", "kwargs={\"prepare_threshold\": None}")
      isMeasured = true
    case "hikaricp", "spring-hikaricp":
      let threshold = options.last { $0.name == "prepareThreshold" } ?? pool.words[.prepareThreshold]
      guard threshold?.text != "0" else { return nil }
      self.init(
        "PostgreSQL's JDBC driver prepares on the server after \(threshold?.text ?? "5") executions",
        "prepareThreshold=0",
        ("prepareThreshold", "0"))
    case "pgxpool":
      let mode = options.last { $0.name == "default_query_exec_mode" }?.text
      guard mode == nil || mode == "cache_statement" else { return nil }
      self.init("pgx prepares every query", "default_query_exec_mode=exec", ("default_query_exec_mode", "exec"))
    case "sqlx":
      self.init(
        "sqlx prepares every query", "PgConnectOptions::statement_cache_capacity(0)", ("statement-cache-capacity", "0"))
    case "sqlalchemy":
      guard pool.address?.scheme.contains("asyncpg") == true,
        options.last(where: { $0.name == "prepared_statement_cache_size" })?.text != "0"
      else { return nil }
      self.init(
        "asyncpg under SQLAlchemy prepares every query", "prepared_statement_cache_size=0",
        ("prepared_statement_cache_size", "0"))
      // Without its cache SQLAlchemy still prepares, under names that asyncpg counts up: they collide.
      also = "connect_args={\"prepared_statement_name_func\": lambda: f\"__asyncpg_{uuid4()}__\"}"
    default: return nil
    }
  }

  private init(_ habit: String, _ code: String, _ parameter: (String, String)? = nil) {
    self.habit = habit
    self.code = code
    self.parameter = parameter
  }

  private static func cache(_ pool: PoolUse, _ standard: String) -> String {
    pool.settings[.statementCache]?.written.text ?? "\(standard) by default"
  }
}
