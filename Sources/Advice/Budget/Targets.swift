import Configuration

/// Finds out what each pool connects to: a pooler or a server that was read, or one that is only known by its address.
enum Targets {
  static func assign(_ landscape: inout Landscape) {
    for index in landscape.pools.indices {
      landscape.pools[index].target = target(of: landscape.pools[index], &landscape)
    }
    for index in landscape.poolers.indices {
      if landscape.servers.isEmpty { landscape.servers.append(unseen("PostgreSQL", landscape)) }
      addUnseen(landscape.poolers[index], &landscape)
      let pools = ServerPools(
        pooler: landscape.poolers[index], clients: landscape.clients(of: index), servers: landscape.servers)
      landscape.poolers[index].pools = pools.pools
      landscape.poolers[index].assumptions += pools.assumptions
    }
  }

  /// Servers behind a PgBouncer that no file shows; the only one that a file shows is taken for any.
  private static func addUnseen(_ pooler: PoolerUse, _ landscape: inout Landscape) {
    guard pooler.isPgBouncer else { return }
    for database in pooler.pooler.databases {
      guard let host = database.settings.last(where: { $0.name == "host" }), host.placeholders.isEmpty,
        !isLocal(host.text), !host.text.contains(","), landscape.servers.filter({ !$0.isUnseen }).count != 1,
        !(landscape.servers.count == 1 && landscape.servers[0].name == "PostgreSQL"),
        !landscape.servers.contains(where: { $0.isReached(by: host.text) })
      else { continue }
      _ = fallback(host.text, &landscape)
    }
  }

  private static func target(of pool: PoolUse, _ landscape: inout Landscape) -> PoolUse.Target {
    guard let address = pool.address, let host = address.hosts.first, !host.name.contains("${") else {
      return only(landscape, "no address is written") ?? fallback("PostgreSQL", &landscape)
    }
    if let index = landscape.poolers.firstIndex(where: { $0.isReached(by: host.name) }) {
      return .pooler(index, assumed: nil)
    }
    if let index = landscape.servers.firstIndex(where: { $0.isReached(by: host.name) }) {
      return .server(index, assumed: nil)
    }
    if let index = poolerByPort(host.port, landscape) {
      return .pooler(index, assumed: "\(host.name):\(host.port) is taken to be \(landscape.poolers[index].name)")
    }
    if looksLikePooler(host.name), landscape.poolers.count == 1 {
      return .pooler(0, assumed: "\(host.name) is taken to be \(landscape.poolers[0].name)")
    }
    // A file names no host, and a local host may be any; another host is another server.
    if landscape.servers.count == 1, !landscape.servers[0].isUnseen,
      landscape.servers[0].name == landscape.servers[0].server.place.file || isLocal(host.name)
    {
      return .server(0, assumed: "\(host.name):\(host.port) is taken to be \(landscape.servers[0].name)")
    }
    return fallback(host.name, &landscape)
  }

  /// Without an address: the only pooler, else the only server.
  private static func only(_ landscape: Landscape, _ why: String) -> PoolUse.Target? {
    if landscape.poolers.count == 1 {
      return .pooler(0, assumed: "\(why): taken to go through \(landscape.poolers[0].name)")
    }
    guard landscape.poolers.isEmpty, landscape.servers.count == 1 else { return nil }
    return .server(0, assumed: "\(why): taken to go to \(landscape.servers[0].name)")
  }

  /// A server that only an address names.
  private static func fallback(_ name: String, _ landscape: inout Landscape) -> PoolUse.Target {
    if let index = landscape.servers.firstIndex(where: { $0.isUnseen && isSame($0.name, name) }) {
      return .server(index, assumed: nil)
    }
    landscape.servers.append(unseen(name, landscape))
    return .server(landscape.servers.count - 1, assumed: nil)
  }

  private static func unseen(_ name: String, _ landscape: Landscape) -> ServerUse {
    var use = ServerAssembly.use(
      Server(name: name, at: Place(landscape.files.first?.path ?? "", line: 1)), landscape.options)
    use.isUnseen = true
    return use
  }

  private static func poolerByPort(_ port: Int, _ landscape: Landscape) -> Int? {
    guard port != 5432 else { return nil }
    let found = landscape.poolers.indices.filter { landscape.poolers[$0].port == port }
    return found.count == 1 ? found[0] : nil
  }

  private static func looksLikePooler(_ host: String) -> Bool {
    let host = host.lowercased()
    return ["pgbouncer", "pooler", "odyssey", "pgcat"].contains { host.contains($0) }
  }

  private static func isLocal(_ host: String) -> Bool {
    ["localhost", "127.0.0.1", "::1", "host.docker.internal"].contains(host) || host.hasPrefix("/")
  }

  /// `db`, `db.shop` and `db.shop.svc.cluster.local` are the service `db`; `db.example.com` is not.
  static func isSame(_ host: String, _ name: String) -> Bool {
    let host = host.lowercased()
    let name = name.lowercased()
    if host == name { return true }
    let labels = host.split(separator: ".")
    return labels.first.map(String.init) == name && (labels.count == 2 || labels.count > 2 && labels[2] == "svc")
  }
}

extension ServerUse {
  func isReached(by host: String) -> Bool {
    ([name] + server.hosts).contains { Targets.isSame(host, $0) }
  }
}

extension PoolerUse {
  func isReached(by host: String) -> Bool {
    ([name] + pooler.hosts).contains { Targets.isSame(host, $0) }
  }

  /// 6432 when nothing is written.
  package var port: Int { pooler.number("listen_port")?.value ?? 6432 }
}
