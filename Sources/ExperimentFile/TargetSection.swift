import Configuration
import Ecosystems
import Model
import YAML

extension ExperimentReader {
  private static let kinds = ["pool", "app", "pgbouncer", "postgres", "command"]

  /// `target: ...` or `targets: [...]`; exactly one of them is the pool.
  mutating func targets(_ mark: Mark, one: Node?, several: Node?) -> [ExperimentTarget]? {
    switch (one, several) {
    case (nil, nil): return fault(mark, "'target' is missing in the experiment")
    case (_?, let list?):
      return fault(list.mark, "an experiment has 'target' or 'targets', not both; write the one target into the list")
    case (let node?, nil): return target(node).map { [$0] }.flatMap { withOnePool($0, [node], node.mark) }
    case (nil, let node?):
      guard let nodes = list(node, "targets", accepts: "one '- KIND: ...' for each target") else { return nil }
      let found = nodes.map { self.target($0) }
      let targets = found.compactMap { $0 }
      return targets.count == nodes.count ? withOnePool(targets, nodes, node.mark) : nil
    }
  }

  private mutating func withOnePool(
    _ targets: [ExperimentTarget], _ nodes: [Node], _ mark: Mark
  ) -> [ExperimentTarget]? {
    let pools = zip(targets, nodes).filter { $0.0.isPool }
    guard let first = pools.first else {
      return fault(
        mark, "no target is the pool, which takes the experiment's baseline and change: leave out those of one target")
    }
    for extra in pools.dropFirst() {
      report(
        extra.1.mark,
        "the target on line \(first.1.mark.line) is the pool already; give this one its own baseline and change")
    }
    return pools.count == 1 ? targets : nil
  }

  private mutating func target(_ node: Node) -> ExperimentTarget? {
    let known = Self.kinds + ["baseline", "change"]
    guard let fields = fields(node, "a target", known: known) else { return nil }
    let named = Self.kinds.filter { fields[$0] != nil }
    guard named.count == 1, let kind = named.first, let value = fields[kind] else {
      return fault(node.mark, "a target is exactly one of \(Self.kinds.joined(separator: ", "))")
    }
    let hasOwn = fields["baseline"] != nil || fields["change"] != nil
    let own = hasOwn ? self.own(node, fields, kind) : nil
    let spec = spec(kind, value)
    if ["pool", "app"].contains(kind), hasOwn {
      let node = fields["baseline"] ?? fields["change"] ?? node
      return fault(node.mark, "'\(kind)' takes the experiment's baseline and change; remove its own")
    }
    if kind == "postgres", !hasOwn {
      return fault(
        value.mark,
        "'postgres' is no pool; give it its own baseline and change, such as baseline: { work_mem: 4MB }")
    }
    guard let spec, !hasOwn || own != nil else { return nil }
    return ExperimentTarget(spec, own: own)
  }

  private mutating func spec(_ kind: String, _ node: Node) -> TargetSpec? {
    switch kind {
    case "pool": word(node, "pool", of: ["builtin"]).map { _ in .builtin }
    case "app": app(node).map(TargetSpec.app)
    case "pgbouncer": pgBouncer(node).map(TargetSpec.pgBouncer)
    case "postgres": postgres(node).map(TargetSpec.postgreSQL)
    default: command(node).map(TargetSpec.command)
    }
  }

  // MARK: Values of its own

  private mutating func own(_ node: Node, _ fields: Fields, _ kind: String) -> OwnValues? {
    guard let baseline = fields["baseline"], let change = fields["change"] else {
      return fault(node.mark, "a target has both 'baseline' and 'change', or neither")
    }
    guard let before = ownValues(baseline, "baseline", kind), let after = ownValues(change, "change", kind) else {
      return nil
    }
    var isWhole = true
    for (name, entry) in after.sorted(by: { $0.key < $1.key }) where before[name] == nil {
      report(entry.mark, "\(quoted(name)) is in the change and not in the baseline; say there what it is before")
      isWhole = false
    }
    let own = OwnValues(baseline: before.mapValues(\.text), change: after.mapValues(\.text))
    if isWhole, own.baseline == own.change {
      return fault(change.mark, "the change leaves every value of this target as it is in its baseline")
    }
    return isWhole ? own : nil
  }

  private mutating func ownValues(_ node: Node, _ name: String, _ kind: String) -> [String: (text: String, mark: Mark)]?
  {
    guard let entries = entries(node, name, accepts: "the target's own settings, such as default_pool_size: 40") else {
      return nil
    }
    var values: [String: (text: String, mark: Mark)] = [:]
    for (key, mark, value) in entries {
      guard key.isSettingName else {
        report(mark, "\(quoted(key)) is no name of a setting; they are made of letters, digits, '_' and '.'")
        continue
      }
      guard let text = plain(value, key, accepts: "its value, as \(kind) writes it") else { continue }
      values[key] = (text, mark)
    }
    return values.count == entries.count && !values.isEmpty
      ? values : (entries.isEmpty ? fault(node.mark, "\(name) of a target is empty; name what it holds") : nil)
  }

  /// A text on one line that holds no password.
  private mutating func plain(_ node: Node, _ name: String, accepts: String) -> String? {
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      return fault(node.mark, "\(name) holds a line break or another control character")
    }
    guard Redaction.text("\(name)=\(text)") == "\(name)=\(text)" else {
      return fault(
        node.mark, "\(name) holds a password here, and experiment files are committed; name a variable that holds it")
    }
    guard !text.isEmpty else { return fault(node.mark, "\(name) is empty; write \(accepts)") }
    return text
  }

  // MARK: Programs and addresses

  /// A program and its words. A text in one piece would need a shell to be split.
  private mutating func words(_ node: Node, _ name: String) -> [String]? {
    let accepts = "a list of words, such as [systemctl, --user, restart, shop]; no shell reads them"
    if case .scalar(let text, _) = node.content {
      let pieces = text.split(whereSeparator: \.isWhitespace).joined(separator: ", ")
      let isSafe = Redaction.text(text) == text && !text.isEmpty
      return fault(node.mark, "\(name) takes \(accepts)" + (isSafe ? ": [\(pieces)]" : ""))
    }
    guard let nodes = list(node, name, accepts: accepts) else { return nil }
    guard !nodes.isEmpty else { return fault(node.mark, "\(name) is empty; write \(accepts)") }
    let words = nodes.compactMap { plain($0, "a word of \(name)", accepts: "a word") }
    guard words.count == nodes.count else { return nil }
    guard Redaction.command(words) == words else {
      return fault(
        node.mark, "\(name) holds a password, and experiment files are committed; let the program read it elsewhere")
    }
    return words
  }

  private mutating func limit(_ fields: Fields, _ key: String, standard: Duration) -> Duration? {
    fields[key].map { duration($0, key, atMost: .seconds(3600)) } ?? standard
  }

  private mutating func url(_ fields: Fields, _ mark: Mark, _ name: String) -> AppURL? {
    switch (fields["url"], fields["url_env"]) {
    case (let node?, nil): return url(node).map(AppURL.text)
    case (nil, let node?):
      return environmentVariable(node, "url_env", such: "APP_HEALTH_URL").map(AppURL.environment)
    case (_?, let node?): return fault(node.mark, "\(name) has 'url' or 'url_env', not both")
    case (nil, nil): return fault(mark, "'url' is missing in \(name)")
    }
  }

  private mutating func url(_ node: Node) -> String? {
    let accepts = "an address such as http://127.0.0.1:8080/healthz"
    guard let text = scalar(node, "url", accepts: accepts) else { return nil }
    // Not quoted back: it may hold a password.
    guard Redaction.text(text) == text, !text.contains("@") else {
      return fault(
        node.mark,
        "the URL holds a user or a password, and experiment files are committed; write url_env: NAME, a variable that holds the URL"
      )
    }
    let rest = ["http://", "https://"].first { text.hasPrefix($0) }.map { text.dropFirst($0.count) }
    guard let rest, let first = rest.first, first != "/", !text.contains(where: \.isWhitespace) else {
      return refuse(node, text, "url", accepts)
    }
    return text
  }

  private mutating func path(_ node: Node, _ name: String, such example: String) -> String? {
    plain(node, name, accepts: "a path from the project's folder, such as \(example)")
  }
}

// MARK: The app

extension ExperimentReader {
  private mutating func app(_ node: Node) -> AppTargetSpec? {
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
      return plain(name, "application_name", accepts: accepts).map { .backends(applicationName: $0) }
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
      return plain(node, name, accepts: "where max_size stands, such as \(example)").map { [.maxSize: make($0)] }
    }
    let known = SettingKey.allCases.map(\.rawValue)
    guard let fields = fields(node, name, known: known, required: [SettingKey.maxSize.rawValue]) else { return nil }
    var places: [SettingKey: GaugePlace] = [:]
    for key in SettingKey.allCases {
      guard let value = fields[key.rawValue] else { continue }
      if let place = plain(value, key.rawValue, accepts: "where it stands, such as \(example)") {
        places[key] = make(place)
      }
    }
    return places[.maxSize] == nil ? nil : places
  }
}

// MARK: PgBouncer, PostgreSQL, commands

extension ExperimentReader {
  private mutating func pgBouncer(_ node: Node) -> PgBouncerTargetSpec? {
    let known = ["console_env", "database", "method", "ini"]
    let before = faults.count
    guard let fields = fields(node, "pgbouncer", known: known, required: ["console_env"]) else { return nil }
    let console = fields["console_env"].flatMap {
      environmentVariable($0, "console_env", such: "PGBOUNCER_CONSOLE_URL")
    }
    let database = fields["database"].flatMap { plain($0, "database", accepts: "a database's name") }
    let methods = PgBouncerTargetSpec.Method.allCases.map(\.rawValue)
    let method = fields["method"].flatMap { word($0, "method", of: methods) } ?? "set"
    let ini = fields["ini"].flatMap { path($0, "ini", such: "deploy/pgbouncer.ini") }
    if method == "file", fields["ini"] == nil { report(node.mark, "'ini' is missing in pgbouncer: the file to edit") }
    if method == "set", let node = fields["ini"] {
      report(node.mark, "ini goes with 'method: file'; 'set' changes no file")
    }
    guard faults.count == before, let console, let method = PgBouncerTargetSpec.Method(rawValue: method) else {
      return nil
    }
    return PgBouncerTargetSpec(consoleVariable: console, database: database, method: method, ini: ini)
  }

  private mutating func postgres(_ node: Node) -> PostgreSQLTargetSpec? {
    if node.isNull { return PostgreSQLTargetSpec() }
    guard let fields = fields(node, "postgres", known: ["url_env", "restart", "restart_timeout"]) else { return nil }
    let before = faults.count
    let variable = fields["url_env"].flatMap {
      environmentVariable($0, "url_env", such: "STAGING_ADMIN_URL")
    }
    let restart = fields["restart"].flatMap { words($0, "restart") }
    let timeout = limit(fields, "restart_timeout", standard: .seconds(60))
    guard faults.count == before, let timeout else { return nil }
    return PostgreSQLTargetSpec(urlVariable: variable, restart: restart, timeout: timeout)
  }

  private mutating func command(_ node: Node) -> CommandTargetSpec? {
    let required = ["apply", "read_back", "revert"]
    guard let fields = fields(node, "command", known: required + ["timeout"], required: required) else { return nil }
    let apply = fields["apply"].flatMap { words($0, "apply") }
    let readBack = fields["read_back"].flatMap { words($0, "read_back") }
    let revert = fields["revert"].flatMap { words($0, "revert") }
    let timeout = limit(fields, "timeout", standard: .seconds(60))
    guard let apply, let readBack, let revert, let timeout else { return nil }
    return CommandTargetSpec(apply: apply, readBack: readBack, revert: revert, timeout: timeout)
  }
}

// MARK: Whether the pool can say it

extension ExperimentReader {
  /// Every tuned setting must come out of the pool's own words as it went in, under both arms.
  mutating func requireWords(
    for arms: (baseline: SettingPatch, change: SettingPatch), of targets: [ExperimentTarget], baseline: Node?,
    change: Node?
  ) {
    guard let pool = targets.first(where: \.isPool)?.spec else { return }
    let all = arms.baseline.overlaid(with: arms.change)
    for key in all.keys {
      for (patch, node) in [(arms.baseline, baseline), (arms.change, change)] {
        // A key of the change alone has its default under the baseline.
        let value = patch[key] ?? (arms.baseline[key] == nil ? PoolSettings()[key] : nil)
        guard let value, let reason = refusal(of: value, key, by: pool) else { continue }
        let mark = node?.mark(ofKey: key.rawValue) ?? change?.mark(ofKey: key.rawValue) ?? .start
        report(mark, "\(key.rawValue) \(value.text(for: key)) cannot be given to the target: \(reason)")
        break
      }
    }
  }

  private func refusal(of value: SettingValue, _ key: SettingKey, by pool: TargetSpec) -> String? {
    switch pool {
    case .builtin, .command, .postgreSQL: return nil
    case .app(let spec):
      switch spec.place(of: key).flatMap({ $0.written(value, for: key) }) {
      case .success: return nil
      case .failure(let fault): return fault.reason
      }
    case .pgBouncer:
      return Ecosystem.named("pgbouncer")?.write([key: value]).losses.first?.text
    }
  }
}

extension Node {
  /// Where the value of a key of this map stands; the map's own place when it has no such key.
  fileprivate func mark(ofKey key: String) -> Mark? {
    guard case .map(let entries) = content else { return mark }
    for entry in entries {
      if case .scalar(key, _) = entry.key.content { return entry.value.mark }
    }
    return nil
  }
}
