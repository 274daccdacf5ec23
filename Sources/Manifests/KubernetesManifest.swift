import Configuration
import YAML

/// Kubernetes objects: workloads with their containers' variables, autoscalers, ConfigMaps, and the databases and
/// poolers of the operators that poolops knows.
///
/// Of a Secret only the names of its keys are read.
package enum KubernetesManifest {
  package static func read(_ bytes: [UInt8], path: String, others: OtherFiles) -> ConfigurationFile {
    withoutActuallyEscaping(others) { others in
      var reader = KubernetesReader(bytes, path: path, others: others)
      reader.read()
      return reader.gathering.file
    }
  }

  /// Whether a text holds objects of a kind that is read; cheaper than reading it.
  static func mentionsObject(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while let start = rest.firstIndex(of: UInt8(ascii: "k")) {
      rest = rest[start...]
      guard rest.starts(with: "kind".utf8) else {
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(4)
      let word = rest.drop { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") || $0 == 0x20 || $0 == 0x3A }
      let kind = String(decoding: word.prefix(40).prefix { ($0 | 32) >= 0x61 && ($0 | 32) <= 0x7A }, as: UTF8.self)
      if kinds.contains(kind) || kind.hasSuffix("List") { return true }
    }
    return false
  }

  private static let kinds: Set<String> = [
    "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "DeploymentConfig", "Rollout",
    "Pod", "Job", "CronJob", "HorizontalPodAutoscaler", "ScaledObject", "ConfigMap", "Secret", "Service", "Cluster",
    "Pooler", "postgresql", "PostgresCluster", "Kustomization",
  ]
}

/// One object of a manifest.
struct KubernetesObject {
  var item: Item
  var group: String
  var kind: String
  var name: String
  var namespace: String?
  /// Of the name.
  var place: Place

  /// nil for what is no object.
  init?(_ item: Item) {
    guard let version = item["apiVersion"]?.text, let kind = item["kind"]?.text else { return nil }
    self.item = item
    self.kind = kind
    let parts = version.split(separator: "/")
    group = parts.count > 1 ? String(parts[0]) : ""
    let metadata = item["metadata"]
    let name = metadata?["name"] ?? metadata?["generateName"]
    self.name = name?.text ?? "\(kind) without a name"
    namespace = metadata?["namespace"]?.text
    place = name?.place ?? item.place
  }

  var spec: Item? { item["spec"] }
}

/// The name of an object where others refer to it.
struct ObjectName: Hashable {
  var name: String
  var namespace: String?
}

struct KubernetesReader {
  var gathering: Gathering
  /// ConfigMaps of this file, and which files within them a workload took.
  var maps: [ObjectName: EmbeddedFiles] = [:]
  /// The keys of the Secrets of this file.
  var secrets: [ObjectName: [Item.Field]] = [:]
  /// What the Services of this file select: their names are hosts of it.
  private var services: [(object: KubernetesObject, selector: [Item.Field])] = []
  private static let mostObjects = 2_000

  init(_ bytes: [UInt8], path: String, others: @escaping OtherFiles) {
    gathering = Gathering(bytes, path: path, .kubernetes, others: others) { part in
      KubernetesManifest.mentionsObject(part)
    }
  }

  mutating func read() {
    var objects: [KubernetesObject] = []
    for document in gathering.documents { collect(document, depth: 0, &objects) }
    if objects.count > Self.mostObjects {
      gathering.file.say(
        .fault, "only the first \(Self.mostObjects) objects are read", at: objects[Self.mostObjects].place)
      objects.removeLast(objects.count - Self.mostObjects)
    }
    for object in objects { register(object) }
    for object in objects { read(object) }
    for (_, map) in maps.sorted(by: { $0.value.place < $1.value.place }) { addRest(of: map) }
  }

  private func collect(_ item: Item, depth: Int, _ objects: inout [KubernetesObject]) {
    if let kind = item["kind"]?.text, kind.hasSuffix("List"), depth < 3, let items = item["items"] {
      for inner in items.items { collect(inner, depth: depth + 1, &objects) }
    } else if let object = KubernetesObject(item) {
      objects.append(object)
    }
  }

  /// What other objects refer to.
  private mutating func register(_ object: KubernetesObject) {
    let name = ObjectName(name: object.name, namespace: object.namespace)
    switch object.kind {
    case "ConfigMap":
      let map = EmbeddedFiles(object, path: gathering.file.path)
      maps[name] = map
      for value in map.values { gathering.file.manners[value.place] = .key(value.name) }
      for file in map.files {
        for line in file.lines ?? 0..<0 { gathering.file.embedded[line] = file.read.format }
      }
      gathering.file.configMaps.append(
        ConfigMap(name: object.name, namespace: object.namespace, settings: map.settings))
    case "Secret": secrets[name] = (object.item["data"]?.fields ?? []) + (object.item["stringData"]?.fields ?? [])
    case "Service" where object.group.isEmpty:
      services.append((object, object.spec?["selector"]?.fields ?? []))
    default: break
    }
  }

  private mutating func read(_ object: KubernetesObject) {
    switch object.kind {
    case "HorizontalPodAutoscaler": readAutoscaler(object)
    case "ScaledObject": readScaledObject(object)
    case "Kustomization":
      gathering.notice(
        "a Kustomization: what it changes is not applied; render it ('kubectl kustomize'), and give what comes out",
        at: object.item.place)
    default:
      if let workload = Workload(object, &gathering) { read(workload) } else { readOperator(object) }
    }
  }

  /// Files of a ConfigMap that no workload of this file takes.
  private mutating func addRest(of map: EmbeddedFiles) {
    for file in map.files where !file.isTaken {
      gathering.file.applications += file.read.applications
      gathering.file.poolers += file.read.poolers
      gathering.file.servers += file.read.servers
    }
    let known = Set(gathering.file.directives.map(\.place.line))
    for file in map.files {
      for remark in file.read.remarks { gathering.file.say(remark.weight, remark.text, at: remark.place) }
      // Those with `#` were found when the manifest was scanned.
      gathering.file.directives += file.read.directives.filter { !known.contains($0.place.line) }
    }
  }

  /// The names of Services that lead to a pod with these labels.
  func hosts(labels: [Item.Field], namespace: String?) -> [String] {
    let labels = Dictionary(labels.map { ($0.name, $0.item.text) }, uniquingKeysWith: { $1 })
    var hosts: [String] = []
    for (service, selector) in services where !selector.isEmpty && service.namespace == namespace {
      guard selector.allSatisfy({ labels[$0.name] == .some($0.item.text) }) else { continue }
      hosts += Self.hosts(of: service.name, namespace)
    }
    return hosts
  }

  static func hosts(of service: String, _ namespace: String?) -> [String] {
    guard let namespace else { return [service] }
    let full = service + "." + namespace
    return [service, full, full + ".svc", full + ".svc.cluster.local"]
  }

  // MARK: Autoscalers

  private mutating func readAutoscaler(_ object: KubernetesObject) {
    guard let spec = object.spec, let target = spec["scaleTargetRef"],
      let maximum = gathering.count(spec["maxReplicas"], "maxReplicas")
    else {
      gathering.notice("an autoscaler without 'scaleTargetRef' and 'maxReplicas': it is not read", at: object.place)
      return
    }
    gathering.file.autoscalers.append(
      Autoscaler(
        targetKind: target["kind"]?.text ?? "Deployment", targetName: target["name"]?.text ?? "",
        namespace: object.namespace, minimum: gathering.count(spec["minReplicas"], "minReplicas"), maximum: maximum))
  }

  /// KEDA's. Its default of the maximum is 100.
  private mutating func readScaledObject(_ object: KubernetesObject) {
    guard object.group == "keda.sh", let spec = object.spec, let target = spec["scaleTargetRef"] else { return }
    var maximum = gathering.count(spec["maxReplicaCount"], "maxReplicaCount")
    if maximum == nil {
      gathering.notice("'maxReplicaCount' is not written: KEDA takes 100", at: target.place)
      maximum = Counted(100, at: target.place)
    }
    guard let maximum else { return }
    gathering.file.autoscalers.append(
      Autoscaler(
        targetKind: target["kind"]?.text ?? "Deployment", targetName: target["name"]?.text ?? "",
        namespace: object.namespace, minimum: gathering.count(spec["minReplicaCount"], "minReplicaCount"),
        maximum: maximum))
  }
}
