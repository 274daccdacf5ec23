import Configuration

/// The environment variables by which PgBouncer's images are set, in PgBouncer's own names.
///
/// edoburu/pgbouncer takes the names in capitals (`DEFAULT_POOL_SIZE`), bitnami/pgbouncer and pgbouncer/pgbouncer with
/// `PGBOUNCER_` before them; the database behind it is `DB_HOST`, `POSTGRESQL_HOST` or `DATABASES_HOST`.
enum PoolerVariables {
  static func add(_ settings: [Written], to pooler: inout Pooler) {
    var database: [Written] = []
    for setting in settings {
      if let name = parameter(setting.name) {
        pooler.settings.append(setting.named(name))
      } else if let name = databaseKeys[setting.name] {
        database.append(setting.named(name))
      }
    }
    guard let first = database.first else { return }
    let name = database.last { $0.name == "dbname" && $0.placeholders.isEmpty }?.text ?? "*"
    pooler.databases.append(Pooler.Entry(name: name, settings: database, at: first.place))
  }

  private static func parameter(_ variable: String) -> String? {
    let prefix = "PGBOUNCER_"
    let name = (variable.hasPrefix(prefix) ? String(variable.dropFirst(prefix.count)) : variable).lowercased()
    return PgBouncerIni.knows(name) ? name : imageNames[variable]
  }

  /// Where an image's name is not PgBouncer's.
  private static let imageNames = ["PGBOUNCER_PORT": "listen_port", "PGBOUNCER_BIND_ADDRESS": "listen_addr"]

  private static let databaseKeys: [String: String] = {
    var keys: [String: String] = [:]
    for prefix in ["DB_", "POSTGRESQL_", "DATABASES_"] {
      keys[prefix + "HOST"] = "host"
      keys[prefix + "PORT"] = "port"
      keys[prefix + "USER"] = "user"
      keys[prefix + "USERNAME"] = "user"
      keys[prefix + "NAME"] = "dbname"
      keys[prefix + "DBNAME"] = "dbname"
      keys[prefix + "DATABASE"] = "dbname"
      keys[prefix + "POOL_SIZE"] = "pool_size"
      keys[prefix + "MIN_POOL_SIZE"] = "min_pool_size"
      keys[prefix + "RESERVE_POOL"] = "reserve_pool"
      keys[prefix + "POOL_MODE"] = "pool_mode"
      keys[prefix + "MAX_DB_CONNECTIONS"] = "max_db_connections"
    }
    return keys
  }()
}

/// The environment variables by which images of PostgreSQL are set, in PostgreSQL's own names.
enum ServerVariables {
  static func add(_ settings: [Written], to server: inout Server) {
    for setting in settings {
      if let name = names[setting.name] {
        server.settings.append(setting.named(name))
      } else if flags.contains(setting.name) {
        server.settings += ServerCommand.settings(ShellWords.split(setting.text), at: setting.place)
      } else if let role = roles[setting.name], let limit = Int(setting.text), limit >= 0 {
        let name = settings.last { $0.name == role.variable }?.text ?? role.standard
        server.limits.append(Server.Limit(.role, name, Counted(limit, at: setting.place)))
      }
    }
  }

  private static let names = [
    "POSTGRESQL_MAX_CONNECTIONS": "max_connections", "TS_TUNE_MAX_CONNS": "max_connections",
    "POSTGRESQL_STATEMENT_TIMEOUT": "statement_timeout",
    "POSTGRESQL_TCP_KEEPALIVES_IDLE": "tcp_keepalives_idle",
    "POSTGRESQL_TCP_KEEPALIVES_INTERVAL": "tcp_keepalives_interval",
    "POSTGRESQL_TCP_KEEPALIVES_COUNT": "tcp_keepalives_count",
  ]

  /// The whole value is one setting's.
  static func isOneValue(_ name: String) -> Bool { !flags.contains(name) }

  private static let flags: Set<String> = ["POSTGRESQL_EXTRA_FLAGS"]

  private static let roles = [
    "POSTGRESQL_USERNAME_CONNECTION_LIMIT": (variable: "POSTGRESQL_USERNAME", standard: "postgres"),
    "POSTGRESQL_POSTGRES_CONNECTION_LIMIT": (variable: "", standard: "postgres"),
  ]
}

extension Written {
  /// The same under the name that the software itself has for it.
  func named(_ name: String) -> Written {
    var copy = self
    copy.name = name
    return copy
  }
}
