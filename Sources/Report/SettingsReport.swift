import Ecosystems
import Model

/// How the ecosystems' settings stand side by side, or one of them in detail.
package struct SettingsReport: Hashable, Sendable {
  private let ecosystems: [Ecosystem]

  package init(_ ecosystems: [Ecosystem]) { self.ecosystems = ecosystems }

  package func text(_ style: Style) -> String {
    if let only = ecosystems.first, ecosystems.count == 1 { return detail(only, style) }
    let tables = SettingKey.allCases.map { key in
      style.heading("\(key.rawValue): \(key.summary)") + "\n" + sideBySide(key).text(style)
    }
    return tables.joined(separator: "\n\n") + "\n\n" + style.paragraph(Self.more) + "\n"
  }

  private static let more =
    "'poolops settings show ECOSYSTEM' says more of one: sources, notes, how to read the value in force."

  private func sideBySide(_ key: SettingKey) -> TextTable {
    var table = TextTable([.init("pool"), .init("name"), .init("unit"), .init("default"), .init("zero, floors, notes")])
    for ecosystem in ecosystems {
      table.row([TextTable.Cell(ecosystem.id)] + Self.cells(ecosystem, key).map { TextTable.Cell($0) })
    }
    return table
  }

  /// Name, unit, default, and all that is to be said of the setting.
  static func cells(_ ecosystem: Ecosystem, _ key: SettingKey) -> [String] {
    let standard = ecosystem.standardText(of: key) ?? "-"
    switch ecosystem[key] {
    case .absent(_, let nearest): return ["-", "-", standard, "nearest: \(nearest)"]
    case .setting(let dialect):
      let name = ([dialect.name] + [dialect.addend?.name].compactMap { $0 }).joined(separator: " + ")
      return [name, dialect.unit.symbol, standard, remarks(dialect).joined(separator: "; ")]
    }
  }

  private static func remarks(_ dialect: Dialect) -> [String] {
    var remarks: [String] = []
    if let sense = dialect.sense { remarks.append("meaning: \(sense)") }
    if let zero = phrase(dialect.zero, dialect) { remarks.append("0: \(zero)") }
    if let negative = phrase(dialect.negative, dialect), dialect.negative != .refused, dialect.negative != .unstated {
      remarks.append("negative: \(negative)")
    }
    if let none = dialect.none, Int(none) == nil { remarks.append("\(none): no limit") }
    if let clamping = dialect.clamping { remarks.append(clamping) }
    if let place = dialect.place { remarks.append(place) }
    if let note = dialect.note { remarks.append(note) }
    return remarks
  }

  private static func phrase(_ meaning: Dialect.Meaning, _ dialect: Dialect) -> String? {
    switch meaning {
    case .ordinary: nil
    case .unlimited: "no limit"
    case .refused: "refused"
    case .becomes(let value): "it silently uses \(dialect.unit.text(value) ?? "another value")"
    case .special(let sentence): sentence
    case .unstated: "not known for certain"
    }
  }

  private func detail(_ ecosystem: Ecosystem, _ style: Style) -> String {
    var table = TextTable([
      .init("setting"), .init("name"), .init("unit"), .init("default"), .init("zero, floors, notes"),
    ])
    for key in SettingKey.allCases {
      table.row([TextTable.Cell(key.rawValue)] + Self.cells(ecosystem, key).map { TextTable.Cell($0) })
    }
    var parts = [style.heading(ecosystem.title), table.text(style), ""]
    for (label, fact) in Self.facts(ecosystem) {
      parts.append(style.paragraph("\(label): \(fact)", indent: 2, hanging: 2))
    }
    return parts.joined(separator: "\n") + "\n"
  }

  private static func facts(_ ecosystem: Ecosystem) -> [(label: String, fact: String)] {
    [
      ("Holds for", ecosystem.versions.text), ("Source", ecosystem.source),
      ("Checked", ecosystem.checkedAgainst ?? "not against the library itself, only against the source"),
      ("In force", ecosystem.effective),
    ]
      + ecosystem.notes.map { ("Note", $0) }
      + ecosystem.strangers.sorted { $0.key < $1.key }.map { ("Not a pool setting", "\($0.key): \($0.value)") }
  }

  /// The reference page of all ecosystems.
  package var markdown: String {
    var parts = [Self.head]
    for key in SettingKey.allCases {
      parts.append("## `\(key.rawValue)`: \(key.summary)\n\n\(sideBySide(key).markdown())")
    }
    parts.append("## The ecosystems")
    for ecosystem in ecosystems {
      let facts = Self.facts(ecosystem).map { "- \($0.label): \(Markdown.escaped($0.fact))" }
      parts.append("### `\(ecosystem.id)`: \(ecosystem.title)\n\n" + facts.joined(separator: "\n"))
    }
    parts.append("## Presets")
    for preset in SettingsPreset.allCases {
      let reasons = preset.entries.map { "- `\($0.key.rawValue)` \($0.value.text(for: $0.key)): \($0.reason)." }
      parts.append("### `\(preset.rawValue)`\n\n\(preset.purpose.capitalised).\n\n" + reasons.joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static let head = """
    # Pool settings, ecosystem by ecosystem

    Written by `poolops settings show --markdown`; a test compares this page with what the program writes. `-` as a name means that there is no such
    setting; `-` as a default means that there is none, or that it belongs to the driver. Durations as defaults are written as poolops writes them.
    `poolops settings translate` carries settings from one to another and tells what is lost.
    """

  package var json: JSONValue {
    .array(
      ecosystems.map { ecosystem in
        [
          "id": .string(ecosystem.id), "title": .string(ecosystem.title), "versions": .string(ecosystem.versions.text),
          "source": .string(ecosystem.source), "checked_against": JSONValue(ecosystem.checkedAgainst),
          "effective": .string(ecosystem.effective),
          "settings": .members(SettingKey.allCases.map { ($0.rawValue, Self.json(ecosystem, $0)) }),
          "notes": .array(ecosystem.notes.map { .string($0) }),
        ]
      })
  }

  private static func json(_ ecosystem: Ecosystem, _ key: SettingKey) -> JSONValue {
    let standard = JSONValue(ecosystem.standardText(of: key))
    switch ecosystem[key] {
    case .absent(_, let nearest): return ["name": nil, "default": standard, "nearest": .string(nearest)]
    case .setting(let dialect):
      return [
        "name": .string(dialect.name), "aliases": .array(dialect.aliases.map { .string($0) }),
        "added": JSONValue(dialect.addend?.name), "unit": .string(dialect.unit.symbol), "default": standard,
        "none": JSONValue(dialect.none), "zero": JSONValue(phrase(dialect.zero, dialect)),
        "negative": JSONValue(phrase(dialect.negative, dialect)), "clamping": JSONValue(dialect.clamping),
        "sense": JSONValue(dialect.sense), "note": JSONValue(dialect.note),
        "place": JSONValue(dialect.place),
      ]
    }
  }
}

extension SettingKey {
  /// What the setting is, in a few words.
  fileprivate var summary: String {
    switch self {
    case .maxSize: "most connections at once"
    case .minSize: "connections kept when idle"
    case .acquireTimeout: "longest wait for a connection"
    case .idleTimeout: "an idle connection is closed after this"
    case .maxLifetime: "a connection is replaced after this"
    case .lifetimeJitter: "share by which that age is varied"
    case .maxWaiting: "most requests that may wait"
    case .connectTimeout: "longest opening of a connection"
    case .statementCache: "prepared statements kept per connection"
    }
  }
}
