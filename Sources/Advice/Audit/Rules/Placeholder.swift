import Configuration

/// A value that is a placeholder which nothing known fills in.
struct Placeholder: AuditCheck {
  let rule = AuditRule(
    "placeholder", "Every placeholder has a value", .warning,
    why: """
      What stands in the place of ${NAME} at run time is not in the files: the audit cannot count it, and where nothing fills it in the \
      application gets the text itself, or nothing.
      """)

  func findings(in landscape: Landscape) -> [Finding] {
    let pools = landscape.pools.flatMap { pool in
      pool.settings.values.map(\.written) + pool.words.values
    }
    let poolers = landscape.poolers.flatMap { $0.pooler.settings + $0.pooler.databases.flatMap(\.settings) }
    let servers = landscape.servers.flatMap(\.server.settings)
    let settings = (pools + poolers + servers).filter { !$0.placeholders.isEmpty }
      .map { (place: $0.place, what: $0.name, names: $0.placeholders) }
    let addresses = landscape.pools.compactMap(\.address).filter { !$0.placeholders.isEmpty }
      .map { (place: $0.place, what: $0.name, names: $0.placeholders) }
    var seen: Set<String> = []
    return (settings + addresses).sorted { ($0.place, $0.what) < ($1.place, $1.what) }.compactMap { entry in
      guard seen.insert("\(entry.place) \(entry.what)").inserted else { return nil }
      let names = entry.names.map { "${\($0)}" }.joined(separator: ", ")
      let subject = entry.what.isEmpty ? "The address" : entry.what
      return Finding(rule, at: entry.place, "\(subject) needs \(names), which nothing that was read gives a value")
    }
  }
}
