import Configuration
import Ecosystems
import Model

/// A setting that the pool, or its version, does not have.
struct UnknownSetting: AuditCheck {
  let rule = AuditRule(
    "unknown-setting", "The pool knows every setting that is written for it", .warning,
    why: """
      What a pool does not know has no effect, and nobody says so: asyncpg has no maximum age, psycopg2's pool no timeout, Prisma from 7 \
      reads no pool parameters from the address. PgBouncer is worse: at RELOAD a line that it does not know and all lines after it fall \
      back to defaults, while the answer is RELOAD (measured, 1.18; pgbouncer/pgbouncer issue 1482).
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.flatMap { absent($0, landscape) + strangers($0, landscape) + misspelt($0, landscape) }
      + landscape.applications.flatMap { misspelt($0, landscape) } + landscape.poolers.flatMap { keys($0, landscape) }
  }

  private func absent(_ pool: PoolUse, _ landscape: Landscape) -> [Finding] {
    guard let ecosystem = pool.ecosystem else { return [] }
    return pool.settings.keys.sorted().compactMap { key in
      guard let setting = pool.settings[key], case .absent(let nearest) = setting.meaning else { return nil }
      return Finding(
        rule, at: setting.written.place,
        "\(pool.name): \(ecosystem.title) has no \(key.rawValue), so \(setting.said) does nothing by itself; nearest: \(nearest)",
        fix: isParameter(setting.written, pool) ? nil : landscape.removal(setting.written))
    }
  }

  private func isParameter(_ written: Configuration.Written, _ pool: PoolUse) -> Bool {
    pool.address?.options.contains(written) ?? false
  }

  /// Names that look like pool settings and are not.
  private func strangers(_ pool: PoolUse, _ landscape: Landscape) -> [Finding] {
    guard let ecosystem = pool.ecosystem else { return [] }
    var found: [Finding] = []
    if let written = pool.words[.statementLifetime], let what = ecosystem.strangers[PoolWord.statementLifetime.rawValue]
    {
      found.append(
        Finding(
          rule, at: written.place,
          "\(pool.name): \(written.name)=\(written.text) is \(what); \(ecosystem.title) has no maximum age of connections"
        ))
    }
    let ofOthers = ["connection_limit", "pool_timeout"]
    for option in pool.address?.options ?? [] where ofOthers.contains(option.name) {
      guard let what = ecosystem.strangers[option.name] else { continue }
      found.append(
        Finding(rule, at: option.place, "\(pool.name): \(option.name) has no effect in \(ecosystem.title): \(what)"))
    }
    return found
  }

  /// Parameters of an address that come near one of the pool's.
  private func misspelt(_ pool: PoolUse, _ landscape: Landscape) -> [Finding] {
    guard let ecosystem = pool.ecosystem, ecosystem.form == .url, let address = pool.address else { return [] }
    let names = ecosystem.names + Array(ecosystem.strangers.keys)
    return address.options.compactMap { option in
      guard !names.contains(option.name), let near = close(to: option.name, in: ecosystem.names) else { return nil }
      return Finding(
        rule, at: option.place, "\(pool.name): \(ecosystem.title) has no \(option.name): \(near) was probably meant",
        fix: landscape.parameter(near, option.text, address, replaces: option.name))
    }
  }

  /// Variables that come near one that every pool has.
  private func misspelt(_ application: ApplicationUse, _ landscape: Landscape) -> [Finding] {
    application.settings.compactMap { written in
      guard !written.isSecret, SettingName(written.name) == nil else { return nil }
      let words = SettingName.words(written.name)
      guard words.count > 2, SettingName.anchors.contains(words[0]), words[1] == "POOL" || words[1] == "MAX" else {
        return nil
      }
      let rest = words.dropFirst().joined()
      guard let near = close(to: rest, in: Self.spellings), let name = Self.spelt(near, like: written.name, words[0])
      else { return nil }
      let line = landscape.fix(
        Configuration.Written(name, written.text, at: written.place), to: written.text)
      return Finding(
        rule, .note, at: written.place,
        "\(application.name): \(written.name) is no name that pools' settings have; \(name) comes near it", fix: line)
    }
  }

  private func close(to word: String, in known: [String]) -> String? {
    known.map { ($0, distance: editDistance(word, $0)) }.filter { $0.distance <= 2 && word.count > $0.distance * 4 }
      .min { ($0.distance, $0.0) < ($1.distance, $1.0) }?.0
  }

  /// Common names, with their separators.
  private static let common = [
    "POOL_MAX", "POOL_MIN", "POOL_SIZE", "POOL_MAX_SIZE", "POOL_MIN_SIZE", "POOL_TIMEOUT", "POOL_RECYCLE",
    "POOL_ACQUIRE_TIMEOUT", "POOL_IDLE_TIMEOUT", "POOL_MAX_LIFETIME", "MAX_CONNECTIONS", "MAX_OVERFLOW",
    "MAX_LIFETIME", "MAX_POOL_SIZE",
  ]
  private static let spellings = common.map { SettingName.words($0).joined() }

  private static func spelt(_ near: String, like name: String, _ anchor: String) -> String? {
    guard name.contains("_"), name.allSatisfy({ !$0.isLowercase }),
      let index = spellings.firstIndex(of: near)
    else { return nil }
    return "\(anchor)_\(common[index])"
  }

  /// What PgBouncer of this version does not know; what none of them knows ends the reading of the file.
  private func keys(_ pooler: PoolerUse, _ landscape: Landscape) -> [Finding] {
    guard pooler.pooler.software == .pgBouncer, let version = pooler.version?.value else { return [] }
    return pooler.pooler.settings.compactMap { written in
      guard let since = PgBouncerParameters.firstVersion(of: written.name), version.lexicographicallyPrecedes(since)
      else { return nil }
      return Finding(
        rule, .critical, at: written.place,
        """
        \(pooler.name): \(written.name) exists from PgBouncer \(dotted(since)), and \(dotted(version)) runs here: the line and all \
        after it fall back to defaults
        """, fix: landscape.removal(written))
    }
  }

  private func dotted(_ version: [Int]) -> String { version.map(String.init).joined(separator: ".") }
}
