import Configuration
import Model

/// What clients may open at a pooler, against what it lets in and what it has behind it.
struct PoolerChain: AuditCheck {
  let rule = AuditRule(
    "pooler-chain", "Application pools, pooler and server fit each other", .warning,
    why: """
      A client above max_client_conn is refused (no more connections allowed). A client above the pooler's own pool is let in and waits \
      there, where the application's acquire timeout does not reach: only query_wait_timeout ends it, after 120 s by default, by closing \
      the connection. In session mode it waits until another client disconnects (PgBouncer documentation, config: pool_mode, \
      query_wait_timeout, max_client_conn).
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.poolers.indices.filter { landscape.poolers[$0].isPgBouncer }.flatMap {
      refused($0, landscape) + waiting($0, landscape)
    }
  }

  private func refused(_ index: Int, _ landscape: Landscape) -> [Finding] {
    guard let budget = landscape.budgets.first(where: { $0.side == .clients(index) }), let usable = budget.usable else {
      return []
    }
    let pooler = landscape.poolers[index]
    let most = budget.duringAllDeploys
    guard most > usable else { return [] }
    let isAtRest = budget.atRest > usable
    let deploy = isAtRest && most > budget.atRest ? " (\(most) during a deploy)" : ""
    let possible =
      isAtRest ? "\(budget.atRest) clients are possible\(deploy)" : "\(most) clients are possible during a deploy"
    let sums = budget.lines.map { "\($0.who) \($0.sum)" }.joined(separator: "; ")
    let copies = max(1, pooler.replicas.value)
    let wanted = "\(((most + copies - 1) / copies + 99) / 100 * 100)"
    let fix =
      pooler.setting("max_client_conn").map { landscape.fix($0, to: wanted) }
      ?? landscape.addition("max_client_conn", wanted, beside: pooler.place)
    return [
      Finding(
        rule, budget.duringOneDeploy > usable ? .critical : .warning,
        at: pooler.maxClients.origin.place ?? pooler.place,
        "\(possible) and \(pooler.name) lets \(usable) in (max_client_conn): \(sums)", fix: fix,
        related: budget.lines.compactMap { line in line.place.map { Finding.Related($0, "\(line.who): \(line.sum)") } })
    ]
  }

  private func waiting(_ index: Int, _ landscape: Landscape) -> [Finding] {
    let pooler = landscape.poolers[index]
    let clients = landscape.clients(of: index)
    return Set(pooler.pools.map(\.database)).sorted().compactMap { database in
      let pools = pooler.pools.filter { $0.database == database }
      let takers = clients.filter {
        $0.address?.database == nil || $0.address?.database == database || pooler.pools.count == pools.count
      }
      return waiting(pooler, database, pools, takers, landscape)
    }
  }

  private func waiting(
    _ pooler: PoolerUse, _ database: String, _ pools: [PoolerUse.ServerPool], _ takers: [PoolUse],
    _ landscape: Landscape
  ) -> Finding? {
    guard pools.allSatisfy({ $0.most != nil }), let first = pools.first else { return nil }
    let behind = pools.reduce(0) { $0 + ($1.most ?? 0) } * max(1, pooler.replicas.value)
    let lines = takers.map { SlotBudget.Line($0) }
    let possible = lines.reduce(0) { $0 + ($1.slots ?? 0) }
    guard possible > behind else { return nil }
    let isSession = first.mode.value == "session"
    let alone = takers.first { ($0.maximum.count ?? 0) > behind }
    let sums = lines.map { "\($0.who) \($0.sum)" }.joined(separator: "; ")
    let message = """
      \(possible) clients of \(database) share \(behind) server connections of \(pooler.name) (\(first.mode.value) mode): \
      \(sums). \(end(pooler, isSession, waiting: possible - behind))
      """
    return Finding(
      rule, isSession || alone != nil ? .warning : .note, at: first.size?.origin.place ?? pooler.place, message,
      fix: smaller(takers, behind, landscape),
      related: takers.map { Finding.Related($0.place, "\($0.name): \(SlotBudget.Line($0).sum)") })
  }

  private func end(_ pooler: PoolerUse, _ isSession: Bool, waiting: Int) -> String {
    let limit = pooler.pooler.number("query_wait_timeout")?.value ?? 120
    let until = limit == 0 ? "without limit" : "up to \(limit) s (query_wait_timeout)"
    return isSession
      ? "The other \(waiting) wait \(until) for a client to disconnect"
      : "When all are busy, \(waiting) wait in the pooler \(until), where no acquire timeout sees them"
  }

  /// Where one application takes them all, the size with which its clients are as many as the connections behind.
  private func smaller(_ takers: [PoolUse], _ behind: Int, _ landscape: Landscape) -> Finding.Fix? {
    guard takers.count == 1, let pool = takers.first, let written = pool.settings[.maxSize] else { return nil }
    let each = behind / max(1, pool.copies.processes.value * pool.copies.replicas.value)
    let overflow = (pool.maximum.count ?? 0) - (written.count ?? 0)
    return each - overflow > 0 ? landscape.fix(written, of: pool, to: "\(each - overflow)") : nil
  }
}
