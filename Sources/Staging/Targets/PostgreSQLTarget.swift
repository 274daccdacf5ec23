internal import Glibc
import Configuration
import Model
import Postgres
import System

/// Settings of the server itself, by ALTER SYSTEM, and RESET where `postgresql.auto.conf` did not have them.
///
/// A reload is asynchronous, and silent about what needs a restart: `pending_restart` tells. What a session sees may be its own
/// or its role's, so `reset_val` is read, never `setting`.
package final class PostgreSQLTarget: ChangeTarget {
  private let spec: PostgreSQLTargetSpec
  private let values: OwnValues
  private let info: ConnectionInfo
  private let programs: TargetPrograms
  private let production: ProductionGuard
  private var session: Session?
  /// Known as soon as the server has told it: a server that does not come up can no longer be asked.
  private var autoConf: String?
  package let locator: String

  package init(
    _ spec: PostgreSQLTargetSpec, _ values: OwnValues, in surroundings: TargetSurroundings
  ) throws(StagingError) {
    self.spec = spec
    self.values = values
    if let variable = spec.urlVariable {
      info = try surroundings.connection(fromVariable: variable)
    } else if let staging = surroundings.staging {
      info = try staging()
    } else {
      throw StagingError(.badURL, target: "url_env", reason: "the target 'postgres' needs a URL")
    }
    let host = info["hostaddr"] ?? info["host"] ?? "localhost"
    locator = "\(host):\(info["port"] ?? "5432")"
    programs = TargetPrograms(surroundings, locator: locator)
    production = ProductionGuard(surroundings.production)
  }

  package var kind: String { "postgres" }

  package func preflight() throws(StagingError) {
    if let restart = spec.restart { try programs.require(restart) }
    try ask { session throws(StagingError) in try production.check(session, target: locator) }
    let held = try settings()
    for name in values.names {
      guard let setting = held[name] else { throw unknown(name) }
      try require(setting)
    }
    try requireRights()
    try requireNobodyNearer()
    for arm in Arm.allCases { for (name, value) in sorted(arm) { try tryOut(name, value, held[name]) } }
    autoConf = try? autoConfPath()
  }

  package func snapshot() throws(StagingError) -> String? {
    try Self.text(try written()).kept(locator, "postgresql.auto.conf")
  }

  package func planned(_ arm: Arm, over snapshot: String?) -> String { Self.text(values.values(of: arm)).text }

  package func apply(_ arm: Arm) throws(StagingError) { try give(values.values(of: arm)) }

  package func revert(to snapshot: String?) throws(StagingError) {
    let wanted = Self.values(of: snapshot)
    do throws(StagingError) { try give(wanted) } catch {
      guard error.code == .unreachable, let autoConf, let restart = spec.restart else { throw error }
      try mend(autoConf, wanted)
      try programs.run(restart, within: spec.timeout)
      try give(wanted)
    }
  }

  package func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce {
    try readBack(within: patience) { held throws(StagingError) in
      sorted(arm).map { name, wanted in value(name, wanted, held[name]) }
    }
  }

  package func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce {
    let wanted = Self.values(of: snapshot)
    return try readBack(within: patience) { held throws(StagingError) in
      let written = try self.written()
      let files = try elsewhere()
      return values.names.flatMap { name -> [InForce.Value] in
        let works = wanted[name] ?? files[name] ?? held[name]?.withoutFiles
        var read = [value(name, works ?? "", held[name])]
        if written[name] != wanted[name] {
          read.append(
            InForce.Value(
              name: name, wanted: wanted[name] ?? "not set", found: written[name] ?? "not set",
              source: "postgresql.auto.conf"))
        }
        return read
      }
    }
  }

  package func takeNotes() -> [String] { programs.takeNotes() }

  private func sorted(_ arm: Arm) -> [(String, String)] {
    values.values(of: arm).sorted { $0.key < $1.key }.map { ($0, $1) }
  }
}

// Acting.
extension PostgreSQLTarget {
  /// Sets what is wanted, resets the others, and makes it work.
  private func give(_ wanted: [String: String]) throws(StagingError) {
    for name in values.names {
      try ask { session throws(StagingError) in
        try forStaging(locator) { () throws(PostgresError) in
          guard let value = wanted[name] else { return try session.execute("ALTER SYSTEM RESET \(name.asIdentifier)") }
          try session.execute("ALTER SYSTEM SET \(name.asIdentifier) = \(try session.literal(value))")
        }
      }
    }
    try reload()
    let pending = try settings().values.filter(\.isPending)
    guard let first = pending.first else { return }
    guard let restart = spec.restart else { throw StagingError(.needsRestart, target: locator, setting: first.name) }
    try self.restart(restart)
  }

  /// The time of the last load goes on when this session has read the files anew.
  private func reload() throws(StagingError) {
    let end = ContinuousClock.now + .seconds(10)
    let before = try scalar("SELECT pg_conf_load_time()")
    _ = try scalar("SELECT pg_reload_conf()")
    while try scalar("SELECT pg_conf_load_time()") == before {
      guard ContinuousClock.now < end else {
        throw StagingError(.unreachable, target: locator, reason: "it did not reload its files within 10s")
      }
      usleep(10_000)
    }
  }

  private func restart(_ command: [String]) throws(StagingError) {
    let before = try scalar("SELECT pg_postmaster_start_time()")
    session = nil
    try programs.run(command, within: spec.timeout)
    let end = ContinuousClock.now + spec.timeout
    while try scalar("SELECT pg_postmaster_start_time()") == before {
      guard ContinuousClock.now < end else {
        throw StagingError(
          .unreachable, target: locator,
          reason: "'\(TargetPrograms.shown(command))' ended with 0, and the server was not restarted")
      }
      session = nil
      usleep(50_000)
    }
  }

  /// The file of ALTER SYSTEM, edited while the server is down for what ALTER SYSTEM put there.
  private func mend(_ path: String, _ wanted: [String: String]) throws(StagingError) {
    guard let text = FileSystem.text(of: path) else { return }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      let name = line.prefix { !$0.isWhitespace && $0 != "=" }.lowercased()
      return !values.names.contains(name)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    for (name, value) in wanted.sorted(by: { $0.key < $1.key }) {
      let quoted = value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
      lines.append("\(name) = '\(quoted)'")
    }
    let mended = lines.joined(separator: "\n") + "\n"
    try forStaging { () throws(SystemFault) in try FileSystem.replace(path, with: Array(mended.utf8)) }
  }
}

// Asking.
extension PostgreSQLTarget {
  /// Gives `body` a session. A server that is being restarted is waited for; each body may be run again.
  private func ask<Value>(_ body: (Session) throws(StagingError) -> Value) throws(StagingError) -> Value {
    let end = ContinuousClock.now + min(spec.timeout, .seconds(30))
    while true {
      do throws(StagingError) {
        if session?.isOpen != true {
          session = try forStaging(locator) { () throws(PostgresError) in try Session(info) }
        }
        if let session { return try body(session) }
      } catch {
        guard error.code == .unreachable, ContinuousClock.now < end else { throw error }
        session = nil
      }
      usleep(50_000)
    }
  }

  private func query(_ sql: String, _ parameters: [String?] = []) throws(StagingError) -> Rows {
    try ask { session throws(StagingError) in
      try forStaging(locator) { () throws(PostgresError) in try session.query(sql, parameters) }
    }
  }

  private func scalar(_ sql: String) throws(StagingError) -> String? { try query(sql).scalar }

  private struct Setting: Hashable {
    var name: String
    /// In the setting's own unit.
    var value: String
    var unit: String?
    var kind: String
    var context: String
    var source: String
    var standard: String?
    var isPending: Bool

    /// What works where no file sets it: the default, unless something else than a file does. (`session` is this one's own
    /// time limit, which hides where the value comes from.)
    var withoutFiles: String? { ["default", "configuration file", "session"].contains(source) ? standard : value }
  }

  private static let list = "name = ANY (string_to_array($1, ','))"
  private var joinedNames: String { values.names.joined(separator: ",") }

  private func settings() throws(StagingError) -> [String: Setting] {
    let rows = try query(
      """
      SELECT name, reset_val, unit, vartype, context, source, boot_val, pending_restart FROM pg_settings
      WHERE \(Self.list)
      """, [joinedNames])
    var found: [String: Setting] = [:]
    for row in 0..<rows.count {
      guard let name = rows[row, "name"] else { continue }
      found[name] = Setting(
        name: name, value: rows[row, "reset_val"] ?? "", unit: rows[row, "unit"], kind: rows[row, "vartype"] ?? "",
        context: rows[row, "context"] ?? "", source: rows[row, "source"] ?? "", standard: rows[row, "boot_val"],
        isPending: rows[row, "pending_restart"] == "t")
    }
    return found
  }

  /// What `postgresql.auto.conf` says of the tuned settings.
  private func written() throws(StagingError) -> [String: String] {
    try files("sourcefile LIKE '%postgresql.auto.conf'")
  }

  /// What the other files say of them.
  private func elsewhere() throws(StagingError) -> [String: String] {
    try files("sourcefile NOT LIKE '%postgresql.auto.conf'")
  }

  private func files(_ condition: String) throws(StagingError) -> [String: String] {
    let rows = try query(
      "SELECT name, setting FROM pg_file_settings WHERE \(condition) AND \(Self.list) ORDER BY seqno", [joinedNames])
    var found: [String: String] = [:]
    for row in 0..<rows.count { if let name = rows[row, "name"] { found[name] = rows[row, "setting"] ?? "" } }
    return found
  }

  private func autoConfPath() throws(StagingError) -> String? {
    try scalar("SHOW data_directory").map { "\($0)/postgresql.auto.conf" }
  }

  private func readBack(
    within patience: Duration, _ look: ([String: Setting]) throws(StagingError) -> [InForce.Value]
  ) throws(StagingError) -> InForce {
    let end = ContinuousClock.now + patience
    while true {
      let found = InForce(values: try look(try settings()))
      if found.differences.isEmpty || ContinuousClock.now + .milliseconds(50) > end { return found }
      usleep(50_000)
    }
  }

  private func value(_ name: String, _ wanted: String, _ setting: Setting?) -> InForce.Value {
    guard let setting else { return InForce.Value(name: name, wanted: wanted, found: nil, source: "pg_settings") }
    let isSame = Self.isSame(wanted, setting)
    let shown = setting.value + (setting.unit.map { Int(setting.value) == nil ? "" : " x \($0)" } ?? "")
    let found = setting.isPending ? "\(shown), until a restart" : (isSame ? wanted : shown)
    return InForce.Value(name: name, wanted: wanted, found: found, source: "pg_settings")
  }

  /// Whether a text as people write it says the value in force.
  private static func isSame(_ wanted: String, _ setting: Setting) -> Bool {
    if wanted == setting.value { return true }
    switch setting.kind {
    case "bool": return truth(wanted) == truth(setting.value) && truth(wanted) != nil
    case "enum": return wanted.lowercased() == setting.value.lowercased()
    case "integer", "real":
      return amount(wanted, setting.unit).map { $0 == amount(setting.value, setting.unit) } ?? false
    default: return false
    }
  }

  private static func truth(_ text: String) -> Bool? {
    let word = text.lowercased()
    if ["on", "true", "yes", "1", "t", "y"].contains(word) { return true }
    return ["off", "false", "no", "0", "f", "n"].contains(word) ? false : nil
  }

  private static func amount(_ text: String, _ unit: String?) -> Double? {
    guard let unit else { return Double(text) ?? PostgreSQLQuantity.count(text).map(Double.init) }
    return ["us", "ms", "s", "min", "h", "d"].contains(unit)
      ? PostgreSQLQuantity.milliseconds(text, unit: unit) : PostgreSQLQuantity.bytes(text, unit: unit)
  }

  private static func text(_ values: [String: String]) -> SnapshotText {
    SnapshotText(values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func values(of snapshot: String?) -> [String: String] {
    Dictionary(SnapshotText(snapshot).lines.map { ($0.name, $0.value) }) { $1 }
  }
}

// Before anything is changed.
extension PostgreSQLTarget {
  /// ALTER SYSTEM writes them in another form than it was given.
  private static let lists: Set<String> = [
    "search_path", "session_preload_libraries", "shared_preload_libraries", "local_preload_libraries",
    "temp_tablespaces", "unix_socket_directories",
  ]

  private func unknown(_ name: String) -> StagingError {
    StagingError(
      .inexpressible, target: locator, setting: name, wanted: "a setting of pg_settings", found: "a value")
  }

  private func require(_ setting: Setting) throws(StagingError) {
    if setting.context == "internal" || Self.lists.contains(setting.name) {
      throw StagingError(
        .inexpressible, target: locator, setting: setting.name, wanted: "a setting with one value that can be changed",
        found: "a value")
    }
    if setting.context == "postmaster", spec.restart == nil {
      throw StagingError(.needsRestart, target: locator, setting: setting.name)
    }
    if setting.source == "command line" {
      throw StagingError(
        .overridden, target: locator, setting: setting.name, found: "the command line that started the server")
    }
    if setting.isPending {
      throw StagingError(
        .overridden, target: locator, setting: setting.name,
        found: "an earlier change, which waits for a restart; restart the server first")
    }
  }

  private func requireRights() throws(StagingError) {
    let user = try scalar("SELECT current_user") ?? ""
    var missing: [String] = []
    for name in values.names where try !mayAlter(name) {
      missing.append("GRANT ALTER SYSTEM ON PARAMETER \(name) TO \(user.asIdentifier);")
    }
    let needs = [
      ("has_function_privilege('pg_reload_conf()', 'EXECUTE')", "EXECUTE ON FUNCTION pg_reload_conf()"),
      ("has_table_privilege('pg_file_settings', 'SELECT')", "SELECT ON pg_file_settings"),
      (
        "has_function_privilege('pg_show_all_file_settings()', 'EXECUTE')",
        "EXECUTE ON FUNCTION pg_show_all_file_settings()"
      ),
    ]
    for (question, right) in needs where try scalar("SELECT \(question)") != "t" {
      missing.append("GRANT \(right) TO \(user.asIdentifier);")
    }
    guard !missing.isEmpty else { return }
    throw StagingError(
      .missingRight, target: locator, setting: "the server's settings",
      wanted: "as a superuser: \(missing.joined(separator: " "))", found: user)
  }

  /// Before 15 only a superuser may.
  private func mayAlter(_ name: String) throws(StagingError) -> Bool {
    if try scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "t" { return true }
    guard try ask({ session throws(StagingError) in session.serverVersion }) >= 150_000 else { return false }
    return try query("SELECT has_parameter_privilege($1, 'ALTER SYSTEM')", [name]).scalar == "t"
  }

  /// What ALTER ROLE or ALTER DATABASE says wins over the server's files.
  private func requireNobodyNearer() throws(StagingError) {
    let rows = try query(
      """
      SELECT split_part(entry, '=', 1) AS name, coalesce(r.rolname, '') AS role, coalesce(d.datname, '') AS database
      FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS entry
      LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
      WHERE split_part(entry, '=', 1) = ANY (string_to_array($1, ','))
        AND (s.setdatabase = 0 OR d.datname = current_database()) LIMIT 1
      """, [joinedNames])
    guard let name = rows[0, "name"] else { return }
    let role = rows[0, "role"].flatMap { $0.isEmpty ? nil : "ALTER ROLE \($0)" }
    throw StagingError(
      .overridden, target: locator, setting: name, found: role ?? "ALTER DATABASE \(rows[0, "database"] ?? "")")
  }

  /// Lets the server judge the value where a session may try it; of the others ALTER SYSTEM judges before it writes.
  private func tryOut(_ name: String, _ value: String, _ setting: Setting?) throws(StagingError) {
    guard let setting, setting.context == "user" || setting.context == "superuser" else { return }
    try ask { session throws(StagingError) in
      do throws(PostgresError) {
        try session.execute("BEGIN")
        _ = try session.query("SELECT set_config($1, $2, true)", [name, value])
        try session.execute("ROLLBACK")
      } catch {
        if session.isOpen { try? session.execute("ROLLBACK") }
        guard error.sqlState?.hasPrefix("22") == true else { throw StagingError(error, target: locator) }
        throw StagingError(
          .inexpressible, target: locator, setting: name, wanted: "what the server takes", found: value,
          reason: error.message)
      }
    }
  }
}
