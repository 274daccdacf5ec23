import Configuration

/// All that a reader found, line by line, for snapshots and for the search for secrets.
func description(_ file: ConfigurationFile) -> String {
  var lines = ["\(file.format.rawValue) \(file.path)"]
  lines += file.includes.map { "include \($0)" }
  lines += file.directives.map { "directive \($0.place) \($0.content) line \(text($0.line))" }
  for application in file.applications { lines += describe(application) }
  for pooler in file.poolers { lines += describe(pooler) }
  for server in file.servers { lines += describe(server) }
  lines += file.autoscalers.map {
    "autoscaler \($0.namespace ?? "-") \($0.targetKind) \($0.targetName) \(text($0.minimum)) to \(text($0.maximum))"
  }
  for map in file.configMaps {
    lines.append("configMap \(map.namespace ?? "-") \(map.name)")
    lines += map.settings.map { "  " + text($0) }
  }
  lines += file.remarks.map { "\($0.weight) \($0.place) \($0.text)" }
  return lines.joined(separator: "\n") + "\n"
}

private func describe(_ application: Application) -> [String] {
  var lines = ["\(application.kind.rawValue) \(application.namespace ?? "-") \(application.name) \(application.place)"]
  if let image = application.image { lines.append("  image \(image)") }
  if !application.command.isEmpty { lines.append("  command \(application.command)") }
  if !application.profiles.isEmpty { lines.append("  profiles \(application.profiles)") }
  lines.append(
    "  replicas \(text(application.replicas)) surge \(text(application.surge)) "
      + "parallelism \(text(application.parallelism)) processes \(text(application.processes))")
  lines += application.settings.map { "  " + text($0) }
  lines += application.addresses.map { "  address " + text($0) }
  lines += application.sources.map { "  source \($0)" }
  return lines
}

private func describe(_ pooler: Pooler) -> [String] {
  var lines = [
    "\(pooler.software.rawValue) \(pooler.name) \(pooler.place) replicas \(text(pooler.replicas)) \(pooler.hosts)"
  ]
  lines += pooler.settings.map { "  " + text($0) }
  for database in pooler.databases {
    lines.append("  database \(database.name) \(database.place)")
    lines += database.settings.map { "    " + text($0) }
  }
  return lines
}

private func describe(_ server: Server) -> [String] {
  var lines = ["server \(server.name) \(server.place) version \(server.version ?? "-") \(server.hosts)"]
  lines += server.settings.map { "  " + text($0) }
  lines += server.limits.map { "  limit \($0.kind) \($0.name) \(text($0.connections))" }
  return lines
}

func text(_ setting: Written) -> String {
  var line = "\(setting.name) = \(setting.text) @ \(setting.place)"
  if setting.isFallback { line += " fallback" }
  if setting.isSecret { line += " secret" }
  if !setting.placeholders.isEmpty { line += " unknown \(setting.placeholders)" }
  return line
}

private func text(_ address: DatabaseAddress) -> String {
  let hosts = address.hosts.map { "\($0.name):\($0.port)" }.joined(separator: ",")
  let options = address.options.map { "\($0.name)=\($0.text)" }.joined(separator: " ")
  return "\(address.name) \(address.scheme) \(hosts) \(address.database ?? "-") \(address.user ?? "-") "
    + "password \(address.hasPassword) [\(options)] \(address.place) unknown \(address.placeholders)"
}

func text(_ count: Counted?) -> String { count.map { "\($0.value) @ \($0.place)" } ?? "-" }

private func text(_ line: Int?) -> String { line.map(String.init) ?? "of the file" }

private func text(_ surge: Application.Surge?) -> String {
  switch surge {
  case nil: "-"
  case .count(let count): text(count)
  case .percent(let percent): text(percent) + " %"
  }
}
