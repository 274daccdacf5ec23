import Configuration
import Model

/// A pool that is to keep more connections than it may have.
struct MinimumAboveMaximum: AuditCheck {
  let rule = AuditRule(
    "min-above-max", "A pool keeps no more connections than it may have", .warning,
    why: """
      asyncpg, psycopg_pool and poolops's own pool refuse to start with a minimum above the maximum; HikariCP silently uses the maximum \
      (HikariConfig.java). In no pool does it do what it says.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.compactMap { of($0, landscape) } + landscape.pgBouncers.compactMap { of($0, landscape) }
  }

  private func of(_ pool: PoolUse, _ landscape: Landscape) -> Finding? {
    guard let least = pool.settings[.minSize], let count = least.count, let most = pool.maximum.count, count > most
    else { return nil }
    let size = pool.settings[.maxSize]?.said ?? "the most, \(most)"
    return Finding(
      rule, at: least.written.place, "\(pool.name): \(least.said) is above \(size)",
      fix: landscape.fix(least, of: pool, to: "\(most)"),
      related: pool.settings[.maxSize].map { [Finding.Related($0.written.place, $0.said)] } ?? [])
  }

  private func of(_ pooler: PoolerUse, _ landscape: Landscape) -> Finding? {
    guard let least = pooler.setting("min_pool_size"), let count = Int(least.text) else { return nil }
    let most = pooler.pooler.number("default_pool_size")?.value ?? 20
    guard most > 0, count > most else { return nil }
    return Finding(
      rule, at: least.place, "\(pooler.name): min_pool_size \(count) is above default_pool_size \(most)",
      fix: landscape.fix(least, to: "\(most)"))
  }
}
