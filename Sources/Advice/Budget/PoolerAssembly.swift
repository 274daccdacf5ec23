import Configuration

/// Puts together what several files say of the same pooler, with the directives of its files.
struct PoolerAssembly {
  private(set) var poolers: [PoolerUse] = []
  private let options: AuditOptions
  private let facts: FileFacts

  init(_ files: [ConfigurationFile], _ options: AuditOptions, _ facts: FileFacts) {
    self.options = options
    self.facts = facts
    poolers = Self.merged(files).map(use)
  }

  private static func merged(_ files: [ConfigurationFile]) -> [(pooler: Pooler, remark: String?)] {
    let configured = files.filter { $0.format == .pgBouncer }.flatMap(\.poolers)
    let services = files.filter { $0.format != .pgBouncer }.flatMap(\.poolers)
    guard configured.count == 1, services.count == 1 else { return (configured + services).map { ($0, nil) } }
    var pooler = configured[0]
    pooler.name = services[0].name
    pooler.hosts = services[0].hosts
    pooler.version = services[0].version
    pooler.settings += services[0].settings
    pooler.databases += services[0].databases
    pooler.users += services[0].users
    pooler.replicas = services[0].replicas ?? pooler.replicas
    return [(pooler, "\(configured[0].name) is taken to be the configuration of \(pooler.name)")]
  }

  private func use(_ merged: (pooler: Pooler, remark: String?)) -> PoolerUse {
    let pooler = merged.pooler
    let facts = facts.facts(at: [pooler.place] + pooler.settings.map(\.place) + pooler.databases.map(\.place))
    var assumptions = [merged.remark].compactMap { $0 }
    let replicas = facts.number("replicas") ?? pooler.replicas.map { Sourced($0.value, .written($0.place)) }
    if replicas == nil, pooler.software == .pgBouncer {
      assumptions.append("copies of \(pooler.name) are not given: one is counted")
    }
    return PoolerUse(
      name: pooler.name, pooler: pooler,
      replicas: replicas ?? Sourced(1, .assumed("copies of \(pooler.name) are not given: one is counted")),
      version: facts.version("version") ?? options.pgBouncerVersion.map { Sourced($0, .option("--pgbouncer-version")) }
        ?? pooler.version.map { Sourced($0, .written(pooler.place)) },
      mode: pooler.words("pool_mode").map { Sourced($0.text.lowercased(), .written($0.place)) }
        ?? Sourced("session", .standard("PgBouncer")),
      maxClients: pooler.number("max_client_conn") ?? Sourced(100, .standard("PgBouncer")), pools: [],
      assumptions: assumptions)
  }
}

extension Pooler {
  func words(_ name: String) -> Configuration.Written? { settings.last { $0.name == name } }

  func number(_ name: String) -> Sourced<Int>? { Self.number(settings, [name]) }

  static func number(_ settings: [Configuration.Written], _ names: [String]) -> Sourced<Int>? {
    guard let written = settings.last(where: { names.contains($0.name) }), let number = number(written.text) else {
      return nil
    }
    return Sourced(number, .written(written.place))
  }

  /// As PgBouncer reads it: `0x20`, octal after a leading 0, and seconds with a fraction, here rounded up.
  private static func number(_ text: String) -> Int? {
    if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
    if text.count > 1, text.hasPrefix("0"), let octal = Int(text, radix: 8) { return octal }
    return Int(text) ?? Double(text).flatMap { $0.magnitude < 1e9 ? Int($0.rounded(.up)) : nil }
  }
}
