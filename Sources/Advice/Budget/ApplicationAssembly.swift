import Configuration

/// Puts each application together with its env files, ConfigMaps, autoscaler and directives.
struct ApplicationAssembly {
  private let files: [ConfigurationFile]
  private let options: AuditOptions
  private let known: Set<String>
  private let facts: FileFacts
  private let alternatives: Alternatives
  private let settingsFiles: [String: Application]
  private let configMaps: [String: [ConfigMap]]
  private let autoscalers: [String: [Autoscaler]]

  /// - Parameter known: servers and poolers, which are no applications.
  init(_ files: [ConfigurationFile], _ options: AuditOptions, _ facts: FileFacts, known: Set<String>) {
    self.files = files
    self.options = options
    self.known = known
    self.facts = facts
    alternatives = Alternatives(files, options.profiles)
    let all = files.flatMap(\.applications)
    settingsFiles = Dictionary(
      all.filter { $0.kind == .settings }.map { (normalised($0.place.file), $0) },
      uniquingKeysWith: { first, _ in first })
    configMaps = Dictionary(grouping: files.flatMap(\.configMaps), by: \.name)
    autoscalers = Dictionary(grouping: files.flatMap(\.autoscalers), by: \.targetName)
  }

  var applications: [ApplicationUse] {
    let all = files.flatMap(\.applications)
    let workloads = all.filter { $0.kind != .settings }
    let taken = Set(workloads.flatMap(envFiles) + workloads.flatMap(Self.filesWithin))
    return all.filter { !known.contains($0.name) || $0.kind == .settings }
      .filter { $0.kind != .settings || !taken.contains(normalised($0.place.file)) }.map(use)
  }

  /// Files whose settings its reader has put among its own.
  private static func filesWithin(_ application: Application) -> [String] {
    let files = Set(application.settings.map(\.place.file) + application.addresses.map(\.place.file))
    return files.filter { $0 != application.place.file }.map(normalised)
  }

  private func envFiles(_ application: Application) -> [String] {
    application.sources.compactMap { source in
      if case .file(let path, _) = source { resolved(path, from: application) } else { nil }
    }
  }

  private func resolved(_ path: String, from application: Application) -> String {
    if path.hasPrefix("/") { return normalised(path) }
    let folder = directory(application.place.file)
    return normalised(folder.isEmpty ? path : "\(folder)/\(path)")
  }

  private func use(_ application: Application) -> ApplicationUse {
    var settings: [Configuration.Written] = []
    var addresses: [DatabaseAddress] = []
    var unseen: [Application.Source] = []
    for source in application.sources {
      switch source {
      case .file(let path, _):
        if let file = settingsFiles[resolved(path, from: application)] {
          settings += file.settings
          addresses += file.addresses
        } else if !application.settings.contains(where: { $0.place.file.hasSuffix(path) }) {
          unseen.append(source)
        }
      case .configMap(let name, _):
        guard let map = configMap(name, application) else { unseen.append(source); continue }
        settings += map.settings
        addresses += map.settings.compactMap(Self.address)
      case .secret: unseen.append(source)
      }
    }
    settings += application.settings
    // A name that the application sets itself stands over an address that its env file gives by that name.
    addresses = addresses.filter { outer in !application.addresses.contains { $0.name == outer.name } }
    addresses += application.addresses
    let facts = facts.facts(at: [application.place] + settings.map(\.place) + addresses.map(\.place))
    return ApplicationUse(
      name: application.name, kind: application.kind, place: application.place, settings: settings,
      addresses: lastOfEachName(addresses), copies: copies(application, settings, facts), command: application.command,
      image: application.image, facts: facts, unseen: unseen, aside: alternatives.reason(application))
  }

  private static func address(_ written: Configuration.Written) -> DatabaseAddress? {
    ConnectionString.read(written.text, name: written.name, at: written.place, placeholders: written.placeholders)?
      .address
  }

  /// Of a name that is written twice the last one counts.
  private func lastOfEachName(_ addresses: [DatabaseAddress]) -> [DatabaseAddress] {
    var seen: Set<String> = []
    return addresses.reversed().filter { seen.insert($0.name).inserted }.reversed()
  }

  private func configMap(_ name: String, _ application: Application) -> ConfigMap? {
    let maps = configMaps[name] ?? []
    return maps.last { $0.namespace == application.namespace } ?? (maps.count == 1 ? maps[0] : nil)
  }

  private func copies(
    _ application: Application, _ settings: [Configuration.Written], _ facts: [String: Sourced<String>]
  ) -> Copies {
    Copies(
      replicas: facts.number("replicas") ?? replicas(application),
      processes: facts.number("processes") ?? processes(application, settings),
      surge: facts.surge("surge") ?? surge(application))
  }

  private func replicas(_ application: Application) -> Sourced<Int> {
    if let scaler = autoscaler(application) { return Sourced(scaler.maximum.value, .written(scaler.maximum.place)) }
    let name = application.name
    switch application.kind {
    case .job, .cronJob:
      return application.parallelism.map(Self.written) ?? Sourced(1, .standard("Kubernetes"))
    case .daemonSet:
      return given
        ?? Sourced(1, .assumed("\(name) runs once on each node, and their number is not given: counted once"))
    case .deployment, .statefulSet:
      return application.replicas.map(Self.written) ?? given ?? Sourced(1, .standard("Kubernetes"))
    case .service: return application.replicas.map(Self.written) ?? given ?? Sourced(1, .standard("Compose"))
    case .settings:
      return application.replicas.map(Self.written) ?? given
        ?? Sourced(1, .assumed("replicas of \(name) are not given: counted once"))
    }
  }

  private var given: Sourced<Int>? { options.replicas.map { Sourced($0, .option("--replicas")) } }

  private static func written(_ counted: Counted) -> Sourced<Int> { Sourced(counted.value, .written(counted.place)) }

  private func autoscaler(_ application: Application) -> Autoscaler? {
    // Of several containers of a workload each has the workload's name and its own: `api/web`.
    let workload = application.name.split(separator: "/").first.map(String.init) ?? application.name
    return (autoscalers[workload] ?? []).last {
      $0.targetKind.lowercased() == application.kind.rawValue.lowercased() && $0.namespace == application.namespace
    }
  }

  private func processes(_ application: Application, _ settings: [Configuration.Written]) -> Sourced<Int> {
    if let processes = application.processes { return Self.written(processes) }
    if let written = settings.last(where: { Self.workers.contains($0.name) }), let count = Int(written.text), count > 0
    {
      return Sourced(count, .written(written.place))
    }
    return options.processes.map { Sourced($0, .option("--processes")) }
      ?? Sourced(1, .assumed("processes in one copy of \(application.name) are not given: one is counted"))
  }

  /// gunicorn and uvicorn read the first; the others are common in start scripts.
  private static let workers: Set<String> = ["WEB_CONCURRENCY", "GUNICORN_WORKERS", "UVICORN_WORKERS"]

  private func surge(_ application: Application) -> Sourced<AuditOptions.Surge> {
    switch application.surge {
    case .count(let count): return Sourced(.count(count.value), .written(count.place))
    case .percent(let percent): return Sourced(.percent(percent.value), .written(percent.place))
    case nil: break
    }
    let given = options.surge.map { Sourced($0, .option("--surge")) }
    switch application.kind {
    case .deployment: return given ?? Sourced(.percent(25), .standard("Kubernetes"))
    case .service: return given ?? Sourced(.count(0), .standard("Compose"))
    case .statefulSet, .daemonSet, .job, .cronJob: return Sourced(.count(0), .standard("Kubernetes"))
    case .settings:
      return given
        ?? Sourced(
          .count(0), .assumed("the surge of a rolling deploy of \(application.name) is not given: none is counted"))
    }
  }
}

/// A path without `.` and `..` where they can be resolved.
func normalised(_ path: String) -> String {
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}
