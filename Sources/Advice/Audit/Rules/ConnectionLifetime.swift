import Configuration
import Ecosystems
import Model

/// Connections that never grow old, or that something on the way forgets first.
struct ConnectionLifetime: AuditCheck {
  let rule = AuditRule(
    "lifetime", "Connections are renewed before anything on the way forgets them", .warning,
    why: """
      Firewalls and load balancers drop connections that are idle for long, mostly without telling either end: the next request hangs \
      until TCP gives up. A connection that is never replaced also stays with the old server after a failover and keeps what its backend \
      has grown. HikariCP, sqlx and psycopg_pool replace connections after 30 to 60 min by default; Prisma, node-pg, SQLAlchemy and Go's \
      database/sql never do.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.compactMap { pool in
      guard let ecosystem = pool.ecosystem else { return nil }
      return forgotten(pool, ecosystem, landscape) ?? endless(pool, ecosystem, landscape)
    }
  }

  /// nil where neither what is written nor a default is known.
  private func value(_ key: SettingKey, _ pool: PoolUse) -> SettingValue? {
    guard let setting = pool.settings[key], case .absent = setting.meaning else {
      return pool.settings[key].map(\.value) ?? pool.ecosystem?.standard(of: key)
    }
    return pool.ecosystem?.standard(of: key)
  }

  private func endless(_ pool: PoolUse, _ ecosystem: Ecosystem, _ landscape: Landscape) -> Finding? {
    guard value(.maxLifetime, pool) == .unlimited else { return nil }
    if let setting = pool.settings[.maxLifetime], setting.value == .unlimited {
      let fix = setting.text(.seconds(1800)).map { landscape.fix(setting, of: pool, to: $0) }
      return Finding(
        rule, at: setting.written.place, "\(pool.name): with \(setting.said) connections are never replaced", fix: fix)
    }
    let means: String
    switch ecosystem[.maxLifetime] {
    case .setting(let dialect): means = "\(dialect.name) is not written, and by default there is no limit"
    case .absent(_, let nearest): means = "\(ecosystem.title) has no maximum age; nearest: \(nearest)"
    }
    return Finding(
      rule, .note, at: pool.place, "\(pool.name): connections are never replaced: \(means)",
      fix: addition(ecosystem, pool, landscape, "1800"))
  }

  private func addition(
    _ ecosystem: Ecosystem, _ pool: PoolUse, _ landscape: Landscape, _ seconds: String
  ) -> Finding.Fix? {
    guard ecosystem.form == .url, let address = pool.address, let dialect = ecosystem.dialect(of: .maxLifetime),
      dialect.unit == .wholeSeconds
    else { return nil }
    return landscape.parameter(dialect.name, seconds, address)
  }

  private func forgotten(_ pool: PoolUse, _ ecosystem: Ecosystem, _ landscape: Landscape) -> Finding? {
    guard let kill = landscape.options.idleKill, let idle = value(.idleTimeout, pool) else { return nil }
    let age = value(.maxLifetime, pool)?.asDuration
    guard idle.asDuration.map({ $0 >= kill }) ?? true, age.map({ $0 >= kill }) ?? true else { return nil }
    let setting = pool.settings[.idleTimeout] ?? pool.settings[.maxLifetime]
    let keeps = idle.asDuration.map { "for \($0.text)" } ?? "without limit"
    let wanted = Duration.seconds(Int64((kill.seconds / 2).rounded(.down)))
    let fix = setting.flatMap { setting in
      wanted > .zero ? setting.text(wanted).map { landscape.fix(setting, of: pool, to: $0) } : nil
    }
    return Finding(
      rule, at: setting?.written.place ?? pool.place,
      "\(pool.name): idle connections are kept \(keeps), and the infrastructure drops them after \(kill.text)", fix: fix
    )
  }
}
