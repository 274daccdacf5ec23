import Model
import Testing

@Suite struct SettingsTests {
  @Test(
    arguments: [
      (SettingKey.maxSize, "50", true), (.maxSize, "0", false), (.maxSize, "-5", false), (.maxSize, "1.5", false),
      (.minSize, "0", true), (.acquireTimeout, "340ms", true), (.acquireTimeout, "none", true),
      (.acquireTimeout, "20", false), (.acquireTimeout, "0s", false), (.connectTimeout, "none", false),
      (.maxWaiting, "unlimited", true), (.maxSize, "unlimited", false), (.lifetimeJitter, "5%", true),
      (.lifetimeJitter, "0.05", true), (.lifetimeJitter, "1.5", false), (.lifetimeJitter, "150%", false),
    ] as [(SettingKey, String, Bool)])
  func `a setting takes the values of its kind`(key: SettingKey, text: String, isAccepted: Bool) {
    #expect((SettingValue(text, for: key) != nil) == isAccepted)
  }

  @Test func `what is written of a setting reads back as the same value`() {
    var settings = PoolSettings()
    settings.acquireTimeout = nil
    settings.maxWaiting = 7
    settings.maxLifetime = .milliseconds(1500)
    let texts = settings.texts
    let read = Dictionary(
      uniqueKeysWithValues: SettingKey.allCases.compactMap { key in
        texts[key].flatMap { SettingValue($0, for: key) }.map { (key, $0) }
      })
    #expect(PoolSettings(SettingPatch(read)) == settings)
  }

  @Test func `the change lies over the baseline, and the baseline over the defaults`() {
    let baseline = SettingPatch([.maxSize: .count(20), .minSize: .count(5)])
    let settings = PoolSettings(baseline.overlaid(with: SettingPatch([.maxSize: .count(50)])))
    #expect(settings.maxSize == 50 && settings.minSize == 5 && settings.statementCache == 100)
    #expect(PoolSettings(SettingPatch([.minSize: .count(11)])).contradictions == ["min_size 11 is above max_size 10"])
  }

  @Test(
    arguments: [
      ("SELECT :a, ':b', \":c\", x::int -- :d", ["a"], "SELECT $1, ':b', \":c\", x::int -- :d"),
      ("SELECT /* :a */ :a + :b + :a", ["a", "b"], "SELECT /* :a */ $1 + $2 + $1"),
      ("SELECT $$ :a $$, $t$ :b $t$, :c", ["c"], "SELECT $$ :a $$, $t$ :b $t$, $1"),
      ("SELECT 'it''s :a', :b", ["b"], "SELECT 'it''s :a', $1"),
      ("SELECT ARRAY[1,2][:a]", ["a"], "SELECT ARRAY[1,2][$1]"),
    ] as [(String, [String], String)])
  func `placeholders are found where they are placeholders`(sql: String, names: [String], prepared: String) {
    let text = PlaceholderSQL(sql)
    #expect(text.names == names)
    #expect(text.replacing(names) == prepared)
  }
}
