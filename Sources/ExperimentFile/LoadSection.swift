import Model
import YAML

/// What the rest of the load says about its transactions.
struct LoadContext {
  var isHTTP: Bool
  var isFlow: Bool
  var writes: Bool
}

extension ExperimentReader {
  private static let loadKeys = [
    "shape", "think_time", "transactions", "flow", "http", "statement_timeout", "request_timeout", "writes", "threads",
  ]

  mutating func load(_ node: Node) -> LoadSpec? {
    guard let fields = fields(node, "load", known: Self.loadKeys, required: ["shape"]) else { return nil }
    let context = LoadContext(
      isHTTP: fields["http"] != nil, isFlow: fields["flow"] != nil,
      writes: fields["writes"].flatMap { truth($0, "writes") } ?? false)
    let shape = fields["shape"].flatMap { self.shape($0, context) }
    let thinkTime = fields["think_time"].map { pauses($0, "think_time") } ?? .constant(0)
    let carrier = fields["http"].map { http($0).map(LoadSpec.Carrier.http) } ?? .sql
    let transactions = self.transactions(fields, context)
    let statementTimeout = limit(fields, "statement_timeout")
    let requestTimeout = limit(fields, "request_timeout")
    let threads = fields["threads"].map { integer($0, "threads", 1...64) } ?? 1
    tellContradictions(fields, shape, carrier, requestTimeout: requestTimeout, threads: threads)
    guard let shape, let thinkTime, let carrier, let transactions, let threads,
      statementTimeout != nil || fields["statement_timeout"] == nil,
      requestTimeout != nil || fields["request_timeout"] == nil
    else { return nil }
    return LoadSpec(
      shape: shape, thinkTime: thinkTime, transactions: transactions, isFlow: context.isFlow, carrier: carrier,
      statementTimeout: statementTimeout, requestTimeout: requestTimeout, writes: context.writes, threads: threads)
  }

  private mutating func transactions(_ fields: Fields, _ context: LoadContext) -> [Transaction]? {
    if let flow = fields["flow"] {
      if fields["transactions"] != nil { report(flow.mark, "load has transactions and a flow; write one of them") }
      return transactions(flow, "flow", context)
    }
    guard let node = fields["transactions"] else {
      return fault(fields.mark, "'transactions' is missing in load")
    }
    return transactions(node, "transactions", context)
  }

  private mutating func limit(_ fields: Fields, _ key: String) -> Duration? {
    fields[key].flatMap { duration($0, key, atMost: .seconds(86_400)) }
  }

  private mutating func tellContradictions(
    _ fields: Fields, _ shape: LoadShape?, _ carrier: LoadSpec.Carrier?, requestTimeout: Duration?, threads: Int?
  ) {
    if let shape, shape.isOpenLoop, let node = fields["think_time"] {
      report(
        node.mark, "think_time has no meaning with \(shape.word), whose requests fall due by themselves; remove it")
    }
    if let users = shape?.users, let threads, threads > users, let node = fields["threads"] {
      report(node.mark, "\(threads) threads are more than the \(users) users that they share; write at most \(users)")
    }
    guard let http = fields["http"] else { return }
    if let node = fields["statement_timeout"] {
      report(
        node.mark,
        "statement_timeout is for sessions of a database, which a load over HTTP has not; write request_timeout")
    }
    guard case .http(let spec) = carrier else { return }
    if let connections = spec.connections, let threads, threads > connections, let node = fields["threads"] {
      report(
        node.mark, "\(threads) threads are more than the connections that they share; write at most \(connections)")
    }
    if let first = spec.firstByteTimeout, let requestTimeout, first >= requestTimeout,
      let node = http.value(of: "first_byte_timeout")
    {
      report(
        node.mark,
        "first_byte_timeout is not shorter than request_timeout, which ends the request anyway; write less than "
          + requestTimeout.text)
    }
  }

  mutating func truth(_ node: Node, _ name: String) -> Bool? {
    word(node, name, of: ["true", "false"]).map { $0 == "true" }
  }

  /// `800ms`, or a distribution of durations.
  mutating func pauses(_ node: Node, _ name: String) -> Distribution? {
    if case .scalar = node.content { return pause(node, name).map(Distribution.constant) }
    guard let (key, value) = choice(node, name, of: ["constant", "exponential", "uniform"]) else { return nil }
    switch key {
    case "constant": return pause(value, key).map(Distribution.constant)
    case "exponential":
      return duration(value, key, atMost: .seconds(86_400)).map { Distribution.exponential(mean: $0.seconds) }
    default:
      guard let (low, high) = range(value, "two durations, such as [1s, 2s]") else { return nil }
      let ends = (pause(low, key), pause(high, key))
      guard let least = ends.0, let most = ends.1 else { return nil }
      guard least <= most else {
        return fault(value.mark, "uniform goes from the smaller to the larger one; swap them")
      }
      return .uniform(low: least, high: most)
    }
  }

  /// Seconds, 0 included.
  private mutating func pause(_ node: Node, _ name: String) -> Double? {
    duration(node, name, atLeast: .zero, atMost: .seconds(86_400))?.seconds
  }

  /// The two ends of `uniform`.
  mutating func range(_ node: Node, _ accepts: String) -> (low: Node, high: Node)? {
    guard case .list(let ends) = node.content, ends.count == 2 else {
      return fault(node.mark, "uniform takes \(accepts)")
    }
    return (ends[0], ends[1])
  }
}
