import Configuration

extension SlotBudget {
  /// Of every server and of the clients' side of every pooler, as far as somebody takes slots there.
  static func all(_ landscape: Landscape) -> [SlotBudget] {
    let ofServers = landscape.servers.indices.map { server($0, landscape) }
    let ofClients = landscape.poolers.indices.filter { landscape.poolers[$0].isPgBouncer }.map {
      clients($0, landscape)
    }
    return (ofServers + ofClients).filter { !$0.lines.isEmpty }
  }

  private static func server(_ index: Int, _ landscape: Landscape) -> SlotBudget {
    let server = landscape.servers[index]
    let direct = landscape.direct(to: index)
    let poolers = landscape.poolers.indices.compactMap { pooler($0, at: index, landscape) }
    let given = Set(landscape.poolers.compactMap { Self.given($0, landscape)?.name })
    let others = landscape.options.others.filter { !given.contains($0.name) }.map {
      Line(kind: .others, who: $0.name, sum: "\($0.slots)", slots: $0.slots, surge: 0)
    }
    let takers = direct.map { Line($0) } + poolers
    return SlotBudget(
      side: .server(index), name: server.name, place: server.place, total: server.maxConnections,
      deductions: [
        Deduction(name: "superuser_reserved_connections", count: server.superuserReserved),
        Deduction(name: "reserved_connections", count: server.reserved),
      ].filter { $0.count.value > 0 },
      lines: takers.isEmpty ? [] : takers + others, targetShare: landscape.options.targetShare,
      assumptions: server.assumptions + assumptions(direct))
  }

  private static func clients(_ index: Int, _ landscape: Landscape) -> SlotBudget {
    let pooler = landscape.poolers[index]
    let clients = landscape.clients(of: index)
    let copies = pooler.replicas.value
    let total = Sourced(pooler.maxClients.value * max(1, copies), pooler.maxClients.origin)
    return SlotBudget(
      side: .clients(index), name: pooler.name, place: pooler.place, total: total, deductions: [],
      lines: clients.map { Line($0) }, targetShare: landscape.options.targetShare, assumptions: assumptions(clients))
  }

  private static func assumptions(_ pools: [PoolUse]) -> [String] {
    var seen: Set<String> = []
    return pools.flatMap { $0.copies.assumptions + [$0.target.assumption].compactMap { $0 } }.filter {
      seen.insert($0).inserted
    }
  }

  /// What a pooler may open there: its pools, and no more than its clients can use where all of them are known.
  private static func pooler(_ index: Int, at server: Int, _ landscape: Landscape) -> Line? {
    let pooler = landscape.poolers[index]
    guard pooler.pools.contains(where: { $0.server == server }) else { return nil }
    guard pooler.isPgBouncer else { return uncounted(pooler, landscape) }
    let demand = pooler.demand(on: server)
    let line = Line(
      kind: .pooler, who: pooler.name,
      place: pooler.pools.first { $0.server == server }?.size?.origin.place
        ?? pooler.place, sum: demand.sum, slots: demand.slots, surge: 0,
      unknown: demand.slots == nil ? "\(pooler.name) has a pool without limit" : nil,
      isUnlimited: demand.slots == nil)
    return line
  }

  /// A pooler whose sum poolops does not make: what `--others` says of it, else unknown.
  private static func uncounted(_ pooler: PoolerUse, _ landscape: Landscape) -> Line {
    var line = Line(kind: .pooler, who: pooler.name, place: pooler.place, sum: "", slots: nil, surge: 0)
    if let given = given(pooler, landscape) {
      line.slots = given.slots
      line.sum = "\(given.slots) by --others"
      return line
    }
    let software = pooler.pooler.software.rawValue
    line.sum = "not counted"
    line.unknown = "what \(software) may open is not counted: its settings are not PgBouncer's"
    line.remedy = "add up the pool_size of all its users, and give the sum with --others \(software.lowercased())=N."
    return line
  }

  /// What `--others` says of a pooler that is not PgBouncer, by its name, or by its software where it is the only one.
  private static func given(_ pooler: PoolerUse, _ landscape: Landscape) -> AuditOptions.Others? {
    guard !pooler.isPgBouncer else { return nil }
    let software = pooler.pooler.software
    let isOnly = landscape.poolers.count { $0.pooler.software == software } == 1
    let names = [pooler.name.lowercased()] + (isOnly ? [software.rawValue.lowercased()] : [])
    return landscape.options.others.first { names.contains($0.name.lowercased()) }
  }
}

extension SlotBudget.Line {
  init(_ pool: PoolUse) {
    let copies = pool.copies
    let isJob = pool.application.kind == .job || pool.application.kind == .cronJob
    self.init(
      kind: isJob ? .job : .application, who: pool.name, place: pool.place, sum: "", slots: nil, surge: 0,
      copies: copies)
    switch pool.maximum {
    case .known(let count, let words):
      let each = count.value * copies.processes.value
      perCopy = each
      slots = each * copies.replicas.value
      surge = each * copies.extra
      sum = Self.sum(words ?? "\(count.value)", copies, slots: each * copies.replicas.value, isJob)
    case .unlimited:
      isUnlimited = true
      unknown = "\(pool.name) has no limit"
      sum = Self.sum("no limit", copies, slots: nil, isJob)
    case .unknown(let why):
      unknown = why
      sum = Self.sum("?", copies, slots: nil, isJob)
    }
  }

  /// `30 x 2 processes x 5 replicas = 300`.
  private static func sum(_ size: String, _ copies: Copies, slots: Int?, _ isJob: Bool) -> String {
    var factors = [size]
    if copies.processes.value != 1 { factors.append("\(copies.processes.value) processes") }
    if copies.replicas.value != 1 { factors.append("\(copies.replicas.value) \(isJob ? "at once" : "replicas")") }
    let product = factors.joined(separator: " x ")
    guard let slots, product != "\(slots)" else { return product }
    return "\(product) = \(slots)"
  }
}

extension PoolUse.Target {
  /// Why it is this one, where that was not written.
  package var assumption: String? {
    switch self {
    case .pooler(_, let assumed), .server(_, let assumed): assumed
    case .unknown: nil
    }
  }
}
