import Model

/// Looks for pools in a JSON tree: each object that has a scheme's members is one.
struct MemberReader: PoolSource {
  private let tree: JSONTree

  init(_ tree: JSONTree) { self.tree = tree }

  var contents: String {
    switch tree {
    case .object(let members): members.isEmpty ? "an empty object" : firstFew(members.map(\.name))
    case .array(let elements): "a list of \(elements.count)"
    default: "a single value"
    }
  }

  func pools(of names: PoolNames) -> [FoundPool] {
    guard let members = names.members else { return [] }
    var found: [FoundPool] = []
    visit(tree, path: [], members, &found)
    return found
  }

  private func visit(_ tree: JSONTree, path: [String], _ members: PoolNames.Members, _ found: inout [FoundPool]) {
    switch tree {
    case .object(let entries):
      if let pools = members.pools?(tree), !pools.isEmpty {
        found += pools.map { FoundPool(name: $0.name, labels: ["pool": $0.name], gauges: $0.gauges) }
        return
      }
      if !members.needsName || Self.isCalledPool(path), let gauges = Self.gauges(MemberNames(entries), members) {
        found.append(FoundPool(name: Self.name(entries, path), labels: Self.labels(entries, path), gauges: gauges))
        return
      }
      for entry in entries { visit(entry.value, path: path + [entry.name], members, &found) }
    case .array(let elements):
      for element in elements { visit(element, path: path, members, &found) }
    default: break
    }
  }

  private static func gauges(_ names: MemberNames, _ members: PoolNames.Members) -> PoolGauges? {
    guard members.marks.contains(where: { names[$0] != nil }) else { return nil }
    var gauges = PoolGauges()
    for (figure, candidates) in members.names {
      for candidate in candidates {
        guard let value = names[candidate] else { continue }
        gauges[figure] = value * (members.scales[candidate] ?? 1)
        break
      }
    }
    members.complete?(&gauges) { names[$0] }
    gauges.complete()
    guard gauges.figures.count >= members.least else { return nil }
    if members.countersBeginAbsent {
      for figure in members.names.keys where figure.isCounter && gauges[figure] == nil { gauges[figure] = 0 }
    }
    return gauges
  }

  /// The answer as a whole is what the user has named. Pools of threads, or of connections to something else, are none.
  private static func isCalledPool(_ path: [String]) -> Bool {
    let names = path.map { $0.lowercased() }
    guard !names.contains(where: { name in strangers.contains { name.contains($0) } }) else { return false }
    return names.isEmpty || names.contains { name in name == "db" || poolWords.contains { name.contains($0) } }
  }

  private static let poolWords = ["pool", "connection", "database", "postgres"]
  private static let strangers = [
    "thread", "executor", "worker", "http", "redis", "memory", "buffer", "object", "kafka", "rabbit", "mongo",
  ]

  /// Members beside the figures that can tell one pool from another; `pool` is its name, or what it stands under.
  private static func labels(_ entries: [JSONTree.Member], _ path: [String]) -> [String: String] {
    var labels: [String: String] = [:]
    if let key = nameMember(entries) ?? path.last { labels["pool"] = key }
    for entry in entries { if case .string(let text) = entry.value { labels[entry.name] = text } }
    return labels
  }

  private static func name(_ entries: [JSONTree.Member], _ path: [String]) -> String {
    nameMember(entries) ?? path.joined(separator: ".")
  }

  private static func nameMember(_ entries: [JSONTree.Member]) -> String? {
    for key in ["name", "pool", "pool_name", "poolName"] {
      if case .string(let text) = entries.last(where: { $0.name == key })?.value { return text }
    }
    return nil
  }
}

/// The numbers of an object by their names without case, `_` and `-`: `maxConns`, `max_conns` and `MaxConns` are one.
struct MemberNames {
  private var numbers: [String: Double] = [:]

  init(_ entries: [JSONTree.Member]) {
    for entry in entries {
      let name = Self.plain(entry.name)
      if let number = entry.value.double { numbers[name] = number }
      // One level down, as `options.max`.
      guard case .object(let below) = entry.value else { continue }
      for inner in below {
        if let number = inner.value.double { numbers["\(name).\(Self.plain(inner.name))"] = number }
      }
    }
  }

  subscript(name: String) -> Double? { numbers[name] }

  static func plain(_ name: String) -> String {
    String(name.lowercased().filter { $0 != "_" && $0 != "-" })
  }
}
