import Configuration

/// Puts together what several files say of the same server: `postgresql.conf`, `postgresql.auto.conf`, a service.
struct ServerAssembly {
  private(set) var servers: [ServerUse] = []
  private let options: AuditOptions

  init(_ files: [ConfigurationFile], _ options: AuditOptions) {
    self.options = options
    servers = Self.merged(files).map(use)
  }

  private static func merged(_ files: [ConfigurationFile]) -> [(server: Server, remark: String?)] {
    let configured = configured(files)
    let services = files.filter { $0.format != .postgreSQL }.flatMap(\.servers)
    guard configured.count == 1, services.count == 1 else { return (configured + services).map { ($0, nil) } }
    // One file and one service: what the service's command line says is read after the file.
    var server = services[0]
    server.settings = configured[0].settings + services[0].settings
    server.version = services[0].version ?? configured[0].version
    return [(server, "\(configured[0].name) is taken to be the configuration of \(server.name)")]
  }

  /// Servers of postgresql.conf files; `postgresql.auto.conf` is read after the one beside it.
  private static func configured(_ files: [ConfigurationFile]) -> [Server] {
    var servers: [Server] = []
    let all = files.filter { $0.format == .postgreSQL }.flatMap(\.servers)
    for server in all where !isAutomatic(server) { servers.append(server) }
    for server in all where isAutomatic(server) {
      let beside = servers.firstIndex { directory($0.place.file) == directory(server.place.file) }
      guard let index = beside ?? (servers.count == 1 ? 0 : nil) else { servers.append(server); continue }
      servers[index].settings += server.settings
    }
    return servers
  }

  private static func isAutomatic(_ server: Server) -> Bool { server.place.file.hasSuffix("postgresql.auto.conf") }

  private func use(_ merged: (server: Server, remark: String?)) -> ServerUse {
    Self.use(merged.server, options, remark: merged.remark)
  }

  static func use(_ server: Server, _ options: AuditOptions, remark: String? = nil) -> ServerUse {
    let isKnown = !server.settings.isEmpty || server.version != nil
    var most = number("max_connections", server)
    if most == nil, let given = options.maxConnections { most = Sourced(given, .option("--max-connections")) }
    if most == nil, isKnown { most = Sourced(100, .standard("PostgreSQL")) }
    return ServerUse(
      name: server.name, server: server, maxConnections: most,
      superuserReserved: number("superuser_reserved_connections", server) ?? Sourced(3, .standard("PostgreSQL")),
      reserved: number("reserved_connections", server) ?? Sourced(0, .standard("PostgreSQL")),
      assumptions: [remark].compactMap { $0 })
  }

  private static func number(_ name: String, _ server: Server) -> Sourced<Int>? {
    guard let written = server.settings.last(where: { $0.name.lowercased() == name }), let number = Int(written.text),
      number >= 0
    else { return nil }
    return Sourced(number, .written(written.place))
  }
}

/// The folder of a path; empty for a bare name.
func directory(_ path: String) -> String {
  path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
}
