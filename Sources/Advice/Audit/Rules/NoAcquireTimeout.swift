import Configuration
import Ecosystems
import Model

/// A pool whose requests wait for ever when it is used up.
struct NoAcquireTimeout: AuditCheck {
  let rule = AuditRule(
    "no-acquire-timeout", "Waiting for a connection ends some day", .warning,
    why: """
      Without an acquire timeout a used-up pool is a hang instead of an error: requests pile up until something in front of the \
      application kills them. asyncpg's acquire() has no default (asyncpg/pool.py), node-pg's connectionTimeoutMillis is 0, for ever \
      (pg-pool/index.js), Go's database/sql and pgxpool wait as long as the context lets them.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.compactMap { pool in
      guard let ecosystem = pool.ecosystem else { return nil }
      if let written = pool.settings[.acquireTimeout] { return self.written(written, pool, landscape) }
      guard ecosystem.standard(of: .acquireTimeout) == .unlimited else { return nil }
      let message =
        "\(pool.name): \(ecosystem.title) waits without limit when all its connections are taken, \(remedy(ecosystem))"
      return Finding(rule, at: pool.place, message, fix: Self.code(ecosystem))
    }
  }

  private func written(_ setting: PoolSetting, _ pool: PoolUse, _ landscape: Landscape) -> Finding? {
    guard setting.value == .unlimited else { return nil }
    let fix = setting.text(.seconds(10)).map { landscape.fix(setting, of: pool, to: $0) }
    return Finding(
      rule, at: setting.written.place,
      "\(pool.name): \(setting.said) waits without limit when all connections are taken",
      fix: fix)
  }

  private func remedy(_ ecosystem: Ecosystem) -> String {
    switch ecosystem[.acquireTimeout] {
    case .setting(let dialect): "and \(dialect.name) is written nowhere" + (dialect.place.map { " (\($0))" } ?? "")
    case .absent(_, let nearest): "and has no setting against it; nearest: \(nearest)"
    }
  }

  private static func code(_ ecosystem: Ecosystem) -> Finding.Fix? {
    let line: String? =
      switch ecosystem.id {
      case "asyncpg", "asyncpg-0.31": "async with pool.acquire(timeout=10) as connection:"
      case "node-pg": "new Pool({ connectionTimeoutMillis: 10000 })"
      case "prisma-7": "new PrismaPg({ connectionTimeoutMillis: 10000 })"
      case "database-sql", "pgxpool": "ctx, cancel := context.WithTimeout(ctx, 10*time.Second)"
      default: nil
      }
    return line.map { Finding.Fix($0, kind: .code) }
  }
}
