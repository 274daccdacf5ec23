import Advice
import Configuration
import Model
import Postgres
import Probes
import Report

/// What running servers and poolers say, as facts beside those of the files.
struct LiveAudit {
  private(set) var server: Server?
  private(set) var pooler: Pooler?
  private(set) var slots: LiveSlots?
  private(set) var pools: [LivePool] = []

  /// nil when nothing running is to be asked.
  /// - Throws: `usage` for a variable that holds no URL; `unreachable` where no session can be had or a question is
  ///   refused.
  init?(_ options: AuditLive, _ files: [ConfigurationFile], _ world: World) throws(Failure) {
    let standard = { (name: String) in options.live && !(world.variables[name] ?? "").isEmpty ? name : nil }
    let server = options.server ?? standard("DATABASE_URL")
    let pgbouncer = options.pgbouncer ?? standard("PGBOUNCER_URL")
    guard server != nil || pgbouncer != nil else {
      guard options.live else { return nil }
      throw Failure(
        .usage, "--live asks the server of $DATABASE_URL, and it is not set",
        hint: "Set it, or name another variable with --server or --pgbouncer.")
    }
    if let server { try askServer(Self.info(server, world), server, files) }
    if let pgbouncer { try askPooler(Self.info(pgbouncer, world), pgbouncer, files) }
  }

  /// The facts as files among the others, with places such as `live:pg_settings`.
  var files: [ConfigurationFile] {
    var files: [ConfigurationFile] = []
    if let server {
      var file = ConfigurationFile(path: "live:\(server.name)", format: .postgreSQL)
      file.servers = [server]
      files.append(file)
    }
    if let pooler {
      var file = ConfigurationFile(path: "live:\(pooler.name)", format: .pgBouncer)
      file.poolers = [pooler]
      files.append(file)
    }
    return files
  }

  /// - Parameter usable: of the server's slots, as the audit has it.
  func report(_ usable: Int?) -> AuditReport.Live { .init(slots: slots, usable: usable, pools: pools) }

  // MARK: - Asking

  private static func info(_ variable: String, _ world: World) throws(Failure) -> ConnectionInfo {
    guard let text = world.variables[variable], !text.isEmpty else {
      throw Failure(
        .usage, "the environment variable \(variable) is not set",
        hint: "Give the name of a variable that holds a postgresql:// URL, never the URL itself.")
    }
    do throws(ConnectionInfoError) { return try ConnectionInfo(parsing: text) } catch {
      throw Failure(.usage, "the environment variable \(variable) holds no PostgreSQL URL: \(error.reason)")
    }
  }

  /// The name that files know it by, so that their addresses lead to it; else its host.
  private static func name(_ known: [String], _ info: ConnectionInfo) -> String {
    if known.count == 1 { return known[0] }
    let host = info["host"] ?? ""
    return host.isEmpty || host.hasPrefix("/") ? "localhost" : host
  }

  private mutating func askServer(
    _ info: ConnectionInfo, _ variable: String, _ files: [ConfigurationFile]
  ) throws(Failure) {
    let name = Self.name(files.flatMap(\.servers).map(\.name), info)
    do throws(PostgresError) {
      let session = try Session(info, applicationName: "poolops-audit", limitsOnServer: false)
      server = try LiveConfiguration.server(session, name: name)
      slots = try LiveConfiguration.slots(session)
    } catch {
      throw Self.failure(error, "PostgreSQL", variable)
    }
  }

  private mutating func askPooler(
    _ info: ConnectionInfo, _ variable: String, _ files: [ConfigurationFile]
  ) throws(Failure) {
    var info = info
    // The console is a database of this name; a URL without a path means it.
    if info["dbname"] == nil { info["dbname"] = "pgbouncer" }
    let known = files.flatMap(\.poolers)
    do throws(PostgresError) {
      let session = try Session(info, applicationName: "poolops-audit")
      var found = try LiveConfiguration.pooler(session, name: Self.name(known.map(\.name), info))
      if known.count == 1 { found.replicas = known[0].replicas }
      pooler = found
      pools = try LiveConfiguration.pools(session)
    } catch {
      throw Self.failure(error, "PgBouncer", variable)
    }
  }

  private static func failure(_ error: PostgresError, _ what: String, _ variable: String) -> Failure {
    let whose = "\(what) of $\(variable)"
    switch error.code {
    case .connect(.tooManyConnections):
      return Failure(
        .unreachable, "all slots of the \(whose) are taken: \(error.message)",
        hint:
          "That is the finding. A superuser still has superuser_reserved_connections of them: give its URL, and see "
          + "who holds the others.")
    case .connect(.authentication):
      return Failure(.unreachable, "the \(whose) lets nobody in with these credentials: \(error.message)")
    case .connect(.noDatabase):
      return Failure(.unreachable, "the \(whose) has no such database: \(error.message)")
    case .connect, .timeout, .serverGone:
      return Failure(.unreachable, "the \(whose) cannot be reached: \(error.message)")
    case .sql:
      let hint = what == "PgBouncer" ? "Its console is the database 'pgbouncer', for admin_users and stats_users." : nil
      return Failure(.unreachable, "the \(whose) refused a question: \(error.description)", hint: hint)
    }
  }
}
