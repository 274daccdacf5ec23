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
      guard let text = plainText(value, key, accepts: "its value, as \(kind) writes it") else { continue }
      values[key] = (text, mark)
    }
    return values.count == entries.count && !values.isEmpty
      ? values : (entries.isEmpty ? fault(node.mark, "\(name) of a target is empty; name what it holds") : nil)
  }
}
