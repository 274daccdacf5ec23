import Model
import Postgres

/// The admin console of one PgBouncer: one statement at a time in the simple protocol, and no parameters of a connection.
final class PgBouncerConsole {
  let info: ConnectionInfo
  private var session: Session?

  init(_ info: ConnectionInfo) {
    // It refuses a startup with parameters that it does not know, `options` among them.
    self.info = ConnectionInfo(info.parameters.filter { $0.key != "options" && $0.key != "statement_timeout" })
  }

  var locator: String {
    let host = info["hostaddr"] ?? info["host"] ?? "localhost"
    return "\(host):\(info["port"] ?? "6432")"
  }

  /// For errors.
  var title: String { "PgBouncer at \(locator)" }

  /// Sends a command; a console that went away meanwhile is asked anew, once.
  @discardableResult
  func ask(_ command: String) throws(StagingError) -> Rows {
    let isFresh = session?.isOpen != true
    do throws(PostgresError) { return try send(command) } catch {
      guard !isFresh, error.code == .serverGone else { throw fault(error, command) }
    }
    session = nil
    return try forStaging(title) { () throws(PostgresError) in try send(command) }
  }

  private func send(_ command: String) throws(PostgresError) -> Rows {
    if session?.isOpen != true { session = try Session(info, statementTimeout: .seconds(5)) }
    guard let session else { return Rows(columns: [], values: []) }
    return try session.console(command)
  }

  private func fault(_ error: PostgresError, _ command: String) -> StagingError {
    let isDenied = error.message.contains("admin access needed") || error.message.contains("not allowed")
    guard isDenied else { return StagingError(error, target: title) }
    let user = info["user"] ?? "this user"
    return StagingError(
      .missingRight, target: title, setting: "its settings",
      wanted: "in pgbouncer.ini: admin_users = \(user) (beside those that stand there), and RELOAD", found: user,
      reason: error.message)
  }

  func set(_ key: String, _ value: String) throws(StagingError) {
    let quoted = value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    do throws(StagingError) { try ask("SET \(key) = '\(quoted)'") } catch {
      guard error.code == .database else { throw error }
      throw StagingError(
        .inexpressible, target: title, setting: key, wanted: "what PgBouncer takes", found: value, reason: error.reason)
    }
  }

  struct Setting: Hashable {
    var key: String
    var value: String
    /// What a RELOAD brings where the file is silent; nil in versions that do not tell.
    var standard: String?
    var isChangeable: Bool
  }

  func settings() throws(StagingError) -> [Setting] {
    let rows = try ask("SHOW CONFIG")
    return (0..<rows.count).compactMap { row in
      guard let key = rows[row, "key"] else { return nil }
      return Setting(
        key: key, value: rows[row, "value"] ?? "",
        standard: rows.columns.contains("default") ? rows[row, "default"] ?? "" : nil,
        isChangeable: rows[row, "changeable"] == "yes")
    }
  }

  /// `(1, 18)` of `PgBouncer 1.18.0`.
  func version() throws(StagingError) -> [Int] {
    let text = try ask("SHOW VERSION").scalar ?? ""
    return text.split(separator: " ").last?.split(separator: ".").compactMap { Int($0) } ?? []
  }

  struct Database: Hashable {
    var name: String
    var host: String?
    var port: Int
    var database: String?
    var poolSize: Int?
  }

  func databases() throws(StagingError) -> [Database] {
    let rows = try ask("SHOW DATABASES")
    return (0..<rows.count).compactMap { row in
      guard let name = rows[row, "name"], name != "pgbouncer" else { return nil }
      return Database(
        name: name, host: rows[row, "host"], port: rows[row, "port"].flatMap { Int($0) } ?? 5432,
        database: rows[row, "database"], poolSize: rows[row, "pool_size"].flatMap { Int($0) })
    }
  }

  /// Server connections of each pool, by `database/user`, those that are being closed included.
  func servers(of database: String?) throws(StagingError) -> [(pool: String, servers: Int)] {
    let rows = try ask("SHOW POOLS")
    let columns = rows.columns.filter { $0.hasPrefix("sv_") }
    return (0..<rows.count).compactMap { row in
      guard let name = rows[row, "database"], name != "pgbouncer", database == nil || database == name else {
        return nil
      }
      let counts = columns.compactMap { rows[row, $0].flatMap { Int($0) } }
      return ("\(name)/\(rows[row, "user"] ?? "")", counts.reduce(0, +))
    }
  }

  /// Server connections above the new size go as soon as their clients let go of them; without it they stay while a load lasts.
  func reconnect(_ database: String?) throws(StagingError) {
    try ask(database.map { "RECONNECT \($0.asIdentifier)" } ?? "RECONNECT")
  }
}

extension String {
  /// As an identifier of SQL.
  var asIdentifier: String {
    "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

/// Whether two texts of a PgBouncer setting say the same: `3600` and `3600.0`, `511` and `0777`.
func isSamePgBouncerValue(_ left: String, _ right: String) -> Bool {
  if left == right { return true }
  guard let left = pgBouncerNumber(left), let right = pgBouncerNumber(right) else { return false }
  return left == right
}

private func pgBouncerNumber(_ text: String) -> Double? {
  if text.hasPrefix("0"), text.count > 1, let octal = Int(text, radix: 8) { return Double(octal) }
  return Double(text)
}
