import Postgres

/// How a database says that it is staging: a setting of the database itself, which a connection cannot fake.
package enum StagingMark {
  package static let setting = "poolops.staging"

  /// The name that the database bears; nil when it bears none.
  package static func name(in session: Session) throws(PostgresError) -> String? {
    // Not current_setting: a role, a URL's options or PGOPTIONS could set that for a database that never said so.
    let sql = """
      SELECT substr(entry, length($1) + 2) FROM pg_db_role_setting, unnest(setconfig) AS entry
      WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND starts_with(entry, $1 || '=')
      """
    let name = try session.query(sql, [setting]).scalar
    return name?.isEmpty == false ? name : nil
  }

  /// The statement that marks a database.
  package static func statement(database: String, name: String) -> String {
    let literal = "'" + name.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    return "ALTER DATABASE \(database.asIdentifier) SET \(setting) = \(literal);"
  }

  /// The statement that takes the mark off.
  package static func removal(database: String) -> String {
    "ALTER DATABASE \(database.asIdentifier) RESET \(setting);"
  }
}
