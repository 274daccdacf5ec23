/// Where a database is reached, from a URL, a JDBC URL or a libpq connection string; without its password.
package struct DatabaseAddress: Hashable, Sendable {
  package struct Host: Hashable, Sendable {
    package var name: String
    /// 5432 when nothing is written.
    package var port: Int
    package init(_ name: String, port: Int = 5432) {
      self.name = name
      self.port = port
    }
  }

  /// The setting that holds it: `DATABASE_URL`, `spring.datasource.url`; empty for a bare one.
  package var name: String
  /// `postgresql`, `jdbc:postgresql`, or `conninfo` for `host=... dbname=...`.
  package var scheme: String
  /// Several for a list of servers; empty where a Unix socket of the machine is meant.
  package var hosts: [Host]
  package var database: String?
  package var user: String?
  package var hasPassword: Bool
  /// The query of the URL, or the other keywords of the connection string; secrets are hidden.
  package var options: [Written]
  package var place: Place
  /// Placeholders in it that nothing known gives a value.
  package var placeholders: [String]

  package init(
    name: String, scheme: String, hosts: [Host], database: String? = nil, user: String? = nil,
    hasPassword: Bool = false, options: [Written] = [], at place: Place, placeholders: [String] = []
  ) {
    self.name = name
    self.scheme = scheme
    self.hosts = hosts
    self.database = database
    self.user = user
    self.hasPassword = hasPassword
    self.options = options
    self.place = place
    self.placeholders = placeholders
  }
}
