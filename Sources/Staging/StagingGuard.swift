internal import Glibc
import Model
import Postgres

/// Asks a database whether it is staging. poolops puts load on nothing that has not said so.
package struct StagingGuard: Sendable {
  private let production: ProductionGuard

  /// - Parameter production: what is refused even where it bears the mark.
  package init(_ production: ProductionGuard = ProductionGuard(ProductionList())) { self.production = production }

  /// The name that the database bears as staging.
  /// - Parameter place: how to name it to a person: `the embedded staging`, or the environment variable of its URL.
  package func check(_ session: Session, place: String) throws(StagingError) -> String {
    try production.check(session, target: place)
    let (name, database) = try forStaging(place) { () throws(PostgresError) in
      (try StagingMark.name(in: session), try session.query("SELECT current_database()").scalar ?? "")
    }
    if let name { return name }
    let statement = StagingMark.statement(database: database, name: "staging")
    throw StagingError(
      .notStaging, target: place,
      wanted: "if it is, type 'poolops staging mark', or say so in that database, as its owner: \(statement)",
      found: database)
  }

  /// The connection of `url_env`. The text of the URL is never part of an error.
  package static func connection(fromVariable variable: String) throws(StagingError) -> ConnectionInfo {
    let text = getenv(variable).map { String(cString: $0) }
    return try connection(fromVariable: variable, in: text.map { [variable: $0] } ?? [:])
  }

  /// What a URL of something else begins with; whatever is not known by name may be a secret, and is not told.
  private static func foreignScheme(of text: String) -> String? {
    guard let scheme = text.firstRange(of: "://").map({ text[..<$0.lowerBound].lowercased() }),
      !["postgresql", "postgres"].contains(scheme), !scheme.contains("="), !scheme.contains(where: \.isWhitespace)
    else { return nil }
    let known = [
      "mysql", "mariadb", "http", "https", "redis", "mongodb", "sqlserver", "jdbc:postgresql", "postgresql+asyncpg",
      "postgresql+psycopg", "postgresql+psycopg2",
    ]
    return known.contains(scheme) ? "\(scheme)://" : "another scheme"
  }

  /// The same of variables that are given.
  package static func connection(
    fromVariable variable: String, in variables: [String: String]
  ) throws(StagingError) -> ConnectionInfo {
    guard let text = variables[variable], !text.isEmpty else {
      throw StagingError(.badURL, target: variable, reason: "it is not set")
    }
    if let scheme = foreignScheme(of: text) {
      throw StagingError(.badURL, target: variable, reason: "it begins with \(scheme), not with postgresql://")
    }
    do throws(ConnectionInfoError) { return try ConnectionInfo(parsing: text) } catch {
      throw StagingError(.badURL, target: variable, reason: error.reason)
    }
  }
}
