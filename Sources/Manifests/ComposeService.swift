import Configuration
import YAML

/// A service of a Compose file, with what it extends already under it.
struct ComposeService {
  var name: String
  var place: Place
  var item: Item
}

extension ComposeReader {
  mutating func read(_ service: ComposeService) {
    let image = fill(service.item["image"])?.text
    let (variables, missing) = variables(of: service)
    let command = words(service.item["entrypoint"]) + words(service.item["command"])
    switch role(image, command) {
    case .server: addServer(service, image, variables, command)
    case .pgBouncer: addPooler(.pgBouncer, service, variables)
    case .pgCat: addPooler(.pgCat, service, variables)
    case .odyssey: addPooler(.odyssey, service, variables)
    case .other:
      var application = Application(isJob(service) ? .job : .service, name: service.name, at: service.place)
      application.sources = missing
      application.image = image.map(Redaction.text)
      application.command = Redaction.command(command)
      application.profiles = (service.item["profiles"]?.items ?? []).compactMap { fill($0)?.text }
      application.replicas = replicas(service)
      application.surge = surge(service)
      application.processes = Processes.count(
        command: command, at: commandPlace(service), settings: variables.settings)
      gathering.add(application, variables)
    }
  }

  /// By the image, or by the program that is run: an image built here says nothing by its name.
  private func role(_ image: String?, _ command: [String]) -> Image.Role {
    let role = image.map { Image($0).role } ?? .other
    guard role == .other else { return role }
    switch ShellWords.ofProgram(command).first(where: { $0 != "exec" }).map(ShellWords.fileName) {
    case "postgres", "postmaster": return .server
    case "pgbouncer": return .pgBouncer
    default: return .other
    }
  }

  // MARK: Variables

  /// Env files first, then its own, which win; and the env files that are not there.
  private mutating func variables(of service: ComposeService) -> (Variables, [Application.Source]) {
    var variables = Variables()
    var missing: [Application.Source] = []
    for item in service.item["env_file"]?.items ?? [] {
      guard let file = fill(item) ?? fill(item["path"]) else { continue }
      let path = gathering.path(beside: file.text)
      if let bytes = gathering.others(path) {
        add(bytes, path, to: &variables)
      } else {
        missing.append(.file(file.text, item.place))
        if item["required"]?.text != "false" {
          gathering.notice("the env file \(quoted(file.text)) is not there, or may not be read", at: item.place)
        }
      }
    }
    for field in service.item["environment"]?.fields ?? [] { set(field, &variables) }
    return (variables, missing)
  }

  private mutating func add(_ bytes: [UInt8], _ path: String, to variables: inout Variables) {
    let file = environmentFiles[path] ?? TextReader.environment.read(bytes, path: path, others: gathering.others)
    environmentFiles[path] = file
    for application in file.applications { variables.add(application.settings, application.addresses) }
    gathering.include(file)
  }

  /// A name without a value takes it from where Compose is started.
  private mutating func set(_ field: Item.Field, _ variables: inout Variables) {
    let text = field.item.text ?? (field.item.isNothing ? "${\(field.name)}" : nil)
    guard let text else {
      gathering.notice("the variable \(quoted(field.name)) is not one value", at: field.place)
      return
    }
    let place = field.item.isNothing ? field.place : field.item.place
    if ServerVariables.isOneValue(field.name), !field.item.isNothing {
      // In a list the name and the value are one text.
      let isListed = field.place == place
      gathering.file.manners[place] = isListed ? .assignment(field.name) : .key(field.name)
    }
    variables.set(field.name, fill(text), at: place, &gathering)
  }

  // MARK: Copies

  private func isJob(_ service: ComposeService) -> Bool { service.item["deploy"]?["mode"]?.text == "replicated-job" }

  private mutating func replicas(_ service: ComposeService) -> Counted? {
    let deploy = service.item["deploy"]
    if let mode = deploy?["mode"], mode.text == "global" {
      gathering.notice("'mode: global' runs one copy on each machine: how many is not known", at: mode.place)
      return nil
    }
    return count(deploy?["replicas"], "replicas") ?? count(service.item["scale"], "scale")
  }

  /// Swarm starts new copies beside the old ones only with `order: start-first`, as many at once as `parallelism`
  /// says: 1 when it is not written, all with 0.
  private mutating func surge(_ service: ComposeService) -> Application.Surge? {
    guard let update = service.item["deploy"]?["update_config"] else { return nil }
    guard let order = fill(update["order"]), order.text == "start-first" else {
      return .count(Counted(0, at: update["order"]?.place ?? update.place))
    }
    let place = update["parallelism"]?.place ?? update["order"]?.place ?? update.place
    let parallelism = count(update["parallelism"], "parallelism") ?? Counted(1, at: place)
    return parallelism.value == 0 ? .percent(Counted(100, at: place)) : .count(parallelism)
  }

  private func commandPlace(_ service: ComposeService) -> Place {
    (service.item["command"] ?? service.item["entrypoint"])?.place ?? service.place
  }

  // MARK: Servers and poolers

  private mutating func addServer(
    _ service: ComposeService, _ image: String?, _ variables: Variables, _ command: [String]
  ) {
    var server = Server(name: service.name, at: service.place)
    server.version = image.flatMap { Image($0).version }
    server.hosts = hosts(service)
    let settings = ServerCommand.settings(command, at: commandPlace(service))
    if let path = settings.last(where: { $0.name == "config_file" })?.text, let file = mounted(path, service) {
      let read = TextReader.postgreSQL.read(file.bytes, path: file.path, others: gathering.others)
      server.settings += read.servers.flatMap(\.settings)
      gathering.include(read)
    }
    ServerVariables.add(variables.settings, to: &server)
    server.settings += settings
    gathering.file.servers.append(server)
  }

  private mutating func addPooler(_ software: Pooler.Software, _ service: ComposeService, _ variables: Variables) {
    var pooler = Pooler(software, name: service.name, at: service.place)
    pooler.replicas = replicas(service)
    pooler.hosts = hosts(service)
    pooler.version = fill(service.item["image"]).flatMap { Image($0.text).pgBouncer }
    if software == .pgBouncer {
      if let file = mounted(suffix: "pgbouncer.ini", service) {
        let read = TextReader.pgBouncer.read(file.bytes, path: file.path, others: gathering.others)
        for found in read.poolers { pooler.take(found) }
        gathering.include(read)
      }
      PoolerVariables.add(variables.settings, to: &pooler)
    } else {
      gathering.notice("the settings of \(software.rawValue) are not read", at: service.place)
    }
    gathering.file.poolers.append(pooler)
  }

  /// The names under which other services reach it, besides its own.
  private mutating func hosts(_ service: ComposeService) -> [String] {
    var hosts = [fill(service.item["container_name"]), fill(service.item["hostname"])].compactMap { $0?.text }
    for network in service.item["networks"]?.fields ?? [] {
      hosts += (network.item["aliases"]?.items ?? []).compactMap { fill($0)?.text }
    }
    return hosts
  }

  // MARK: Mounted files

  private typealias Mount = (host: String, target: String)

  private mutating func mounted(_ target: String, _ service: ComposeService) -> (path: String, bytes: [UInt8])? {
    read(mounts(service).last { $0.target == target })
  }

  private mutating func mounted(suffix: String, _ service: ComposeService) -> (path: String, bytes: [UInt8])? {
    read(mounts(service).last { $0.target.hasSuffix(suffix) })
  }

  private func read(_ mount: Mount?) -> (path: String, bytes: [UInt8])? {
    guard let mount else { return nil }
    let path = gathering.path(beside: mount.host)
    return gathering.others(path).map { (path, $0) }
  }

  /// `./postgresql.conf:/etc/postgresql/postgresql.conf:ro`, and the long form.
  private mutating func mounts(_ service: ComposeService) -> [Mount] {
    var mounts: [Mount] = []
    for item in service.item["volumes"]?.items ?? [] {
      if let text = fill(item)?.text {
        let parts = text.split(separator: ":")
        if parts.count > 1 { mounts.append((String(parts[0]), String(parts[1]))) }
      } else if let source = fill(item["source"])?.text, let target = fill(item["target"])?.text {
        mounts.append((source, target))
      }
    }
    return mounts
  }
}

extension Pooler {
  /// Takes over what a file of its own says.
  mutating func take(_ other: Pooler) {
    settings += other.settings
    databases += other.databases
    users += other.users
  }
}
