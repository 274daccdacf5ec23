import Configuration

/// The readers of formats that are not YAML, as one family.
enum TextReader: CaseIterable {
  case environment, pgBouncer, postgreSQL, properties, toml

  func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    switch self {
    case .environment: EnvironmentFile.read(bytes, path: path, others: others)
    case .pgBouncer: PgBouncerIni.read(bytes, path: path, others: others)
    case .postgreSQL: PostgreSQLConf.read(bytes, path: path, others: others)
    case .properties: Properties.read(bytes, path: path, others: others)
    case .toml: TOMLFile.read(bytes, path: path, others: others)
    }
  }

  /// By the name of a file, without its folder.
  init?(name: String) {
    for reader in Self.allCases where reader.isName(name) {
      self = reader
      return
    }
    return nil
  }

  private func isName(_ name: String) -> Bool {
    switch self {
    case .environment: name == ".env" || name.hasPrefix(".env.") || name.hasSuffix(".env")
    case .pgBouncer: name.hasPrefix("pgbouncer") && name.hasSuffix(".ini")
    case .postgreSQL: name.hasPrefix("postgresql") && name.hasSuffix(".conf")
    case .properties: name.hasPrefix("application") && name.hasSuffix(".properties")
    case .toml:
      // Most TOML files are about building; these are about running.
      name.hasSuffix(".toml") && ["fly.", "pgcat", "wrangler.", "netlify."].contains { name.hasPrefix($0) }
    }
  }
}
