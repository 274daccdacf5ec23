import Configuration

/// What the comments of files say: `# poolops: pool=psycopg2 processes=4`.
struct FileFacts {
  private var whole: [String: [String: Sourced<String>]] = [:]
  private var lines: [String: [(line: Int, facts: [String: Sourced<String>])]] = [:]

  init(_ files: [ConfigurationFile]) {
    for directive in files.lazy.flatMap(\.directives) {
      guard case .facts(let facts) = directive.content else { continue }
      let sourced = facts.mapValues { Sourced($0, .directive(directive.place)) }
      let file = directive.place.file
      if let line = directive.line {
        lines[file, default: []].append((line, sourced))
      } else {
        whole[file, default: [:]].merge(sourced) { $1 }
      }
    }
  }

  /// Of something that is written at these places: the file's, and over them those of its own lines.
  func facts(at places: [Place]) -> [String: Sourced<String>] {
    var facts: [String: Sourced<String>] = [:]
    let files = Set(places.map(\.file))
    for file in files.sorted() { facts.merge(whole[file] ?? [:]) { $1 } }
    guard files.contains(where: { lines[$0] != nil }) else { return facts }
    for place in Set(places).sorted() {
      for entry in lines[place.file] ?? [] where entry.line == place.line { facts.merge(entry.facts) { $1 } }
    }
    return facts
  }
}

extension [String: Sourced<String>] {
  func number(_ name: String) -> Sourced<Int>? {
    self[name].flatMap { fact in Int(fact.value).map { Sourced<Int>($0, fact.origin) } }
  }

  func surge(_ name: String) -> Sourced<AuditOptions.Surge>? {
    self[name].flatMap { fact in
      let isPercent = fact.value.hasSuffix("%")
      guard let amount = Int(isPercent ? String(fact.value.dropLast()) : fact.value), amount >= 0 else { return nil }
      return Sourced<AuditOptions.Surge>(isPercent ? .percent(amount) : .count(amount), fact.origin)
    }
  }

  /// `1.21` or `1.21.0`.
  func version(_ name: String) -> Sourced<[Int]>? {
    self[name].flatMap { fact in
      let parts = fact.value.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
      let numbers = parts.compactMap { $0 }
      return numbers.isEmpty || numbers.count < parts.count ? nil : Sourced<[Int]>(numbers, fact.origin)
    }
  }
}
