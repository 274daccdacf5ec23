import Configuration
import YAML

/// `compose.yaml`: services with their variables, copies and command lines; images of PostgreSQL are servers, images of
/// PgBouncer poolers.
///
/// Values are filled from the `.env` beside the file and from fallbacks, as Compose does; an override file with the
/// usual name is joined in.
package enum ComposeFile {
  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    withoutActuallyEscaping(others) { others in
      var reader = ComposeReader(bytes, path: path, others: others)
      reader.read()
      return reader.gathering.file
    }
  }
}

struct ComposeReader {
  var gathering: Gathering
  private var interpolation = Interpolation(.compose)
  /// Of the `.env` beside the file.
  private var environment = Variables()
  /// The env files of services that are read already.
  var environmentFiles: [String: ConfigurationFile] = [:]
  private var root = Item(.nothing, at: Place("", line: 1))

  init(_ bytes: [UInt8], path: String, others: @escaping OtherFiles) {
    gathering = Gathering(bytes, path: path, .compose, others: others)
  }

  mutating func read() {
    if let base = baseOfOverride {
      gathering.notice("read together with \(base), over which it is laid", at: Place(path, line: 1))
      return
    }
    for document in gathering.documents { root = normal(document).merged(over: root) }
    joinOverride()
    readEnvironmentFile()
    if let include = root["include"] {
      gathering.notice("'include' is not followed: give those files too", at: include.place)
    }
    guard let services = root["services"] else { return }
    for field in services.fields { self.services[field.name] = field.item }
    let fields = services.fields.filter { !$0.name.hasPrefix("x-") }
    for field in fields.prefix(Self.mostServices) { read(service: field) }
    if fields.count > Self.mostServices {
      gathering.file.say(.fault, "only the first \(Self.mostServices) services are read", at: services.place)
    }
  }

  private var services: [String: Item] = [:]
  private static let mostServices = 1_000

  private var path: String { gathering.file.path }

  // MARK: Files beside it

  private static let overrides = [
    "compose.yaml": ["compose.override.yaml", "compose.override.yml"],
    "compose.yml": ["compose.override.yml", "compose.override.yaml"],
    "docker-compose.yml": ["docker-compose.override.yml", "docker-compose.override.yaml"],
    "docker-compose.yaml": ["docker-compose.override.yaml", "docker-compose.override.yml"],
  ]

  /// The file that Compose lays this one over by itself, when this one has the name of an override and it is there.
  private var baseOfOverride: String? {
    let name = ShellWords.fileName(path)
    guard name.contains(".override.") else { return nil }
    let bases = Self.overrides.filter { $0.value.contains(name) }.keys.sorted()
    return bases.first { gathering.others(gathering.path(beside: $0)) != nil }
  }

  private mutating func joinOverride() {
    for name in Self.overrides[ShellWords.fileName(path)] ?? [] {
      let path = gathering.path(beside: name)
      guard let bytes = gathering.others(path) else { continue }
      let override = Gathering(bytes, path: path, .compose, others: gathering.others)
      gathering.file.includes.append(path)
      gathering.file.remarks += override.file.remarks
      gathering.file.directives += override.file.directives
      for document in override.documents { root = normal(document).merged(over: root) }
      return
    }
  }

  private mutating func readEnvironmentFile() {
    let path = gathering.path(beside: ".env")
    guard let bytes = gathering.others(path) else { return }
    for application in TextReader.environment.read(bytes, path: path, others: gathering.others).applications {
      environment.add(application.settings, application.addresses)
    }
  }

  // MARK: Texts

  mutating func fill(_ text: String) -> Filled {
    interpolation.expand(text) { [environment] name in environment.filled(name) }
  }

  mutating func fill(_ item: Item?) -> Filled? { item?.text.map { fill($0) } }

  mutating func count(_ item: Item?, _ name: String) -> Counted? {
    guard let item else { return nil }
    guard let filled = fill(item) else { return gathering.count(item, name) }
    return gathering.count(item, name, filled)
  }

  /// A command line: one text, which Compose splits as a shell does, or a list of words.
  mutating func words(_ item: Item?) -> [String] {
    if let filled = fill(item) { return ShellWords.split(filled.text) }
    return (item?.items ?? []).compactMap { fill($0)?.text }
  }

  // MARK: Shapes

  /// The same with every service in its long form, so that two can be joined.
  private func normal(_ document: Item) -> Item {
    document.mapping("services") { services in
      guard case .map(var fields) = services.content else { return services }
      for index in fields.indices { fields[index].item = Self.normal(service: fields[index].item) }
      return Item(.map(fields), at: services.place)
    }
  }

  private static func normal(service: Item) -> Item {
    service.mapping("environment", assignments).mapping("env_file", list).mapping("profiles", list)
  }

  /// `- NAME=value` as `NAME: value`; a name alone has no value.
  private static func assignments(_ item: Item) -> Item {
    guard case .list(let items) = item.content else { return item }
    let fields = items.compactMap { entry -> Item.Field? in
      guard let text = entry.text else { return nil }
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value: Item.Content = parts.count > 1 ? .text(String(parts[1])) : .nothing
      return Item.Field(name: String(parts[0]), place: entry.place, item: Item(value, at: entry.place))
    }
    return Item(.map(fields), at: item.place)
  }

  private static func list(_ item: Item) -> Item {
    if case .list = item.content { return item }
    return Item(.list([item]), at: item.place)
  }

  // MARK: Services

  private mutating func read(service field: Item.Field) {
    guard field.item.isMap else {
      if !field.item.isNothing {
        gathering.notice("the service \(quoted(field.name)) has no keys: it is not read", at: field.place)
      }
      return
    }
    let service = extended(field.item, depth: 0)
    read(ComposeService(name: field.name, place: field.place, item: service))
  }

  /// With the service of the same file that it extends under it.
  private mutating func extended(_ service: Item, depth: Int) -> Item {
    guard let extends = service["extends"] else { return service }
    let name = fill(extends)?.text ?? fill(extends["service"])?.text ?? ""
    let file = fill(extends["file"])?.text
    guard file.map({ gathering.path(beside: $0) == path }) ?? true else {
      gathering.notice(
        "'extends' of another file is not followed: what \(quoted(file ?? "")) sets is not known", at: extends.place)
      return service
    }
    guard depth < 8, let base = services[name] else {
      gathering.notice("'extends' names \(quoted(name)), which is no service of this file", at: extends.place)
      return service
    }
    return service.merged(over: extended(base, depth: depth + 1))
  }
}

extension Item {
  /// The same with one field of it made anew.
  func mapping(_ name: String, _ change: (Item) -> Item) -> Item {
    guard case .map(var fields) = content else { return self }
    for index in fields.indices where fields[index].name == name && !fields[index].item.isNothing {
      fields[index].item = change(fields[index].item)
    }
    var copy = self
    copy.content = .map(fields)
    return copy
  }
}
