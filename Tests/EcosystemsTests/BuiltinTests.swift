import Ecosystems
import Model
import Testing

struct BuiltinTests {
  private static let durations: [Duration] = [
    .nanoseconds(1), .microseconds(250), .milliseconds(340), .milliseconds(1500), .seconds(20), .seconds(86_400),
    .nanoseconds(999_999_999),
  ]

  /// Values of each kind, with the ends of their ranges.
  private static func values(of key: SettingKey) -> [SettingValue] {
    switch key.kind {
    case .count(let minimum, let unlimited):
      [.count(minimum), .count(50), .count(1_000_000)] + (unlimited ? [.unlimited] : [])
    case .duration(let none): durations.map(SettingValue.duration) + (none ? [.unlimited] : [])
    case .fraction: [0, 0.025, 0.1, 1 / 3, 1].map(SettingValue.fraction)
    }
  }

  @Test(arguments: SettingKey.allCases) func `every value is read back as it was written`(key: SettingKey) {
    let read = Self.values(of: key).map { Builtin.value(Builtin.text($0, for: key), for: key) }
    #expect(read == Self.values(of: key).map(Optional.some))
    #expect(Builtin.key(of: Builtin.variable(for: key)) == key)
  }

  @Test(arguments: [
    (SettingKey.maxSize, ["0", "-1", "", "ten", "1.5", "20 ", "1000001", "unlimited"]),
    (.minSize, ["-1", "unlimited"]), (.maxWaiting, ["-1", "none", "0.5"]),
    (.acquireTimeout, ["", "20s", "-1", "1e3", "1.", ".5", "1.2.3", "none", "inf", "0.1234567891", "99999999999"]),
    (.connectTimeout, ["0", "0.0", "none"]), (.lifetimeJitter, ["2", "5%", "-0.1", "nan"]),
    (.statementCache, ["-1", "off"]),
  ]) func `what the pool does not take is refused`(key: SettingKey, texts: [String]) {
    #expect(texts.filter { Builtin.value($0, for: key) != nil } == [])
    #expect(!Builtin.accepted(for: key).isEmpty)
  }

  @Test(arguments: [
    (SettingKey.maxSize, SettingValue.count(50), "DB_CONNECTION_LIMIT=50"),
    (.acquireTimeout, .duration(.milliseconds(340)), "DB_POOL_TIMEOUT=0.34"),
    (.acquireTimeout, .unlimited, "DB_POOL_TIMEOUT=0"), (.maxWaiting, .unlimited, "DB_MAX_WAITING=unlimited"),
    (.maxWaiting, .count(0), "DB_MAX_WAITING=0"), (.statementCache, .count(200), "DB_STATEMENT_CACHE_SIZE=200"),
    (.lifetimeJitter, .fraction(0.025), "DB_LIFETIME_JITTER=0.025"),
  ]) func `a setting is written in the words of an env file`(key: SettingKey, value: SettingValue, line: String) {
    #expect("\(Builtin.variable(for: key))=\(Builtin.text(value, for: key))" == line)
  }
}
