import Model

extension Ecosystem {
  /// The pool that poolops itself runs, by its env file. Source: `PoolSettings` and `Builtin`.
  static let builtin = Ecosystem(
    id: "builtin", title: "poolops's own pool", versions: Versions("poolops"), source: "poolops, PoolSettings",
    form: .assignments, effective: "poolops run show, and the open connections in pg_stat_activity",
    settings: Dictionary(uniqueKeysWithValues: SettingKey.allCases.map { ($0, .setting(builtin($0))) }))

  private static func builtin(_ key: SettingKey) -> Dialect {
    let (unit, zero, none): (Unit, Dialect.Meaning, String?) =
      switch key.kind {
      case .count(1, _): (.count, .refused, nil)
      case .count(_, let unlimited): (.count, .ordinary, unlimited ? "unlimited" : nil)
      case .duration(true): (.seconds, .unlimited, "0")
      case .duration(false): (.seconds, .refused, nil)
      case .fraction: (.fraction, .ordinary, nil)
      }
    return Dialect(
      Builtin.variable(for: key), unit, .value(PoolSettings()[key]), zero: zero, none: none,
      sense: key == .minSize ? "floor" : nil)
  }
}
