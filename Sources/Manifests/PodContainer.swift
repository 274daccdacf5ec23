import Configuration
import YAML

/// A container of a pod, with its variables as far as they are known.
struct PodContainer {
  var name: String
  var image: String?
  var command: [String] = []
  var commandPlace: Place
  var variables = Variables()
  /// ConfigMaps and Secrets that are not in this file.
  var sources: [Application.Source] = []
  /// ConfigMaps that are mounted as files.
  var mounted: [ObjectName] = []

  var role: Image.Role {
    let role = image.map { Image($0).role } ?? .other
    guard role == .other else { return role }
    switch ShellWords.ofProgram(command).first(where: { $0 != "exec" }).map(ShellWords.fileName) {
    case "postgres", "postmaster": return .server
    case "pgbouncer": return .pgBouncer
    default: return .other
    }
  }

  /// Something of it speaks of a database, or may: a source that is not known.
  var mayOpenDatabase: Bool {
    if !variables.addresses.isEmpty || !sources.isEmpty { return true }
    return variables.settings.contains { setting in
      let words = setting.name.uppercased().split { !$0.isLetter }
      return words.contains { Self.words.contains($0) || $0.hasPrefix("POSTGRES") || $0.hasPrefix("PG") }
    }
  }

  private static let words: Set<Substring> = [
    "DB", "DATABASE", "DATASOURCE", "JDBC", "SQL", "SQLALCHEMY", "HIKARI", "POOL", "POOLSIZE", "DSN",
  ]
}

extension KubernetesReader {
  mutating func container(_ item: Item, of workload: Workload) -> PodContainer {
    let place = (item["args"] ?? item["command"])?.place ?? item.place
    var container = PodContainer(
      name: item["name"]?.text ?? "container", image: item["image"]?.text, commandPlace: place)
    container.mounted = mounted(item, of: workload)
    addMountedSettings(&container)
    for source in item["envFrom"]?.items ?? [] { add(source, to: &container, workload.namespace) }
    var interpolation = Interpolation(.kubernetes)
    for variable in item["env"]?.items ?? [] { set(variable, in: &container, workload.namespace, &interpolation) }
    let words = (item["command"]?.items ?? []) + (item["args"]?.items ?? [])
    let variables = container.variables
    container.command = words.compactMap(\.text).map { word in interpolation.expand(word) { variables.filled($0) }.text
    }
    return container
  }

  // MARK: Variables

  /// `envFrom`: all keys of a ConfigMap or a Secret.
  private mutating func add(_ source: Item, to container: inout PodContainer, _ namespace: String?) {
    let prefix = source["prefix"]?.text ?? ""
    if let reference = source["configMapRef"], let name = reference["name"] {
      let object = ObjectName(name: name.text ?? "", namespace: namespace)
      guard let map = maps[object] else {
        return container.sources.append(.configMap(object.name, name.place))
      }
      for value in map.values {
        container.variables.set(prefix + value.name, Filled(text: value.text), at: value.place, &gathering)
      }
    } else if let reference = source["secretRef"], let name = reference["name"] {
      let object = ObjectName(name: name.text ?? "", namespace: namespace)
      for field in secrets[object] ?? [] { container.variables.hide(prefix + field.name, at: field.place) }
      container.add(.secret(object.name, name.place))
    }
  }

  private mutating func set(
    _ variable: Item, in container: inout PodContainer, _ namespace: String?, _ interpolation: inout Interpolation
  ) {
    guard let nameItem = variable["name"], let name = nameItem.text else { return }
    guard let from = variable["valueFrom"] else {
      let variables = container.variables
      let value = variable.field("value")?.item
      let filled = interpolation.expand(value?.text ?? "") { variables.filled($0) }
      if let value, ServerVariables.isOneValue(name) { gathering.file.manners[value.place] = .key("value") }
      return container.variables.set(name, filled, at: value?.place ?? nameItem.place, &gathering)
    }
    if let reference = from["configMapKeyRef"] {
      setFromMap(name, nameItem.place, reference, in: &container, namespace)
    } else if let reference = from["secretKeyRef"] {
      container.variables.hide(name, at: nameItem.place)
      if let secret = reference["name"] { container.add(.secret(secret.text ?? "", secret.place)) }
    } else {
      let path = from[["fieldRef", "fieldPath"]]?.text ?? from[["resourceFieldRef", "resource"]]?.text ?? name
      container.variables.set(
        name, Filled(text: "$(\(path))", placeholders: [path]), at: nameItem.place, &gathering)
    }
  }

  /// A ConfigMap of another file is named in a placeholder: `$(web-config/DB_POOL_MAX)`.
  private mutating func setFromMap(
    _ name: String, _ place: Place, _ reference: Item, in container: inout PodContainer, _ namespace: String?
  ) {
    let key = reference["key"]?.text ?? ""
    let map = reference["name"]?.text ?? ""
    if let values = maps[ObjectName(name: map, namespace: namespace)]?.values,
      let value = values.last(where: { $0.name == key })
    {
      return container.variables.set(name, Filled(text: value.text), at: value.place, &gathering)
    }
    let unknown = map + "/" + key
    container.variables.set(
      name, Filled(text: "$(\(unknown))", placeholders: [unknown]), at: place, &gathering)
  }

  // MARK: Mounted files

  private func mounted(_ item: Item, of workload: Workload) -> [ObjectName] {
    let mounts = Set((item["volumeMounts"]?.items ?? []).compactMap { $0["name"]?.text })
    var names: [ObjectName] = []
    for volume in workload.pod["volumes"]?.items ?? [] where mounts.contains(volume["name"]?.text ?? "") {
      let projected = (volume[["projected", "sources"]]?.items ?? []).compactMap { $0[["configMap", "name"]]?.text }
      for name in [volume[["configMap", "name"]]?.text].compactMap({ $0 }) + projected {
        names.append(ObjectName(name: name, namespace: workload.namespace))
      }
    }
    return names
  }

  /// Settings files (application.yml, .env) that are mounted: the container's own variables win over them.
  private mutating func addMountedSettings(_ container: inout PodContainer) {
    guard container.role == .other else { return }
    var variables = container.variables
    take(container.mounted) { file in
      guard file.poolers.isEmpty, file.servers.isEmpty, file.applications.count == 1 else { return false }
      for application in file.applications { variables.add(application.settings, application.addresses) }
      return true
    }
    container.variables = variables
  }
}

extension PodContainer {
  mutating func add(_ source: Application.Source) {
    if !sources.contains(source) { sources.append(source) }
  }
}
