import Arguments
import Model
import Postgres
import Report
import Staging

/// Which database a command of the mark is about.
struct MarkedDatabase: ParsableArguments {
  @Option(
    name: .customLong("url-env"),
    help: ArgumentHelp("The environment variable that holds the database's URL.", valueName: "variable"))
  var variable: String = "STAGING_DATABASE_URL"
  init() {}

  /// A session there, with the database's own name. Production is refused.
  func open(_ world: World, _ project: Project) throws(Failure) -> (session: Session, name: String) {
    let list = try project.production()
    do throws(StagingError) {
      let info = try StagingGuard.connection(fromVariable: variable, in: world.variables)
      try ProductionGuard(list).check(info, target: variable)
      let session: Session
      do throws(PostgresError) { session = try Session(info) } catch { throw StagingError(error, target: variable) }
      try ProductionGuard(list).check(session, target: variable)
      do throws(PostgresError) {
        return (session, try session.query("SELECT current_database()").scalar ?? "")
      } catch {
        throw StagingError(error, target: variable)
      }
    } catch {
      throw error.failure
    }
  }
}

struct StagingMarkCommand: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "mark", abstract: "Mark a database as staging, after a person has typed its name.",
    discussion: """
      poolops changes and loads only what bears the mark: a setting of the database itself, made as its owner or as a \
      superuser. What production.yaml lists is refused. For scripts, '--database' takes the place of typing.
      """)
  @OptionGroup var place: MarkedDatabase
  @Option(help: ArgumentHelp("The name that the database bears as staging.", valueName: "name")) var name = "staging"
  @Option(help: ArgumentHelp("The database's own name, which must be right.", valueName: "name")) var database: String?
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    guard isPlain, !name.isEmpty, name.count <= 60 else {
      throw ValidationError(
        "The value '\(name)' is invalid for '--name <name>'. Use letters, digits, '.', '_' and '-'.")
    }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let (session, found) = try place.open(world, try Project(world, options))
    let before = try asked { () throws(PostgresError) in try StagingMark.name(in: session) }
    if before != name {
      try confirm(found, session, world)
      try mark(session, found)
    }
    let sentence = before == name ? "bears the mark already" : "is marked as staging"
    if options.json {
      let result: JSONValue = [
        "database": .string(found), "name": .string(name), "changed": .bool(before != name),
      ]
      world.output(result.text)
    } else {
      world.output("The database '\(found)' of \(place.variable) \(sentence), under the name '\(name)'.\n")
    }
    return .go
  }

  /// A mark that was never meant puts load on a database that serves people.
  private func confirm(_ found: String, _ session: Session, _ world: World) throws(Failure) {
    if let database {
      guard database == found else {
        throw Failure(
          .usage, "\(place.variable) leads to the database '\(found)', not to '\(database)'; nothing was marked")
      }
      return
    }
    guard world.inputIsTerminal else {
      throw Failure(
        .usage, "nobody is there to type the name of the database",
        hint: "In a script, say it: poolops staging mark --database NAME")
    }
    world.error(try asked { () throws(PostgresError) in try description(of: session, found) })
    world.error("poolops will put load on it and change its settings. Type the name of the database to mark it: ")
    guard world.readLine() == found else {
      throw Failure(.usage, "that is not the name of the database; nothing was marked")
    }
  }

  private func description(of session: Session, _ found: String) throws(PostgresError) -> String {
    let rows = try session.query(
      """
      SELECT coalesce(host(inet_server_addr()), 'a socket of this machine') AS server, current_setting('port') AS port,
        current_setting('server_version') AS version, pg_size_pretty(pg_database_size(current_database())) AS size,
        (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) AS others
      """)
    return """
      database  \(found)
      server    \(rows[0, "server"] ?? "?"), port \(rows[0, "port"] ?? "?"), PostgreSQL \(rows[0, "version"] ?? "?")
      size      \(rows[0, "size"] ?? "?"), \(rows[0, "others"] ?? "?") other sessions at this moment

      """
  }

  private func mark(_ session: Session, _ found: String) throws(Failure) {
    let statement = StagingMark.statement(database: found, name: name)
    do throws(PostgresError) { try session.execute(statement) } catch {
      throw refused(error, statement)
    }
    let now = try asked { () throws(PostgresError) in try StagingMark.name(in: session) }
    guard now == name else { throw Failure(.unexpected, "the database does not bear the mark after all") }
  }

  private func refused(_ error: PostgresError, _ statement: String) -> Failure {
    guard error.sqlState == "42501" else { return StagingError(error, target: place.variable).failure }
    return Failure(
      .badConfiguration, "the role of \(place.variable) may not mark the database: \(error.message)",
      hint: "Let its owner or a superuser type: \(statement)")
  }

  private func asked<Value>(_ body: () throws(PostgresError) -> Value) throws(Failure) -> Value {
    do throws(PostgresError) { return try body() } catch {
      throw StagingError(error, target: place.variable).failure
    }
  }
}
