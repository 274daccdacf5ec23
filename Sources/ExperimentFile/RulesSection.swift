import Model
import YAML

extension ExperimentReader {
  mutating func pairs(_ node: Node) -> PairsSpec? {
    guard let fields = fields(node, "pairs", known: ["count", "stop_early", "seed"]) else { return nil }
    let count = fields["count"].map { integer($0, "count", 1...50) } ?? 8
    let stopping = fields["stop_early"].map { self.stopping($0) } ?? .looks
    let seed = fields["seed"].flatMap { self.seed($0) }
    guard let count, let stopping, seed != nil || fields["seed"] == nil else { return nil }
    return PairsSpec(count: count, stopping: stopping, seed: seed)
  }

  private mutating func stopping(_ node: Node) -> PairsSpec.Stopping? {
    word(node, "stop_early", of: ["true", "false", "any_time"]).flatMap(PairsSpec.Stopping.init)
  }

  private mutating func seed(_ node: Node) -> UInt64? {
    let accepts = "a whole number from 0 to \(UInt64.max)"
    guard let text = scalar(node, "seed", accepts: accepts) else { return nil }
    guard let seed = UInt64(text) else { return refuse(node, text, "seed", accepts) }
    return seed
  }

  /// - Parameters:
  ///   - load: to tell checks of what it never measures; nil where it cannot be read.
  ///   - toldPool: whether the app under load tells of its pool.
  mutating func checks(_ node: Node, of load: LoadSpec?, toldPool: Bool) -> [Condition]? {
    guard let nodes = list(node, "checks", accepts: "such as [\"error_rate < 1%\"]") else { return nil }
    guard !nodes.isEmpty else { return fault(node.mark, "checks is empty; without one nothing could be decided") }
    let parse = { (text: String) throws(ExpressionFault) in try Condition(parsing: text) }
    let checks = nodes.compactMap { node -> Condition? in
      guard let check = expression(node, "a check", parse), !refuseUnmeasured(check, load, toldPool, node) else {
        return nil
      }
      return check
    }
    return checks.count == nodes.count ? checks : nil
  }

  private mutating func refuseUnmeasured(
    _ condition: Condition, _ load: LoadSpec?, _ toldPool: Bool, _ node: Node
  ) -> Bool {
    guard let load else { return false }
    if condition.metric == .acquireTimeouts, pool == .pooler {
      report(node.mark, "PgBouncer does not tell who gave up waiting for a connection; write error_rate or waiting")
      return true
    }
    if condition.metric.isOfPool, pool == .app, !toldPool {
      report(
        node.mark,
        "\(condition.metric.word) of a load over HTTP is what the app tells of its pool; name its endpoint under 'gauges'"
      )
      return true
    }
    if condition.metric == .breakingPoint {
      if case .steps = load.shape { return false }
      report(node.mark, "breaking_point is found by a load of steps; the shape here is \(load.shape.word)")
      return true
    }
    if condition.metric.isDrift, load.shape.duration < Metric.driftStretch {
      report(
        node.mark,
        "\(condition.metric.word) is told from noise over at least \(Metric.driftStretch.text) of unbroken load; "
          + "here \(load.shape.duration.text) are measured at a stretch")
      return true
    }
    return refuseFlow(condition, isFlow: load.isFlow, node)
  }

  /// Reports a condition on a flow where there is none; returns whether it did.
  mutating func refuseFlow(_ condition: Condition, isFlow: Bool, _ node: Node) -> Bool {
    guard condition.metric.isOfFlow, !isFlow else { return false }
    report(node.mark, "\(condition.metric.word) is a figure of flows; the load here has transactions instead")
    return true
  }

  mutating func guards(_ node: Node, of load: LoadSpec?, toldPool: Bool) -> [Guard]? {
    guard let nodes = list(node, "guards", accepts: "such as [\"error_rate > 20% for 10s\"]") else { return nil }
    let guards = nodes.compactMap { guardExpression($0, load, toldPool) }
    return guards.count == nodes.count ? guards : nil
  }

  private mutating func guardExpression(_ node: Node, _ load: LoadSpec?, _ toldPool: Bool) -> Guard? {
    let parse = { (text: String) throws(ExpressionFault) in try Guard(parsing: text) }
    guard let found = expression(node, "a guard", parse) else { return nil }
    if found.condition.metric == .breakingPoint {
      return fault(node.mark, "breaking_point is known when the load is over; a guard watches it while it runs")
    }
    if refuseUnmeasured(found.condition, load, toldPool, node) { return nil }
    guard case .baseline = found.condition.bound else { return found }
    let before = found.text.split(separator: "baseline", maxSplits: 1, omittingEmptySubsequences: false)[0]
    return fault(
      node.mark(ofCharacter: before.count),
      "a guard cannot refer to the baseline, since it watches the baseline too; write a limit of its own")
  }

  /// An expression in a text, whose faults point into that text.
  mutating func expression<Value>(
    _ node: Node, _ name: String, _ parse: (String) throws(ExpressionFault) -> Value
  ) -> Value? {
    guard let text = scalar(node, name, accepts: "an expression such as \"p(95) < 400ms\"") else { return nil }
    guard text.utf8.count <= 200 else { return fault(node.mark, "\(name) has at most 200 characters") }
    do throws(ExpressionFault) {
      return try parse(text)
    } catch {
      return fault(node.mark(ofCharacter: error.offset), error.message)
    }
  }

  mutating func after(_ node: Node) -> AfterSpec? {
    guard let fields = fields(node, "after", known: ["go", "no_go", "inconclusive"]) else { return nil }
    let standard = AfterSpec()
    let go = action(fields, "go", standard.go)
    let noGo = action(fields, "no_go", standard.noGo)
    let inconclusive = action(fields, "inconclusive", standard.inconclusive)
    guard let go, let noGo, let inconclusive else { return nil }
    return AfterSpec(go: go, noGo: noGo, inconclusive: inconclusive)
  }

  private mutating func action(_ fields: Fields, _ key: String, _ standard: AfterSpec.Action) -> AfterSpec.Action? {
    guard let node = fields[key] else { return standard }
    return word(node, key, of: AfterSpec.Action.allCases.map(\.rawValue)).flatMap(AfterSpec.Action.init)
  }
}
