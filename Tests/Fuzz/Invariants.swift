import Configuration

/// What must hold of whatever a reader makes of whatever input.
enum Invariants {
  /// What is wrong; nil when all holds.
  static func violation(
    _ file: ConfigurationFile, _ input: [UInt8], isYAML: Bool, others: (String) -> [UInt8]?
  ) -> String? {
    var lines: [String: Int] = [file.path: isYAML ? lineCountOfYAML(input) : lineCount(input)]
    for place in places(in: file) {
      if lines[place.file] == nil { lines[place.file] = lineCount(others(place.file) ?? []) }
      let count = lines[place.file] ?? 1
      if place.line < 1 || place.line > count { return "line \(place.line) of \(count) in \(place.file)" }
      if let column = place.column, column < 1 { return "column \(column)" }
    }
    if file.remarks.count > 300 { return "\(file.remarks.count) remarks" }
    for setting in settings(in: file) where setting.isSecret && setting.text != Written.hidden {
      return "a secret is shown"
    }
    return nil
  }

  /// YAML 1.1 ends lines also with CR, NEL, LS and PS: their last bytes.
  private static func lineCountOfYAML(_ bytes: [UInt8]) -> Int {
    1 + bytes.count { [10, 13, 0x85, 0xA8, 0xA9].contains($0) }
  }

  private static func lineCount(_ bytes: [UInt8]) -> Int { 1 + bytes.count { $0 == 10 } }

  private static func settings(in file: ConfigurationFile) -> [Written] {
    var settings = file.applications.flatMap(\.settings) + file.servers.flatMap(\.settings)
    settings += file.applications.flatMap(\.addresses).flatMap(\.options) + file.configMaps.flatMap(\.settings)
    for pooler in file.poolers {
      settings += pooler.settings + pooler.databases.flatMap(\.settings) + pooler.users.flatMap(\.settings)
    }
    return settings
  }

  private static func places(in file: ConfigurationFile) -> [Place] {
    var places = settings(in: file).map(\.place) + file.remarks.map(\.place) + file.directives.map(\.place)
    places += file.applications.map(\.place) + file.applications.flatMap(\.addresses).map(\.place)
    places += file.poolers.flatMap { [$0.place] + $0.databases.map(\.place) + $0.users.map(\.place) }
    places += file.servers.map(\.place)
    return places
      + file.directives.compactMap { directive in directive.line.map { Place(directive.place.file, line: $0) } }
  }
}
