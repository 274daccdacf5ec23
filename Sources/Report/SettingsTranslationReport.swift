import Ecosystems
import Model

/// Settings written for one ecosystem, with all that changed on the way.
package struct SettingsTranslationReport: Hashable, Sendable {
  private let target: Ecosystem
  private let written: Written
  private let notices: [SettingsReading.Remark]
  private let preset: SettingsPreset?

  /// - Parameter notices: what was remarked of the file that the settings came from.
  package init(_ written: Written, for target: Ecosystem, notices: [SettingsReading.Remark] = []) {
    self.written = written
    self.target = target
    self.notices = notices
    preset = nil
  }

  package init(_ preset: SettingsPreset, for target: Ecosystem) {
    written = target.write(preset.values)
    self.target = target
    notices = []
    self.preset = preset
  }

  /// The settings alone, ready for a file.
  package var settings: String { target.form.text(written.lines) }

  /// What a person should read beside them; empty when nothing changed.
  package func remarks(_ style: Style) -> String {
    var output: [String] = []
    if let preset {
      output.append(style.heading("\(preset.rawValue) for \(target.title): \(preset.purpose)"))
      for entry in preset.entries where !isLost(entry.key) {
        let value = entry.value.text(for: entry.key)
        output.append(style.paragraph("\(entry.key.rawValue) \(value): \(entry.reason)", indent: 2, hanging: 2))
      }
    }
    if !notices.isEmpty { output.append(style.heading("Read with remarks")) }
    output += notices.map { style.paragraph("line \($0.line): \($0.text)", indent: 2, hanging: 2) }
    if !places.isEmpty { output.append(style.heading("Written elsewhere")) }
    output += places.map { style.paragraph("\($0.name): \($0.place)", indent: 2, hanging: 2) }
    output += losses("Lost or changed", style) { $0 != .standard }
    output += losses("Not written, and not the same by default", style) { $0 == .standard }
    return output.map { $0 + "\n" }.joined()
  }

  /// The written settings that do not stand with the others.
  private var places: [(name: String, place: String)] {
    let dialects = SettingKey.allCases.compactMap { target.dialect(of: $0) }
    return dialects.compactMap { dialect in
      guard let place = dialect.place, written.lines.contains(where: { $0.name == dialect.name }) else { return nil }
      return (dialect.name, place)
    }
  }

  private func isLost(_ key: SettingKey) -> Bool {
    written.losses.contains { $0.key == key && $0.kind == .inexpressible }
  }

  private func losses(_ title: String, _ style: Style, _ belongs: (TranslationLoss.Kind) -> Bool) -> [String] {
    let losses = written.losses.filter { belongs($0.kind) }
    guard !losses.isEmpty else { return [] }
    return [style.heading(title)]
      + losses.map { style.paragraph("\($0.key.rawValue): \($0.text)", indent: 2, hanging: 2) }
  }

  package var json: JSONValue {
    .members([
      ("ecosystem", .string(target.id)), ("preset", JSONValue(preset?.rawValue)),
      ("settings", .members(written.lines.map { ($0.name, .string($0.value)) })),
      (
        "losses",
        .array(
          written.losses.map {
            ["setting": .string($0.key.rawValue), "kind": .string($0.kind.rawValue), "text": .string($0.text)]
          })
      ),
      ("elsewhere", .members(places.map { ($0.name, .string($0.place)) })),
      ("notices", .array(notices.map { ["line": .integer($0.line), "text": .string($0.text)] })),
    ])
  }
}
