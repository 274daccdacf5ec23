import Configuration
import YAML

// Databases and poolers that an operator runs from an object of its own.
extension KubernetesReader {
  mutating func readOperator(_ object: KubernetesObject) {
    switch (object.group, object.kind) {
    case ("postgresql.cnpg.io", "Cluster"): readCloudNativeCluster(object)
    case ("postgresql.cnpg.io", "Pooler"): readCloudNativePooler(object)
    case ("acid.zalan.do", "postgresql"): readZalando(object)
    case ("postgres-operator.crunchydata.com", "PostgresCluster"): readCrunchy(object)
    default: break
    }
  }

  /// CloudNativePG: the parameters are PostgreSQL's own; reached by `<name>-rw`, `-ro`, `-r`.
  private mutating func readCloudNativeCluster(_ object: KubernetesObject) {
    var server = server(object, parameters: object.spec?[["postgresql", "parameters"]])
    server.version = object.spec?["imageName"]?.text.flatMap { Image($0).version }
    server.hosts = ["-rw", "-ro", "-r"].flatMap { Self.hosts(of: object.name + $0, object.namespace) }
    for role in object.spec?[["managed", "roles"]]?.items ?? [] {
      guard let limit = role["connectionLimit"], limit.text != "-1",
        let count = gathering.count(limit, "connectionLimit")
      else { continue }
      server.limits.append(Server.Limit(.role, role["name"]?.text ?? "", count))
    }
    gathering.file.servers.append(server)
  }

  private mutating func readCloudNativePooler(_ object: KubernetesObject) {
    let settings = object.spec?["pgbouncer"]
    var pooler = pooler(object.name, object, mode: settings?["poolMode"], parameters: settings?["parameters"])
    pooler.replicas = gathering.count(object.spec?["instances"], "instances")
    if let cluster = object.spec?[["cluster", "name"]], let name = cluster.text {
      let host = name + "-" + (object.spec?["type"]?.text ?? "rw")
      pooler.databases = [
        Pooler.Entry(name: "*", settings: [Redaction.written("host", host, at: cluster.place)], at: cluster.place)
      ]
    }
    gathering.file.poolers.append(pooler)
  }

  private mutating func readZalando(_ object: KubernetesObject) {
    var server = server(object, parameters: object.spec?[["postgresql", "parameters"]])
    server.version = object.spec?[["postgresql", "version"]]?.text
    server.hosts = Self.hosts(of: object.name, object.namespace)
    gathering.file.servers.append(server)
    guard let settings = object.spec?["connectionPooler"] else { return }
    var pooler = pooler(object.name + "-pooler", object, mode: settings["mode"], parameters: nil)
    pooler.replicas = gathering.count(settings["numberOfInstances"], "numberOfInstances")
    pooler.databases = [
      Pooler.Entry(
        name: "*", settings: [Redaction.written("host", object.name, at: settings.place)], at: settings.place)
    ]
    if let most = settings["maxDBConnections"] {
      gathering.notice("'maxDBConnections' is not read: the operator makes pool sizes of it by itself", at: most.place)
    }
    gathering.file.poolers.append(pooler)
  }

  private mutating func readCrunchy(_ object: KubernetesObject) {
    let patroni = object.spec?[["patroni", "dynamicConfiguration", "postgresql", "parameters"]]
    var server = server(object, parameters: patroni)
    server.settings += settings(object.spec?[["config", "parameters"]])
    server.version = object.spec?["postgresVersion"]?.text
    server.hosts = Self.hosts(of: object.name + "-primary", object.namespace)
    gathering.file.servers.append(server)
    guard let proxy = object.spec?[["proxy", "pgBouncer"]] else { return }
    var pooler = pooler(
      object.name + "-pgbouncer", object, mode: nil, parameters: proxy[["config", "global"]])
    pooler.replicas = gathering.count(proxy["replicas"], "replicas")
    gathering.file.poolers.append(pooler)
  }

  private func server(_ object: KubernetesObject, parameters: Item?) -> Server {
    var server = Server(name: object.name, at: object.place)
    server.settings = settings(parameters)
    return server
  }

  private func pooler(_ name: String, _ object: KubernetesObject, mode: Item?, parameters: Item?) -> Pooler {
    var pooler = Pooler(.pgBouncer, name: name, at: object.place)
    if let mode, let text = mode.text { pooler.settings = [Redaction.written("pool_mode", text, at: mode.place)] }
    pooler.settings += settings(parameters)
    pooler.hosts = Self.hosts(of: name, object.namespace)
    return pooler
  }

  private func settings(_ parameters: Item?) -> [Written] {
    (parameters?.fields ?? []).compactMap { field in
      field.item.text.map { Redaction.written(field.name, $0, at: field.item.place) }
    }
  }
}
