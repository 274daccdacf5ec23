import Configuration
import Model
import Postgres
import Synchronization
import Telemetry

/// The pool of a PgBouncer through which a load goes, as its console shows it.
///
/// A console that was gone is opened anew with the next question. Columns are read by name, as they come and go from version to version.
package final class PgBouncerPool: PoolTeller {
  private let console: ConnectionInfo
  private let database: String
  private let user: String?
  private let session = Mutex<Session?>(nil)

  /// Longest wait for connecting, and for each of two answers.
  private static let patience = Duration.seconds(1)

  /// - Parameters:
  ///   - database: as PgBouncer calls it.
  ///   - user: the load's. Where its connections are another one's on the server, all pools of the database count.
  package init(console: ConnectionInfo, database: String, user: String?) {
    // It refuses a startup with parameters that it does not know.
    self.console = ConnectionInfo(console.parameters.filter { $0.key != "options" && $0.key != "statement_timeout" })
    self.database = database
    self.user = user
  }

  package func tell() throws(PageFault) -> PoolReading {
    let (pools, databases): (Rows, Rows)
    do throws(PostgresError) {
      (pools, databases) = try session.withLock { session throws(PostgresError) in
        if session?.isOpen != true {
          session = nil
          session = try Session(console, connectTimeout: Self.patience, statementTimeout: Self.patience)
        }
        guard let session else { preconditionFailure("a session was opened or a fault thrown") }
        return (try session.console("SHOW POOLS"), try session.console("SHOW DATABASES"))
      }
    } catch {
      throw PageFault(Redaction.text(error.description))
    }
    return try Self.read(pools, databases, database: database, user: user)
  }

  static func read(
    _ pools: Rows, _ databases: Rows, database: String, user: String?
  ) throws(PageFault) -> PoolReading {
    let needed = ["database", "user", "cl_waiting", "sv_active", "sv_idle"]
    if let missing = needed.first(where: { !pools.columns.contains($0) }) {
      throw PageFault("SHOW POOLS has no column '\(missing)'")
    }
    let ofDatabase = (0..<pools.count).filter { pools[$0, "database"] == database }
    let own = ofDatabase.filter { pools[$0, "user"] == user }
    let rows = own.isEmpty ? ofDatabase : own
    func sum(_ columns: String...) -> Double {
      rows.reduce(0) { sum, row in sum + columns.reduce(0) { $0 + Double(pools.number(row, $1) ?? 0) } }
    }
    var gauges = PoolGauges()
    gauges[.inUse] = sum("sv_active", "sv_active_cancel", "sv_being_canceled")
    // Those that wait for their check are idle too.
    gauges[.idle] = sum("sv_idle", "sv_used")
    gauges[.waiting] = sum("cl_waiting")
    if pools.columns.contains("maxwait") {
      gauges[.oldestWait] =
        rows.map { row in
          Double(pools.number(row, "maxwait") ?? 0) + Double(pools.number(row, "maxwait_us") ?? 0) / 1e6
        }.max() ?? 0
    }
    // A pool comes into being with its first client.
    gauges[.max] = most(databases, database).map { $0 * Double(max(1, rows.count)) }
    return PoolReading(gauges: gauges, scheme: .pgBouncer, pools: rows.map { "\(database)/\(pools[$0, "user"] ?? "")" })
  }

  /// Server connections that one pool of the database may have, with those that are kept in reserve.
  private static func most(_ databases: Rows, _ database: String) -> Double? {
    guard let row = (0..<databases.count).first(where: { databases[$0, "name"] == database }),
      let size = databases.number(row, "pool_size")
    else { return nil }
    let reserve = databases.number(row, "reserve_pool_size") ?? databases.number(row, "reserve_pool") ?? 0
    let limit = databases.number(row, "max_connections").flatMap { $0 > 0 ? $0 : nil } ?? .max
    return Double(min(size + reserve, limit))
  }
}
