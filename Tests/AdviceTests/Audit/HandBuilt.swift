import Configuration

/// Configuration files built by hand from a few lines, as the readers would give them.
enum HandBuilt {
  /// `NAME=value` a line; addresses are those values that hold `://`; `# poolops: a=b` is a directive.
  static func env(_ text: String, path: String = ".env", kind: Application.Kind = .settings, name: String? = nil)
    -> ConfigurationFile
  {
    var file = ConfigurationFile(path: path, format: .environment)
    var application = Application(kind, name: name ?? path, at: Place(path, line: 1))
    fill(&application, text, path, &file)
    file.applications = [application]
    return file
  }

  /// A workload with its variables, one a line.
  static func workload(
    _ kind: Application.Kind, _ name: String, replicas: Int? = nil, surge: Application.Surge? = nil,
    processes: Int? = nil, sources: [Application.Source] = [], path: String = "app.yaml", _ text: String
  ) -> ConfigurationFile {
    let format: ConfigurationFile.Format = kind == .service ? .compose : .kubernetes
    var file = ConfigurationFile(path: path, format: format)
    var application = Application(kind, name: name, at: Place(path, line: 1))
    fill(&application, text, path, &file)
    application.replicas = replicas.map { Counted($0, at: Place(path, line: 90)) }
    application.processes = processes.map { Counted($0, at: Place(path, line: 91)) }
    application.surge = surge
    application.sources = sources
    file.applications = [application]
    return file
  }

  private static func fill(
    _ application: inout Application, _ text: String, _ path: String, _ file: inout ConfigurationFile
  ) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let place = Place(path, line: index + 1)
      if line.hasPrefix("# poolops: ") { file.directives.append(directive(line, place)); continue }
      guard let (name, value) = pair(line) else { continue }
      if value.contains("://") {
        application.addresses.append(address(name, value, place))
      } else {
        application.settings.append(Written(name, value, at: place, placeholders: placeholders(value)))
      }
    }
  }

  private static func directive(_ line: Substring, _ place: Place) -> Directive {
    let facts = line.dropFirst("# poolops: ".count).split(separator: " ").compactMap(pair)
    return Directive(
      .facts(Dictionary(facts, uniquingKeysWith: { $1 })), at: place, standsAlone: true, line: nil)
  }

  private static func pair(_ line: some StringProtocol) -> (String, String)? {
    guard let equals = line.firstIndex(of: "=") else { return nil }
    let trimmed = { (text: String) in text.split(separator: " ").joined(separator: " ") }
    return (trimmed(String(line[..<equals])), trimmed(String(line[line.index(after: equals)...])))
  }

  private static func placeholders(_ text: String) -> [String] {
    guard let start = text.range(of: "${"), let end = text[start.upperBound...].firstIndex(of: "}") else { return [] }
    return [String(text[start.upperBound..<end])]
  }

  /// `scheme://user@host:port/database?a=b`.
  static func address(_ name: String, _ text: String, _ place: Place) -> DatabaseAddress {
    let halves = text.split(separator: "?", maxSplits: 1).map(String.init)
    let scheme = String(halves[0].prefix(upTo: halves[0].range(of: "://")?.lowerBound ?? halves[0].startIndex))
    let rest = halves[0].dropFirst(scheme.count + 3).split(separator: "@")
    let path = (rest.last ?? "").split(separator: "/")
    let host = (path.first ?? "").split(separator: ":")
    let options = (halves.count > 1 ? halves[1] : "").split(separator: "&").compactMap(pair)
    return DatabaseAddress(
      name: name, scheme: scheme, hosts: [.init(String(host[0]), port: host.count > 1 ? Int(host[1]) ?? 0 : 5432)],
      database: path.count > 1 ? String(path[1]) : nil, user: rest.count > 1 ? String(rest[0]) : nil,
      options: options.map { Written($0.0, $0.1, at: place) }, at: place, placeholders: placeholders(text))
  }

  /// `key = value` a line under `[databases]`, `[users]` and `[pgbouncer]`.
  static func pgBouncer(_ text: String, path: String = "pgbouncer.ini") -> ConfigurationFile {
    var file = ConfigurationFile(path: path, format: .pgBouncer)
    var pooler = Pooler(.pgBouncer, name: path, at: Place(path, line: 1))
    var section = ""
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let place = Place(path, line: index + 1)
      if line.hasPrefix("# poolops: ") { file.directives.append(directive(line, place)); continue }
      if line.hasPrefix("[") { section = String(line.dropFirst().dropLast()); continue }
      guard let (name, value) = pair(line) else { continue }
      let words = value.split(separator: " ").compactMap { pair($0) }.map { Written($0.0, $0.1, at: place) }
      switch section {
      case "databases": pooler.databases.append(.init(name: name, settings: words, at: place))
      case "users": pooler.users.append(.init(name: name, settings: words, at: place))
      default: pooler.settings.append(Written(name, value, at: place))
      }
    }
    file.poolers = [pooler]
    return file
  }

  static func postgres(_ text: String, path: String = "postgresql.conf", limits: [Server.Limit] = [])
    -> ConfigurationFile
  {
    var file = ConfigurationFile(path: path, format: .postgreSQL)
    var server = Server(name: path, at: Place(path, line: 1))
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let (name, value) = pair(line) else { continue }
      server.settings.append(Written(name, value, at: Place(path, line: index + 1)))
    }
    server.limits = limits
    file.servers = [server]
    return file
  }
}

extension String {
  /// The first place of a part.
  fileprivate func range(of part: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }
}
