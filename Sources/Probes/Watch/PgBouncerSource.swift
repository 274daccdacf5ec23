import Model
import Monitor
import Postgres

/// The pools of a PgBouncer, from its console: that takes no connection of any pool, and tells also when the server is full.
///
/// Columns are read by name, as they come and go from version to version (1.18 to 1.25).
package final class PgBouncerSource: SourceReader {
  private var held: HeldSession
  private var timeout = AcquireTimeout.notTold
  private var isPaused = false
  private var knowsState = true
  private var samples = 0

  /// Samples from one look at the settings to the next: they change seldom, and are many rows.
  private static let settingsEvery = 10

  package init(_ info: ConnectionInfo) {
    // It refuses a startup with parameters that it does not know, `options` among them.
    var console = ConnectionInfo(info.parameters.filter { $0.key != "options" && $0.key != "statement_timeout" })
    // The console is a database of this name; a URL without a path means it.
    console["dbname"] = console["dbname"] ?? "pgbouncer"
    held = HeldSession({ [console] in console }, application: "poolops-monitor")
  }

  package func read() throws(SourceFault) -> SourceReading {
    let pools = try held.ask { (session, isNew) throws(PostgresError) in
      if isNew { (samples, knowsState) = (0, true) }
      if samples % Self.settingsEvery == 0 { timeout = try Self.timeout(session.console("SHOW CONFIG")) }
      samples += 1
      try readState(session)
      return Self.pools(
        pools: try session.console("SHOW POOLS"), stats: try session.console("SHOW STATS"),
        databases: try session.console("SHOW DATABASES"), timeout: timeout, isPaused: isPaused)
    }
    return SourceReading(pools: pools)
  }

  /// Whether all of it is paused; versions before 1.21 tell only of single databases.
  private func readState(_ session: Session) throws(PostgresError) {
    guard knowsState else { return }
    do throws(PostgresError) {
      let rows = try session.console("SHOW STATE")
      let states = (0..<rows.count).filter { rows[$0, "key"] == "paused" || rows[$0, "key"] == "suspended" }
      isPaused = states.contains { rows[$0, "value"] == "yes" }
    } catch {
      guard session.isOpen else { throw error }
      (knowsState, isPaused) = (false, false)
    }
  }

  static func timeout(_ config: Rows) -> AcquireTimeout {
    let row = (0..<config.count).first { config[$0, "key"] == "query_wait_timeout" }
    guard let row, let seconds = config[row, "value"].flatMap({ Double($0) }) else { return .notTold }
    return seconds > 0 ? .after(.ofSeconds(seconds)) : .unlimited
  }

  /// Pure: what the console's tables say of each pool.
  static func pools(
    pools: Rows, stats: Rows, databases: Rows, timeout: AcquireTimeout, isPaused: Bool
  ) -> [PoolReport] {
    let shown = (0..<pools.count).filter { pools[$0, "database"] != "pgbouncer" }
    let perDatabase = Dictionary(grouping: shown) { pools[$0, "database"] ?? "" }.mapValues(\.count)
    return shown.map { row in
      let database = pools[row, "database"] ?? ""
      let entry = (0..<databases.count).first { databases[$0, "name"] == database }
      var gauges = Self.gauges(pools, row)
      gauges[.max] = entry.flatMap { size(databases, $0) }
      // The counters are those of the whole database, so they say nothing where several users share it.
      if perDatabase[database] == 1, let stat = (0..<stats.count).first(where: { stats[$0, "database"] == database }) {
        gauges[.acquisitions] = acquisitions(stats, stat, mode: pools[row, "pool_mode"])
        if gauges[.acquisitions] != nil {
          gauges[.acquireSeconds] = stats.decimal(stat, "total_wait_time").map { $0 / 1e6 }
        }
      }
      let paused = isPaused || entry.map { databases[$0, "paused"] == "1" } == true
      let disabled = entry.map { databases[$0, "disabled"] == "1" } == true
      return PoolReport(
        name: "\(database)/\(pools[row, "user"] ?? "")", gauges: gauges, timeout: timeout,
        note: paused ? "paused" : disabled ? "disabled" : nil)
    }
  }

  private static func gauges(_ pools: Rows, _ row: Int) -> PoolGauges {
    func sum(_ columns: [String]) -> Double { columns.reduce(0) { $0 + (pools.decimal(row, $1) ?? 0) } }
    var gauges = PoolGauges()
    gauges[.inUse] = pools.decimal(row, "sv_active")
    gauges[.idle] = sum(["sv_idle", "sv_used"])
    gauges[.total] = sum(pools.columns.filter { $0.hasPrefix("sv_") })
    gauges[.waiting] = pools.decimal(row, "cl_waiting")
    gauges[.oldestWait] = pools.decimal(row, "maxwait").map { $0 + (pools.decimal(row, "maxwait_us") ?? 0) / 1e6 }
    return gauges
  }

  /// A database may have a limit over all of its pools that is lower than one pool's size.
  private static func size(_ databases: Rows, _ row: Int) -> Double? {
    guard let size = databases.decimal(row, "pool_size") else { return nil }
    guard let limit = databases.decimal(row, "max_connections"), limit > 0 else { return size }
    return min(size, limit)
  }

  /// Server connections that clients were given. Versions before 1.23 do not count them, but what ends one use of them.
  private static func acquisitions(_ stats: Rows, _ row: Int, mode: String?) -> Double? {
    if let count = stats.decimal(row, "total_server_assignment_count") { return count }
    switch mode {
    case "transaction": return stats.decimal(row, "total_xact_count")
    case "statement": return stats.decimal(row, "total_query_count")
    default: return nil
    }
  }
}

extension Rows {
  fileprivate func decimal(_ row: Int, _ name: String) -> Double? { self[row, name].flatMap { Double($0) } }
}
