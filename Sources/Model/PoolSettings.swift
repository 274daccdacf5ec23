/// One neutral pool setting, named as in an experiment file; each ecosystem has its own dialect of it.
package enum SettingKey: String, CaseIterable, Sendable, Hashable, Comparable {
  case maxSize = "max_size"
  case minSize = "min_size"
  case acquireTimeout = "acquire_timeout"
  case idleTimeout = "idle_timeout"
  case maxLifetime = "max_lifetime"
  case lifetimeJitter = "lifetime_jitter"
  case maxWaiting = "max_waiting"
  case connectTimeout = "connect_timeout"
  case statementCache = "statement_cache"

  /// What the setting's value is made of, and so how it is written.
  package enum Kind: Sendable {
    /// A whole number, at least `minimum`; `unlimited` says whether the word `unlimited` is accepted.
    case count(minimum: Int, unlimited: Bool)
    /// A duration with its unit; `none` says whether the word `none` (no limit) is accepted.
    case duration(none: Bool)
    /// A share from 0 to 1, written `0.05` or `5%`.
    case fraction
  }

  package var kind: Kind {
    switch self {
    case .maxSize: .count(minimum: 1, unlimited: false)
    case .minSize, .statementCache: .count(minimum: 0, unlimited: false)
    case .maxWaiting: .count(minimum: 0, unlimited: true)
    case .acquireTimeout, .idleTimeout, .maxLifetime: .duration(none: true)
    case .connectTimeout: .duration(none: false)
    case .lifetimeJitter: .fraction
    }
  }

  /// What a person must write: "a whole number of at least 1".
  package var accepted: String {
    switch kind {
    case .count(let minimum, let unlimited):
      "a whole number of at least \(minimum)" + (unlimited ? ", or 'unlimited'" : "")
    case .duration(let none):
      "a duration such as 500ms, 20s or 30m" + (none ? ", or 'none'" : "")
    case .fraction: "a share from 0 to 1, such as 0.05 or 5%"
    }
  }

  package static func < (left: SettingKey, right: SettingKey) -> Bool {
    let order = allCases
    return (order.firstIndex(of: left) ?? 0) < (order.firstIndex(of: right) ?? 0)
  }
}

/// The value of one setting.
package enum SettingValue: Hashable, Sendable {
  case count(Int)
  case duration(Duration)
  case fraction(Double)
  /// No limit: written `none` for durations and `unlimited` for counts.
  case unlimited

  /// Reads a value of `key` as a person wrote it; nil when it is not of the key's kind or out of its range.
  package init?(_ text: String, for key: SettingKey) {
    switch key.kind {
    case .count(let minimum, let unlimited):
      if unlimited, text == "unlimited" { self = .unlimited; return }
      guard let count = Int(text), count >= minimum, count <= 1_000_000 else { return nil }
      self = .count(count)
    case .duration(let none):
      if none, text == "none" { self = .unlimited; return }
      guard let duration = Duration(text: text), duration > .zero else { return nil }
      self = .duration(duration)
    case .fraction:
      let isPercent = text.hasSuffix("%")
      guard let number = Double(isPercent ? String(text.dropLast()) : text) else { return nil }
      let share = isPercent ? number / 100 : number
      guard (0...1).contains(share) else { return nil }
      self = .fraction(share)
    }
  }

  /// The value as an experiment file writes it, given the key's kind.
  package func text(for key: SettingKey) -> String {
    switch self {
    case .count(let count): "\(count)"
    case .duration(let duration): duration.text
    case .fraction(let share): decimal(share * 100, places: 3) + "%"
    case .unlimited: if case .duration = key.kind { "none" } else { "unlimited" }
    }
  }
}

/// A part of the settings: what a baseline or a change states. Keys that it lacks keep the pool's default.
package struct SettingPatch: Hashable, Sendable {
  package var values: [SettingKey: SettingValue]

  package init(_ values: [SettingKey: SettingValue] = [:]) { self.values = values }

  package subscript(key: SettingKey) -> SettingValue? {
    get { values[key] }
    set { values[key] = newValue }
  }

  package var keys: [SettingKey] { values.keys.sorted() }

  /// This patch with `other` laid over it.
  package func overlaid(with other: SettingPatch) -> SettingPatch {
    SettingPatch(values.merging(other.values) { $1 })
  }
}

/// The settings of a pool, complete. Durations of nil mean: no limit.
package struct PoolSettings: Hashable, Sendable {
  /// Most connections at once. Default 10 (HikariCP, asyncpg, node-pg and sqlx agree).
  package var maxSize: Int = 10
  /// Connections kept open even when idle: a floor. Default 0.
  package var minSize: Int = 0
  /// Longest wait for a connection before the request fails. Default 30 s (HikariCP, SQLAlchemy, psycopg_pool, sqlx).
  package var acquireTimeout: Duration? = .seconds(30)
  /// An idle connection above `minSize` is closed after this. Default 10 min (HikariCP, psycopg_pool, sqlx).
  package var idleTimeout: Duration? = .seconds(600)
  /// A connection is replaced after this, when it is next idle. Default 30 min (HikariCP, sqlx).
  package var maxLifetime: Duration? = .seconds(1800)
  /// Share of `maxLifetime` by which a connection may die earlier, drawn evenly, so that they do not all die at once.
  /// Default 2.5 % (HikariCP).
  package var lifetimeJitter: Double = 0.025
  /// Most requests that may wait at once; the next one fails at once. nil: unlimited (the default; psycopg_pool's 0).
  package var maxWaiting: Int?
  /// Longest time that opening one connection may take. Default 10 s (PostgresNIO).
  package var connectTimeout: Duration = .seconds(10)
  /// Prepared statements kept per connection; 0 prepares for each query. Default 100 (asyncpg, sqlx, Prisma).
  package var statementCache: Int = 100

  package init() {}

  /// The defaults with `patch` laid over them.
  package init(_ patch: SettingPatch) {
    for (key, value) in patch.values { self[key] = value }
  }

  package subscript(key: SettingKey) -> SettingValue {
    get {
      switch key {
      case .maxSize: .count(maxSize)
      case .minSize: .count(minSize)
      case .acquireTimeout: acquireTimeout.map(SettingValue.duration) ?? .unlimited
      case .idleTimeout: idleTimeout.map(SettingValue.duration) ?? .unlimited
      case .maxLifetime: maxLifetime.map(SettingValue.duration) ?? .unlimited
      case .lifetimeJitter: .fraction(lifetimeJitter)
      case .maxWaiting: maxWaiting.map(SettingValue.count) ?? .unlimited
      case .connectTimeout: .duration(connectTimeout)
      case .statementCache: .count(statementCache)
      }
    }
    set {
      switch (key, newValue) {
      case (.maxSize, .count(let count)): maxSize = count
      case (.minSize, .count(let count)): minSize = count
      case (.statementCache, .count(let count)): statementCache = count
      case (.maxWaiting, .count(let count)): maxWaiting = count
      case (.maxWaiting, .unlimited): maxWaiting = nil
      case (.acquireTimeout, let value): acquireTimeout = value.asDuration
      case (.idleTimeout, let value): idleTimeout = value.asDuration
      case (.maxLifetime, let value): maxLifetime = value.asDuration
      case (.connectTimeout, .duration(let duration)): connectTimeout = duration
      case (.lifetimeJitter, .fraction(let share)): lifetimeJitter = share
      default: preconditionFailure("\(newValue) is no value of \(key.rawValue)")
      }
    }
  }

  /// What is wrong with the settings taken together, each as a sentence; empty when they can be in force.
  package var contradictions: [String] {
    var found: [String] = []
    if minSize > maxSize { found.append("min_size \(minSize) is above max_size \(maxSize)") }
    return found
  }

  /// Every setting with its value as text, in the order of `SettingKey`: for the store and for comparison.
  package var texts: [SettingKey: String] {
    Dictionary(uniqueKeysWithValues: SettingKey.allCases.map { ($0, self[$0].text(for: $0)) })
  }

  package var asPatch: SettingPatch {
    SettingPatch(Dictionary(uniqueKeysWithValues: SettingKey.allCases.map { ($0, self[$0]) }))
  }
}

extension SettingValue {
  fileprivate var asDuration: Duration? {
    if case .duration(let duration) = self { duration } else { nil }
  }
}
