import Configuration
import Ecosystems
import Model

/// A value that the pool does not use as it is written.
struct ClampedValue: AuditCheck {
  let rule = AuditRule(
    "clamped", "The pool uses the value that is written", .warning,
    why: """
      HikariCP replaces values below its floors with only a warning in its log (HikariConfig.java); node-pg runs with 10 connections for a \
      maximum of 0 or a text that is no number, and a healthy /healthz proves nothing (pg-pool/index.js, measured). What is written is then \
      not what is in force.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    landscape.pools.flatMap { pool in
      pool.settings.keys.sorted().compactMap { key in pool.settings[key].flatMap { finding($0, pool, landscape) } }
    }
  }

  private func finding(_ setting: PoolSetting, _ pool: PoolUse, _ landscape: Landscape) -> Finding? {
    let place = setting.written.place
    switch setting.meaning {
    case .replaced(let value, let sentence):
      let fix = text(value, setting).map { landscape.fix(setting, of: pool, to: $0) }
      return Finding(rule, at: place, "\(pool.name): \(setting.said) is not what is used: \(sentence)", fix: fix)
    case .refused(let accepted):
      let seconds = pool.ecosystem == nil ? "" : " (\(pool.ecosystem?.title ?? ""))"
      return Finding(
        rule, pool.ecosystem == nil ? .warning : .critical, at: place,
        "\(pool.name): \(setting.said) is refused\(seconds): accepted is \(accepted)",
        fix: mended(setting, pool, landscape))
    case .untranslatable(let sentence) where pool.ecosystem != nil && !sentence.contains("not known"):
      return Finding(
        rule, at: place, "\(pool.name): with \(setting.said) \(sentence)", fix: mended(setting, pool, landscape))
    case .value, .untranslatable, .number, .placeholder, .absent: return nil
    }
  }

  private func text(_ value: SettingValue, _ setting: PoolSetting) -> String? {
    switch value {
    case .count(let count): "\(count)"
    case .duration(let duration): setting.text(duration)
    case .fraction, .unlimited: nil
    }
  }

  /// The default in its place; a time that is a thousand times too small, in its own unit.
  private func mended(_ setting: PoolSetting, _ pool: PoolUse, _ landscape: Landscape) -> Finding.Fix? {
    guard let ecosystem = pool.ecosystem, let dialect = ecosystem.dialect(of: setting.key) else { return nil }
    if dialect.unit == .milliseconds, let number = Int(setting.written.text), number > 0,
      case .value = dialect.read("\(number * 1000)", as: setting.key)
    {
      return landscape.fix(setting, of: pool, to: "\(number * 1000)")
    }
    if dialect.unit == .goDuration, Double(setting.written.text) != nil {
      return landscape.fix(setting, of: pool, to: setting.written.text + "s")
    }
    let standard = ecosystem.standard(of: setting.key)
    return standard.flatMap { text($0, setting) }.map { landscape.fix(setting, of: pool, to: $0) }
  }
}
