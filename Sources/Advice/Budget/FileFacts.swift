import Configuration

/// What the comments of files say: `# poolops: pool=psycopg2 processes=4`.
struct FileFacts {
  private var whole: [String: [String: Sourced<String>]] = [:]
  /// Of single workloads and services, by the place where each begins.
  private var owned: [Place: [String: Sourced<String>]] = [:]

  init(_ files: [ConfigurationFile]) {
    for file in files {
      let owners = Self.owners(file)
      for directive in file.directives {
        guard case .facts(let facts) = directive.content else { continue }
        let sourced = facts.mapValues { Sourced($0, .directive(directive.place)) }
        if let line = directive.line, let owner = Self.owner(of: line, owners, file.format) {
          owned[owner, default: [:]].merge(sourced) { $1 }
        } else {
          whole[directive.place.file, default: [:]].merge(sourced) { $1 }
        }
      }
    }
  }

  /// What begins where in a file that holds several; empty for a file that is one.
  private static func owners(_ file: ConfigurationFile) -> [Place] {
    switch file.format {
    case .environment, .connection, .pgBouncer, .postgreSQL, .properties, .toml: return []
    case .spring, .compose, .kubernetes:
      let places = file.applications.map(\.place) + file.poolers.map(\.place) + file.servers.map(\.place)
      return Set(places.filter { $0.file == file.path }).sorted()
    }
  }

  /// The one that a line is within; above the name of a Kubernetes object stand its kind and version.
  private static func owner(of line: Int, _ owners: [Place], _ format: ConfigurationFile.Format) -> Place? {
    if format == .kubernetes, let next = owners.first(where: { (line...line + 3).contains($0.line) }) { return next }
    return owners.last { $0.line <= line } ?? owners.first
  }

  /// Of something that is written at these places: the file's, and over them its own.
  func facts(at places: [Place]) -> [String: Sourced<String>] {
    var facts: [String: Sourced<String>] = [:]
    for file in Set(places.map(\.file)).sorted() { facts.merge(whole[file] ?? [:]) { $1 } }
    for place in Set(places).sorted() { facts.merge(owned[place] ?? [:]) { $1 } }
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
