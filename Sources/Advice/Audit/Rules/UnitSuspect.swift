import Configuration
import Ecosystems
import Model

/// A time that makes sense in another unit.
struct UnitSuspect: AuditCheck {
  let rule = AuditRule(
    "unit-suspect", "Times are meant in the unit that they are written in", .warning,
    why: """
      The same setting counts milliseconds in one pool and seconds in another: HikariCP's connectionTimeout 30000 and SQLAlchemy's \
      pool_timeout 30 are the same wait, and node-pg has both units in one pool (docs/ecosystems.md). A number copied from one to the other \
      waits for eight hours, or for 30 ms.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.flatMap { pool in
      pool.settings.keys.sorted().compactMap { key in
        pool.settings[key].flatMap { suspect($0, pool, landscape) }
      }
    } + landscape.pgBouncers.flatMap { poolers($0, landscape) } + landscape.servers.flatMap { servers($0, landscape) }
  }

  private func suspect(_ setting: PoolSetting, _ pool: PoolUse, _ landscape: Landscape) -> Finding? {
    guard let value = setting.duration, case .value = setting.meaning, let sound = Self.sound(setting.key),
      let meant = Self.meant(value, sound)
    else { return nil }
    let fix = setting.text(meant).map { landscape.fix(setting, of: pool, to: $0) }
    return Finding(
      rule, at: setting.written.place,
      "\(pool.name): \(setting.said) is \(Self.words(value)); \(Self.words(meant)) was probably meant\(unit(setting))",
      fix: fix)
  }

  /// `8.3 hours`, `30 s`: a bare `m` is read as milliseconds as often as minutes.
  private static func words(_ duration: Duration) -> String {
    switch duration.seconds {
    case 172_800...: decimal(duration.seconds / 86_400, places: 1) + " days"
    case 7200...: decimal(duration.seconds / 3600, places: 1) + " hours"
    case 120...: decimal(duration.seconds / 60, places: 1) + " minutes"
    case 1...: decimal(duration.seconds, places: 3) + " s"
    default: decimal(duration.seconds * 1000, places: 3) + " ms"
    }
  }

  private func unit(_ setting: PoolSetting) -> String {
    guard case .ecosystem(let unit) = setting.unit else { return "" }
    return " (the pool counts \(unit.accepted))"
  }

  /// What a value may be without a question.
  private static func sound(_ key: SettingKey) -> ClosedRange<Duration>? {
    switch key {
    case .acquireTimeout, .connectTimeout: .milliseconds(100)...(.seconds(3600))
    case .idleTimeout: .seconds(1)...(.seconds(3 * 86_400))
    case .maxLifetime: .seconds(10)...(.seconds(5 * 86_400))
    case .maxSize, .minSize, .lifetimeJitter, .maxWaiting, .statementCache: nil
    }
  }

  /// A thousandth or a thousand times of it, where that is sound and the value is not.
  private static func meant(_ value: Duration, _ sound: ClosedRange<Duration>) -> Duration? {
    if sound.contains(value) { return nil }
    let other = value > sound.upperBound ? value / 1000 : value * 1000
    return sound.contains(other) ? other : nil
  }

  /// PgBouncer counts seconds throughout.
  private func poolers(_ pooler: PoolerUse, _ landscape: Landscape) -> [Finding] {
    let ranges: [(String, SettingKey)] = [
      ("query_wait_timeout", .acquireTimeout), ("server_connect_timeout", .connectTimeout),
      ("server_idle_timeout", .idleTimeout), ("server_lifetime", .maxLifetime),
    ]
    return ranges.compactMap { name, key in
      guard let written = pooler.setting(name), let seconds = Int(written.text), seconds > 0, seconds < 1 << 40,
        let sound = Self.sound(key), let meant = Self.meant(.seconds(seconds), sound), meant.seconds >= 1
      else { return nil }
      return Finding(
        rule, at: written.place,
        "\(pooler.name): \(name) \(written.text) is \(Self.words(.seconds(seconds))); \(Self.words(meant)) was probably meant (PgBouncer counts seconds)",
        fix: landscape.fix(written, to: decimal(meant.seconds, places: 3)))
    }
  }

  /// PostgreSQL counts milliseconds where no unit is written.
  private func servers(_ server: ServerUse, _ landscape: Landscape) -> [Finding] {
    ["statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"].compactMap { name in
      guard let written = server.setting(name), let number = Int(written.text), (1..<100).contains(number) else {
        return nil
      }
      return Finding(
        rule, at: written.place,
        "\(server.name): \(name) = \(number) is \(number) ms; \(number) s was probably meant (PostgreSQL counts milliseconds)",
        fix: landscape.fix(written, to: "\(number)s"))
    }
  }
}
