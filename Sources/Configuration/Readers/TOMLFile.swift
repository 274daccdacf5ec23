/// TOML files: tables of environment variables (`fly.toml`, `wrangler.toml` ...), pool settings, and PgCat's own file.
package enum TOMLFile {
  /// In these tables stand environment variables, which have their names alone.
  private static let environmentTables: Set<String> = ["env", "environment", "vars"]

  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    let text = SourceText(bytes, path: path)
    var file = ConfigurationFile(text, .toml)
    var parser = TOMLParser(text)
    parser.parse()
    for fault in parser.faults { file.fault("TOML: " + fault.text, at: fault.place) }
    file.directives = parser.directives.finish()
    var settings: [Setting] = []
    for entry in parser.entries { flatten(entry.path, entry.value, entry.place, into: &settings) }
    if settings.contains(where: { $0.path.first == "pools" && $0.path.count > 2 }) {
      file.poolers = [pgCat(settings, path)]
    } else {
      file.applications = [application(settings, path, &file)]
    }
    return file
  }

  private struct Setting {
    var path: [String]
    var text: String
    var place: Place
  }

  /// Tables become names with dots; an array of tables has its numbers in the names, another one is one text.
  private static func flatten(
    _ path: [String], _ value: TOMLParser.Value, _ place: Place, into settings: inout [Setting]
  ) {
    guard settings.count < ConfigurationFile.mostSettings, path.count <= 2 * TOMLParser.deepest else { return }
    switch value {
    case .table(let pairs):
      for pair in pairs { flatten(path + pair.path, pair.value, place, into: &settings) }
    case .array(let values) where values.contains(where: \.isTable):
      for (index, value) in values.enumerated() { flatten(path + ["\(index)"], value, place, into: &settings) }
    case .array: settings.append(Setting(path: path, text: value.shown, place: place))
    case .string(let text), .plain(let text): settings.append(Setting(path: path, text: text, place: place))
    }
  }

  private static func application(_ settings: [Setting], _ path: String, _ file: inout ConfigurationFile) -> Application
  {
    var application = Application(.settings, name: path, at: Place(path, line: 1))
    for setting in settings {
      let table = setting.path.dropLast().lastIndex { environmentTables.contains($0) }
      let own = table.map { setting.path[($0 + 1)...] } ?? setting.path[...]
      application.take(name(own), .init(text: setting.text), at: setting.place, remarks: &file)
    }
    return application
  }

  /// `[general]` and each `[pools.NAME]`, by PgCat's names: `pool_mode`, `users.0.pool_size`, `shards.0.database`.
  private static func pgCat(_ settings: [Setting], _ path: String) -> Pooler {
    var pooler = Pooler(.pgCat, name: path, at: Place(path, line: 1))
    var databases: [String: Int] = [:]
    var users: [String: Int] = [:]
    for setting in settings {
      let parts = setting.path
      guard parts.first == "pools", parts.count > 2 else {
        pooler.settings.append(written(parts.first == "general" ? parts.dropFirst() : parts[...], setting))
        continue
      }
      let pool = databases[parts[1]] ?? pooler.databases.count
      if pool == pooler.databases.count {
        databases[parts[1]] = pool
        pooler.databases.append(.init(name: Redaction.text(parts[1]), settings: [], at: setting.place))
      }
      pooler.databases[pool].settings.append(written(parts.dropFirst(2), setting))
      guard parts.count == 5, parts[2] == "users" else { continue }
      let key = parts[1] + "\u{1F}" + parts[3]
      let user = users[key] ?? pooler.users.count
      if user == pooler.users.count {
        users[key] = user
        let own = Redaction.written("pool", parts[1], at: setting.place)
        pooler.users.append(.init(name: "", settings: [own], at: setting.place))
      }
      if parts[4] == "username" { pooler.users[user].name = Redaction.text(setting.text) }
      pooler.users[user].settings.append(written(parts.dropFirst(4), setting))
    }
    return pooler
  }

  private static func written(_ parts: ArraySlice<String>, _ setting: Setting) -> Written {
    Redaction.written(name(parts), setting.text, at: setting.place)
  }

  /// The parts with dots between them; those that TOML wants quoted are quoted.
  static func name(_ parts: some Collection<String>) -> String {
    parts.map { part in
      let isBare = !part.isEmpty && part.utf8.allSatisfy { $0.isNameByte || $0 == .dash }
      return isBare ? part : "\"" + Redaction.text(part) + "\""
    }.joined(separator: ".")
  }
}

extension TOMLParser.Value {
  fileprivate var isTable: Bool { if case .table = self { true } else { false } }

  /// As TOML has it, in one line, without passwords that stand after an option.
  var shown: String {
    switch self {
    case .string(let text): Self.quoted(text)
    case .plain(let text): text
    case .table(let pairs):
      "{" + pairs.map { "\(TOMLFile.name($0.path)) = \($0.value.shown)" }.joined(separator: ", ") + "}"
    case .array(let values): "[" + Self.withoutSecrets(values).joined(separator: ", ") + "]"
    }
  }

  private static func withoutSecrets(_ values: [TOMLParser.Value]) -> [String] {
    let words = Redaction.command(values.map { if case .string(let text) = $0 { text } else { "" } })
    return zip(values, words).map { value, word in if case .string = value { quoted(word) } else { value.shown } }
  }

  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
