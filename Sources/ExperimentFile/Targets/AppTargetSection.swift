import Ecosystems
import Model
import YAML

extension ExperimentReader {
  mutating func app(_ node: Node) -> AppTargetSpec? {
    let known = [
      "env_file", "ecosystem", "variables", "url_variable", "restart", "reload", "restart_timeout", "health",
      "read_back",
    ]
    let before = faults.count
    guard let fields = fields(node, "app", known: known, required: ["env_file", "read_back"]) else { return nil }
    let file = fields["env_file"].flatMap { path($0, "env_file", such: "deploy/shop.env") }
    let ecosystem = fields["ecosystem"].flatMap { word($0, "ecosystem", of: Ecosystem.all.map(\.id)) }
    let variables = fields["variables"].map { self.variables($0) } ?? [:]
    let urlVariable = fields["url_variable"].flatMap { self.variable($0, "url_variable", such: "DATABASE_URL") }
    let activation = self.activation(node, fields)
    let health = fields["health"].flatMap { self.health($0) }
    let readBack = fields["read_back"].flatMap { self.readBack($0) }
    if fields["ecosystem"] == nil, fields["variables"] == nil, fields["url_variable"] == nil {
      report(node.mark, "the app needs variables, ecosystem or url_variable: where it takes its settings from")
    }
    if case .backends = readBack, fields["health"] == nil {
      report(node.mark, "'health' is missing in app: nothing else says that it has come up")
    }
    guard faults.count == before, let file, let activation, let readBack else { return nil }
    return AppTargetSpec(
      envFile: file, ecosystem: ecosystem, variables: variables, urlVariable: urlVariable, takesEffect: activation,
      health: health, readBack: readBack)
  }

  private mutating func variable(_ node: Node, _ name: String, such example: String) -> String? {
    let accepts = "the name of a variable of the env file, such as \(example)"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard text.isVariableName else { return fault(node.mark, "\(name) takes \(accepts)") }
    return text
  }

  private mutating func variables(_ node: Node) -> [SettingKey: AppVariable] {
    guard let fields = fields(node, "variables", known: SettingKey.allCases.map(\.rawValue)) else { return [:] }
    var found: [SettingKey: AppVariable] = [:]
    var lines: [String: Int] = [:]
    for key in SettingKey.allCases {
      guard let value = fields[key.rawValue], let variable = appVariable(value, key) else { continue }
      for name in [variable.name, variable.addend].compactMap({ $0 }) {
        if let line = lines[name] {
          report(value.mark, "\(quoted(name)) holds another setting already; that one is on line \(line)")
        }
        lines[name] = value.mark.line
      }
      found[key] = variable
    }
    return found
  }

  private mutating func appVariable(_ node: Node, _ key: SettingKey) -> AppVariable? {
    guard case .map = node.content else {
      return variable(node, key.rawValue, such: "DB_CONNECTION_LIMIT").map { AppVariable(name: $0) }
    }
    guard let fields = fields(node, key.rawValue, known: ["name", "unit", "addend"], required: ["name"]) else {
      return nil
    }
    let name = fields["name"].flatMap { variable($0, "name", such: "DB_POOL_TIMEOUT") }
    let unit = fields["unit"].flatMap { word($0, "unit", of: AppVariable.Unit.allCases.map(\.rawValue)) }
    let addend = fields["addend"].flatMap { variable($0, "addend", such: "DB_MAX_OVERFLOW") }
    if let node = fields["unit"] {
      if case .duration = key.kind {} else { report(node.mark, "\(key.rawValue) is no duration; remove its unit") }
    }
    if let node = fields["addend"], key != .maxSize { report(node.mark, "only max_size can have an addend") }
    return name.map { AppVariable(name: $0, unit: unit.flatMap(AppVariable.Unit.init), addend: addend) }
  }

  private mutating func activation(_ node: Node, _ fields: Fields) -> AppActivation? {
    let timeout = limit(fields, "restart_timeout", standard: .seconds(60))
    switch (fields["restart"], fields["reload"]) {
    case (nil, nil): return fault(node.mark, "'restart' is missing in app: the command that makes the new values work")
    case (_?, let other?): return fault(other.mark, "an app has 'restart' or 'reload', not both")
    case (let command?, nil):
      guard let words = words(command, "restart"), let timeout else { return nil }
      return AppActivation(.restart, words, timeout: timeout)
    case (nil, let command?):
      guard let words = words(command, "reload"), let timeout else { return nil }
      return AppActivation(.reload, words, timeout: timeout)
    }
  }

  private mutating func health(_ node: Node) -> HealthSpec? {
    guard let fields = fields(node, "health", known: ["url", "url_env", "timeout", "status"]) else { return nil }
    let url = url(fields, node.mark, "health")
    let timeout = limit(fields, "timeout", standard: .seconds(30))
    let status = fields["status"].map { integer($0, "status", 100...599) } ?? 200
    guard let url, let timeout, let status else { return nil }
    return HealthSpec(url: url, timeout: timeout, status: status)
  }

  private mutating func readBack(_ node: Node) -> AppReadBack? {
    let known = ["url", "url_env", "json", "metric", "application_name"]
    guard let fields = fields(node, "read_back", known: known) else { return nil }
    if let name = fields["application_name"] {
      guard known.dropLast().allSatisfy({ fields[$0] == nil }) else {
        return fault(name.mark, "read_back asks the app ('url') or counts its backends ('application_name'), not both")
      }
      let accepts = "the application_name of the app's connections"
      return plainText(name, "application_name", accepts: accepts).map { .backends(applicationName: $0) }
    }
    let url = url(fields, node.mark, "read_back")
    switch (fields["json"], fields["metric"]) {
    case (nil, nil): return fault(node.mark, "read_back needs 'json' or 'metric': where the answer has max_size")
    case (_?, let other?): return fault(other.mark, "read_back has 'json' or 'metric', not both")
    case (let json?, nil):
      guard let places = places(json, "json", such: "pool.max", GaugePlace.json), let url else { return nil }
      return .endpoint(url: url, places: places)
    case (nil, let metric?):
      let example = "hikaricp_connections_max{pool=\"main\"}"
      guard let places = places(metric, "metric", such: example, GaugePlace.metric), let url else { return nil }
      return .endpoint(url: url, places: places)
    }
  }

  /// One place, which is that of max_size, or a place for each setting that the app tells.
  private mutating func places(
    _ node: Node, _ name: String, such example: String, _ make: (String) -> GaugePlace
  ) -> [SettingKey: GaugePlace]? {
    guard case .map = node.content else {
      return plainText(node, name, accepts: "where max_size stands, such as \(example)").map { [.maxSize: make($0)] }
    }
    let known = SettingKey.allCases.map(\.rawValue)
    guard let fields = fields(node, name, known: known, required: [SettingKey.maxSize.rawValue]) else { return nil }
    var places: [SettingKey: GaugePlace] = [:]
    for key in SettingKey.allCases {
      guard let value = fields[key.rawValue] else { continue }
      if let place = plainText(value, key.rawValue, accepts: "where it stands, such as \(example)") {
        places[key] = make(place)
      }
    }
    return places[.maxSize] == nil ? nil : places
  }
}
