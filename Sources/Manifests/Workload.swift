import Configuration
import YAML

/// Something that runs pods.
struct Workload {
  var kind: Application.Kind
  var name: String
  var namespace: String?
  var place: Place
  /// Of its pods.
  var pod: Item
  var labels: [Item.Field]
  var replicas: Counted?
  var surge: Application.Surge?
  var parallelism: Counted?
  /// A CronJob whose runs may overlap.
  var mayOverlap = false

  /// nil for what runs no pods, or says nothing of them.
  init?(_ object: KubernetesObject, _ gathering: inout Gathering) {
    name = object.name
    namespace = object.namespace
    place = object.place
    guard let kind = Self.kind(object), let (pod, labels) = Self.template(object) else { return nil }
    self.kind = kind
    self.pod = pod
    self.labels = labels
    let spec = object.spec ?? object.item
    switch kind {
    case .job, .cronJob:
      let job = object.kind == "CronJob" ? spec[["jobTemplate", "spec"]] : spec
      parallelism = Self.parallelism(job, &gathering)
      mayOverlap = object.kind == "CronJob" && (spec["concurrencyPolicy"]?.text ?? "Allow") == "Allow"
    default:
      replicas = object.kind == "Pod" ? Counted(1, at: place) : gathering.count(spec["replicas"], "replicas")
      surge = Self.surge(object, spec, &gathering)
    }
  }

  private static func kind(_ object: KubernetesObject) -> Application.Kind? {
    switch object.kind {
    case "Deployment", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout", "Pod": .deployment
    case "StatefulSet": .statefulSet
    case "DaemonSet": .daemonSet
    case "Job": .job
    case "CronJob": .cronJob
    default: nil
    }
  }

  private static func template(_ object: KubernetesObject) -> (pod: Item, labels: [Item.Field])? {
    let holder =
      switch object.kind {
      case "Pod": object.item
      case "CronJob": object.item[["spec", "jobTemplate", "spec", "template"]]
      default: object.item[["spec", "template"]]
      }
    guard let holder, let pod = holder["spec"] else { return nil }
    return (pod, holder[["metadata", "labels"]]?.fields ?? [])
  }

  /// No more run at once than are to be completed.
  private static func parallelism(_ job: Item?, _ gathering: inout Gathering) -> Counted? {
    guard let parallelism = gathering.count(job?["parallelism"], "parallelism") else { return nil }
    guard let completions = gathering.count(job?["completions"], "completions") else { return parallelism }
    return completions.value < parallelism.value ? completions : parallelism
  }

  /// nil where Kubernetes' default for a Deployment holds.
  private static func surge(
    _ object: KubernetesObject, _ spec: Item, _ gathering: inout Gathering
  ) -> Application.Surge? {
    let none = Application.Surge.count(Counted(0, at: object.place))
    let strategy = spec["strategy"] ?? spec["updateStrategy"]
    switch object.kind {
    case "Deployment", "DeploymentConfig":
      if let type = strategy?["type"], type.text == "Recreate" { return .count(Counted(0, at: type.place)) }
      let rolling = strategy?["rollingUpdate"] ?? strategy?["rollingParams"]
      return surge(rolling?["maxSurge"], &gathering)
    case "DaemonSet": return surge(strategy?[["rollingUpdate", "maxSurge"]], &gathering) ?? none
    case "Rollout":
      // A blue-green rollout runs all of the new beside all of the old.
      if let blueGreen = strategy?["blueGreen"] { return .percent(Counted(100, at: blueGreen.place)) }
      return surge(strategy?[["canary", "maxSurge"]], &gathering)
    default: return none
    }
  }

  private static func surge(_ item: Item?, _ gathering: inout Gathering) -> Application.Surge? {
    guard let item else { return nil }
    if let text = item.text, text.hasSuffix("%"), let percent = Int(text.dropLast()), (0...100).contains(percent) {
      return .percent(Counted(percent, at: item.place))
    }
    return gathering.count(item, "maxSurge").map(Application.Surge.count)
  }
}

// Its containers.
extension KubernetesReader {
  mutating func read(_ workload: Workload) {
    let containers = workload.pod["containers"]?.items ?? []
    let initial = workload.pod["initContainers"]?.items ?? []
    // One that is always restarted runs beside the others.
    let sidecars = initial.filter { $0["restartPolicy"]?.text == "Always" }
    var found: [(container: PodContainer, application: Application)] = []
    for item in sidecars + containers {
      let container = container(item, of: workload)
      switch container.role {
      case .server: addServer(container, workload)
      case .pgBouncer: addPooler(.pgBouncer, container, workload, isAlone: containers.count + sidecars.count == 1)
      case .pgCat: addPooler(.pgCat, container, workload, isAlone: containers.count + sidecars.count == 1)
      case .odyssey: addPooler(.odyssey, container, workload, isAlone: containers.count + sidecars.count == 1)
      case .other: found.append((container, application(container, of: workload)))
      }
    }
    add(found, workload, isOnly: containers.count + sidecars.count == 1)
    for item in initial where item["restartPolicy"]?.text != "Always" { addInitial(item, workload) }
  }

  /// The one that opens databases has the workload's name; where that cannot be told, each has its own.
  private mutating func add(
    _ found: [(container: PodContainer, application: Application)], _ workload: Workload, isOnly: Bool
  ) {
    let openers = found.filter(\.container.mayOpenDatabase)
    for (container, application) in found {
      var application = application
      let isMain = isOnly || found.count == 1 || (openers.count == 1 && container.mayOpenDatabase)
      if !isMain { application.name += "/" + container.name }
      gathering.add(application, container.variables)
      if workload.mayOverlap, container.mayOpenDatabase {
        gathering.notice(
          "'concurrencyPolicy' is Allow: a run that takes longer than its schedule overlaps with the next",
          at: workload.place)
      }
    }
  }

  /// It ends before the others begin, in each pod.
  private mutating func addInitial(_ item: Item, _ workload: Workload) {
    let container = container(item, of: workload)
    guard container.role == .other, container.mayOpenDatabase else { return }
    var application = application(container, of: workload)
    application.kind = .job
    application.name += "/" + container.name
    application.parallelism = workload.parallelism ?? workload.replicas
    application.replicas = nil
    application.surge = nil
    gathering.add(application, container.variables)
  }

  private func application(_ container: PodContainer, of workload: Workload) -> Application {
    var application = Application(
      workload.kind, name: workload.name, namespace: workload.namespace, at: workload.place)
    application.image = container.image.map(Redaction.text)
    application.command = Redaction.command(container.command)
    application.sources = container.sources
    application.replicas = workload.replicas
    application.surge = workload.surge
    application.parallelism = workload.parallelism
    application.processes = Processes.count(
      command: container.command, at: container.commandPlace, settings: container.variables.settings)
    return application
  }

  private mutating func addServer(_ container: PodContainer, _ workload: Workload) {
    var server = Server(name: workload.name, at: workload.place)
    server.version = container.image.flatMap { Image($0).version }
    server.hosts = hosts(labels: workload.labels, namespace: workload.namespace)
    take(container.mounted) { file in
      server.settings += file.servers.flatMap(\.settings)
      return !file.servers.isEmpty
    }
    ServerVariables.add(container.variables.settings, to: &server)
    server.settings += ServerCommand.settings(container.command, at: container.commandPlace)
    gathering.file.servers.append(server)
  }

  private mutating func addPooler(
    _ software: Pooler.Software, _ container: PodContainer, _ workload: Workload, isAlone: Bool
  ) {
    let name = isAlone ? workload.name : workload.name + "/" + container.name
    var pooler = Pooler(software, name: name, at: workload.place)
    pooler.replicas = workload.replicas
    pooler.hosts = hosts(labels: workload.labels, namespace: workload.namespace)
    pooler.version = container.image.flatMap { Image($0).pgBouncer }
    if software == .pgBouncer {
      take(container.mounted) { file in
        for found in file.poolers { pooler.take(found) }
        return !file.poolers.isEmpty
      }
      PoolerVariables.add(container.variables.settings, to: &pooler)
    } else {
      gathering.notice("the settings of \(software.rawValue) are not read", at: workload.place)
    }
    gathering.file.poolers.append(pooler)
  }

  /// Offers the files of ConfigMaps; those that are taken do not stand for themselves any more.
  mutating func take(_ names: [ObjectName], _ offer: (ConfigurationFile) -> Bool) {
    for name in names {
      for index in maps[name]?.files.indices ?? 0..<0 {
        guard let file = maps[name]?.files[index], offer(file.read) else { continue }
        maps[name]?.files[index].isTaken = true
      }
    }
  }
}
