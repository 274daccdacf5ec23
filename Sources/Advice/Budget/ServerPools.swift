import Configuration

/// The server connections that a pooler may open: a pool for each pair of database and user.
struct ServerPools {
  let pooler: PoolerUse
  let clients: [PoolUse]
  /// The servers that databases may name, in the landscape's order.
  let servers: [ServerUse]

  private var software: Pooler { pooler.pooler }

  /// Databases by the names that clients use, and who connects to each.
  var pools: [PoolerUse.ServerPool] {
    guard pooler.isPgBouncer else { return uncounted }
    return entries.flatMap { entry in
      let users = self.users(of: entry)
      return (users.isEmpty ? [nil] : users.map { $0 }).map { pool(entry, user: $0) }
    }
  }

  /// What was taken for want of facts.
  var assumptions: [String] {
    guard pooler.isPgBouncer else { return [] }
    let unknown = pools.filter { $0.user == nil }.map(\.database)
    let who = unknown.joined(separator: ", ")
    return
      (unknown.isEmpty ? [] : ["who connects to \(who) through \(pooler.name) is not known: one user is counted"])
      + [uncountedWild].compactMap { $0 }
  }

  /// `*` beside named databases, where nobody asks for another one.
  private var uncountedWild: String? {
    guard let wild = software.databases.last(where: { $0.name == "*" }),
      !entries.contains(where: { $0.place == wild.place })
    else { return nil }
    let each = pool(wild, user: nil).most.map { "each would take \($0)" } ?? "each has no limit"
    return "\(pooler.name) lets clients into any other database (*): none is counted, and \(each) more for each user"
  }

  /// One entry without a size, at each server that it may open connections to.
  private var uncounted: [PoolerUse.ServerPool] {
    let hosts = software.databases.flatMap(\.settings).filter { $0.name == "host" || $0.name.hasSuffix(".servers") }
    let named = servers.indices.filter { index in
      hosts.contains { servers[index].isReached(by: $0.text) || $0.text.contains("\"\(servers[index].name)\"") }
    }
    return (named.isEmpty && !servers.isEmpty ? [0] : named).map { server in
      PoolerUse.ServerPool(
        database: "*", user: nil, size: nil, reserve: Sourced(0, .standard(software.software.rawValue)),
        mode: pooler.mode, databaseCap: nil, userCap: nil, server: server, place: pooler.place)
    }
  }

  /// The databases of the file; for `*`, those that clients ask for and that have no line of their own.
  private var entries: [Pooler.Entry] {
    let named = software.databases.filter { $0.name != "*" }
    let wild = software.databases.last { $0.name == "*" }
    let names = Set(named.map(\.name))
    let others = Set(clients.compactMap { $0.address?.database }).subtracting(names).sorted()
    guard wild != nil || software.databases.isEmpty else { return named }
    let template = wild ?? Pooler.Entry(name: "*", settings: [], at: pooler.place)
    let asked = others.map { Pooler.Entry(name: $0, settings: template.settings, at: template.place) }
    return named + (asked.isEmpty && named.isEmpty ? [template] : asked)
  }

  /// A forced user is the only one; else those that the clients' addresses name.
  private func users(of entry: Pooler.Entry) -> [String] {
    if let forced = entry.settings.last(where: { $0.name == "user" }) { return [forced.text] }
    let mine = clients.filter { $0.address?.database == nil || $0.address?.database == entry.name }
    return Set(mine.compactMap { $0.address?.user }).sorted()
  }

  private func pool(_ entry: Pooler.Entry, user: String?) -> PoolerUse.ServerPool {
    let own = software.users.last { $0.name == user }?.settings ?? []
    let size =
      Pooler.number(own, ["pool_size"]) ?? Pooler.number(entry.settings, ["pool_size"])
      ?? software.number("default_pool_size") ?? Sourced(20, .standard("PgBouncer"))
    let reserve =
      Pooler.number(entry.settings, ["reserve_pool_size", "reserve_pool"]) ?? software.number("reserve_pool_size")
      ?? Sourced(0, .standard("PgBouncer"))
    let mode = (own + entry.settings).last { $0.name == "pool_mode" }
    return PoolerUse.ServerPool(
      database: entry.name, user: user, size: size.value == 0 ? nil : size, reserve: reserve,
      mode: mode.map { Sourced($0.text.lowercased(), .written($0.place)) } ?? pooler.mode,
      databaseCap: Self.cap(
        Pooler.number(entry.settings, ["max_db_connections"]) ?? software.number("max_db_connections")),
      userCap: Self.cap(
        Pooler.number(own, ["max_user_connections"]) ?? software.number("max_user_connections")),
      server: server(entry), place: entry.place)
  }

  private static func cap(_ number: Sourced<Int>?) -> Sourced<Int>? { number.flatMap { $0.value > 0 ? $0 : nil } }

  private func server(_ entry: Pooler.Entry) -> Int? {
    let host = entry.settings.last { $0.name == "host" }?.text
    if let host, let index = servers.firstIndex(where: { $0.isReached(by: host) }) { return index }
    return servers.count == 1 ? 0 : nil
  }
}

extension PoolerUse {
  /// What its pools may open at one server, in all its copies; nil without limit.
  package func demand(on server: Int?) -> (slots: Int?, sum: String) {
    let mine = pools.filter { $0.server == server }
    let words = mine.map { "\($0.database)\($0.user.map { "/\($0)" } ?? "") \($0.sum)" }
    let each = Self.capped(mine)
    let raw = mine.reduce(0) { $0 + ($1.most ?? 0) }
    var sum = mine.count == 1 ? mine[0].sum : words.joined(separator: ", ")
    if let each, each < raw || mine.contains(where: { $0.most == nil }) { sum += ", capped at \(each)" }
    if replicas.value > 1 { sum = (sum.contains(" ") ? "(\(sum))" : sum) + " x \(replicas.value) copies" }
    guard let each else { return (nil, sum) }
    return (each * replicas.value, sum == "\(each)" ? sum : "\(sum) = \(each * replicas.value)")
  }

  /// The sum of pools under the caps of users, then of databases; nil when one has no limit at all.
  private static func capped(_ pools: [ServerPool]) -> Int? {
    var byUser: [[ServerPool]] = []
    for pool in pools where pool.user == nil || pool.userCap == nil { byUser.append([pool]) }
    let capped = pools.filter { $0.user != nil && $0.userCap != nil }
    for user in Set(capped.compactMap(\.user)).sorted() { byUser.append(capped.filter { $0.user == user }) }
    let byDatabase = Set(pools.map(\.database)).sorted().map { name in pools.filter { $0.database == name } }
    let users = total(byUser) { $0.userCap?.value }
    let databases = total(byDatabase) { $0.databaseCap?.value }
    return [users, databases].compactMap { $0 }.min()
  }

  private static func total(_ groups: [[ServerPool]], cap: (ServerPool) -> Int?) -> Int? {
    var total = 0
    for group in groups {
      let cap = group.compactMap(cap).min()
      let sum = group.contains { $0.most == nil } ? nil : group.reduce(0) { $0 + ($1.most ?? 0) }
      guard let least = [cap, sum].compactMap({ $0 }).min() else { return nil }
      total += least
    }
    return total
  }
}

extension PoolerUse.ServerPool {
  /// `40 + 15 reserve`.
  var sum: String {
    guard let size else { return "no limit" }
    return reserve.value > 0 ? "\(size.value) + \(reserve.value) reserve" : "\(size.value)"
  }
}
