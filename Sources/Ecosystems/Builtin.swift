import Model

/// The dialect of poolops's own pool: environment variables, as an app's env file has them.
///
/// Durations are seconds, fractions allowed. What `0` means differs from variable to variable, as it does everywhere in
/// the field, so `accepted` says it for each. Every neutral value can be written, and is read back as it was.
package enum Builtin {
  package static func variable(for key: SettingKey) -> String {
    switch key {
    case .maxSize: "DB_CONNECTION_LIMIT"
    case .minSize: "DB_POOL_MIN"
    case .acquireTimeout: "DB_POOL_TIMEOUT"
    case .idleTimeout: "DB_IDLE_TIMEOUT"
    case .maxLifetime: "DB_MAX_LIFETIME"
    case .lifetimeJitter: "DB_LIFETIME_JITTER"
    case .maxWaiting: "DB_MAX_WAITING"
    case .connectTimeout: "DB_CONNECT_TIMEOUT"
    case .statementCache: "DB_STATEMENT_CACHE_SIZE"
    }
  }

  package static func key(of variable: String) -> SettingKey? {
    SettingKey.allCases.first { self.variable(for: $0) == variable }
  }

  /// What a person may write, and what `0` means there.
  package static func accepted(for key: SettingKey) -> String {
    switch key {
    case .maxSize: "a whole number from 1 to 1000000"
    case .minSize: "a whole number from 0 (none is kept) to 1000000"
    case .acquireTimeout: "seconds, such as 20 or 0.34; 0 waits without limit"
    case .idleTimeout: "seconds, such as 600; 0 never closes an idle connection"
    case .maxLifetime: "seconds, such as 1800; 0 never replaces a connection for its age"
    case .lifetimeJitter: "a share from 0 to 1, such as 0.025"
    case .maxWaiting: "a whole number from 0 (nobody may wait) to 1000000, or 'unlimited'"
    case .connectTimeout: "seconds above 0, such as 10"
    case .statementCache: "a whole number from 0 (prepare for each query) to 1000000"
    }
  }

  /// The value as the env file has it.
  package static func text(_ value: SettingValue, for key: SettingKey) -> String {
    switch value {
    case .count(let count): "\(count)"
    case .duration(let duration): seconds(duration)
    case .fraction(let share): "\(share)"
    case .unlimited: key == .maxWaiting ? "unlimited" : "0"
    }
  }

  /// Reads a variable's value; nil when it is not what `accepted` says.
  package static func value(_ text: String, for key: SettingKey) -> SettingValue? {
    switch key.kind {
    case .count: SettingValue(text, for: key)
    case .fraction: text.hasSuffix("%") ? nil : SettingValue(text, for: key)
    case .duration(let none):
      switch nanoseconds(text) {
      case nil: nil
      case 0?: none ? .unlimited : nil
      case let count?: .duration(.nanoseconds(count))
      }
    }
  }

  /// Exact, without trailing zeros: `20`, `0.34`.
  private static func seconds(_ duration: Duration) -> String {
    let (whole, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard rest != 0 else { return "\(whole)" }
    let digits = String(rest)
    var fraction = String(repeating: "0", count: 9 - digits.count) + digits
    while fraction.last == "0" { fraction.removeLast() }
    return "\(whole).\(fraction)"
  }

  /// Digits with at most nine decimals; nil for anything else, also signs and exponents.
  private static func nanoseconds(_ text: String) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts[0].isEmpty, parts[0].count <= 9, parts.allSatisfy(isDigits) else {
      return nil
    }
    let fraction = parts.count == 2 ? parts[1] : "0"
    guard (1...9).contains(fraction.count), let whole = Int64(parts[0]) else { return nil }
    return Int64(fraction + String(repeating: "0", count: 9 - fraction.count)).map { whole * 1_000_000_000 + $0 }
  }

  private static func isDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy { (48...57).contains($0) } }
}
