import Ecosystems
import Model
import TestSupport
import Testing

struct RoundTripTests {
  /// Any value of the key, odd ones too: nanoseconds, a million, no limit.
  private static func value(_ key: SettingKey, _ random: inout TestRandom) -> SettingValue {
    switch key.kind {
    case .count(let minimum, let unlimited):
      if unlimited, Int.random(in: 0..<5, using: &random) == 0 { return .unlimited }
      let most = [10, 100, 1_000_000].randomElement(using: &random) ?? 10
      return .count(.random(in: minimum...most, using: &random))
    case .duration(let none):
      if none, Int.random(in: 0..<5, using: &random) == 0 { return .unlimited }
      let step: Int64 = [1, 1000, 1_000_000, 1_000_000_000, 60_000_000_000].randomElement(using: &random) ?? 1
      return .duration(.nanoseconds(Int64.random(in: 1...10_000, using: &random) * step))
    case .fraction: return .fraction(.random(in: 0...1, using: &random))
    }
  }

  private static func settings(_ random: inout TestRandom) -> [SettingKey: SettingValue] {
    var settings: [SettingKey: SettingValue] = [:]
    for key in SettingKey.allCases where Bool.random(using: &random) { settings[key] = value(key, &random) }
    return settings
  }

  @Test(arguments: Ecosystem.all.map(\.id))
  func `what is written without a loss is read back as it was, and what is lost is told`(id: String) throws {
    let ecosystem = try #require(Ecosystem.named(id))
    var random = TestRandom(20_260_801)
    var exact = 0
    for _ in 0..<2000 {
      let settings = Self.settings(&random)
      let written = ecosystem.write(settings)
      let reading = ecosystem.read(ecosystem.form.text(written.lines))
      let lost = Set(written.losses.map(\.key))
      let kept = settings.filter { !lost.contains($0.key) && ecosystem.dialect(of: $0.key) != nil }
      let changed = kept.filter { reading.values[$0.key] != $0.value }
      guard reading.faults.isEmpty, changed.isEmpty else {
        Issue.record("\(settings) became \(written), read as \(reading)")
        return
      }
      exact += kept.count
      #expect(reading.values.keys.allSatisfy { settings[$0] != nil }, "nothing is made up")
      #expect(ecosystem.write(reading.values).lines == written.lines, "a second writing changes nothing")
    }
    #expect(exact > 1000, "only \(exact) values came through unchanged")
  }

  /// Texts of names, numbers, marks and noise: no crash, and never a value that no text gave.
  @Test func `any text is read without harm`() {
    let pieces =
      Ecosystem.all.flatMap(\.names) + [
        "=", ":", " ", "\n", "\"", "'", "#", "?", "&", "://", "@", "-", "0", "30", "9999999999999999", "1.5", "30s",
        "1h30m", "None", "é", "\u{0}", "{", ",", "export ", "%", ".", "1e9", "999999999999999d", "0.0000000001",
      ]
    var random = TestRandom(7)
    var read = 0
    for round in 0..<20_000 {
      let ecosystem = Ecosystem.all[round % Ecosystem.all.count]
      var text = ""
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        if Int.random(in: 0..<4, using: &random) == 0 {
          text += "\n" + (ecosystem.names.randomElement(using: &random) ?? "") + "="
        }
        text += pieces.randomElement(using: &random) ?? ""
      }
      let reading = ecosystem.read(text)
      read += reading.values.count
      let again = ecosystem.read(ecosystem.form.text(ecosystem.write(reading.values).lines))
      if reading.values.values.allSatisfy({ $0 != .unlimited }), again.faults != [] {
        Issue.record("'\(text)' in \(ecosystem.id): \(reading) is written so that it is refused: \(again)")
      }
    }
    #expect(read > 100, "the generator makes readable settings too")
  }
}
