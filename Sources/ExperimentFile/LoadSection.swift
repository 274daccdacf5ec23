import Model
import YAML

extension ExperimentReader {
  mutating func load(_ node: Node) -> LoadSpec? {
    let known = ["shape", "think_time", "transactions", "statement_timeout"]
    guard let fields = fields(node, "load", known: known, required: ["shape", "transactions"]) else { return nil }
    let shape = fields["shape"].flatMap { self.shape($0) }
    let thinkTime = fields["think_time"].map { self.thinkTime($0) } ?? .constant(0)
    let transactions = fields["transactions"].flatMap { self.transactions($0) }
    let timeout = fields["statement_timeout"].flatMap { duration($0, "statement_timeout", atMost: .seconds(86_400)) }
    if case .arrivalRate = shape, let node = fields["think_time"] {
      report(node.mark, "think_time has no meaning with arrival_rate, whose requests fall due by themselves; remove it")
    }
    guard let shape, let thinkTime, let transactions, timeout != nil || fields["statement_timeout"] == nil
    else { return nil }
    return LoadSpec(
      shape: shape, thinkTime: thinkTime, transactions: transactions, statementTimeout: timeout)
  }

  private mutating func shape(_ node: Node) -> LoadShape? {
    guard let (key, value) = choice(node, "shape", of: ["constant", "arrival_rate"]) else { return nil }
    return key == "constant" ? constant(value) : arrivalRate(value)
  }

  private mutating func constant(_ node: Node) -> LoadShape? {
    let known = ["users", "warm_up", "duration"]
    guard let fields = fields(node, "constant", known: known, required: ["users", "duration"]) else { return nil }
    let users = fields["users"].flatMap { integer($0, "users", 1...100_000) }
    let times = self.times(fields)
    guard let users, let times else { return nil }
    return .constant(users: users, warmUp: times.warmUp, duration: times.duration)
  }

  private mutating func arrivalRate(_ node: Node) -> LoadShape? {
    let known = ["rate", "spacing", "warm_up", "duration"]
    guard let fields = fields(node, "arrival_rate", known: known, required: ["rate", "duration"]) else { return nil }
    let accepts = "requests per second: a number above 0, at most 1000000"
    let rate = fields["rate"].flatMap { number($0, "rate", Double.leastNonzeroMagnitude...1e6, accepts: accepts) }
    let words = ArrivalSpacing.allCases.map(\.rawValue)
    let spacing = fields["spacing"].map { word($0, "spacing", of: words).flatMap(ArrivalSpacing.init) } ?? .poisson
    let times = self.times(fields)
    guard let rate, let spacing, let times else { return nil }
    return .arrivalRate(rate: rate, spacing: spacing, warmUp: times.warmUp, duration: times.duration)
  }

  private mutating func times(_ fields: Fields) -> (warmUp: Duration, duration: Duration)? {
    let day = Duration.seconds(86_400)
    let warmUp = fields["warm_up"].map { duration($0, "warm_up", atLeast: .zero, atMost: day) } ?? .seconds(5)
    let length = fields["duration"].flatMap { duration($0, "duration", atMost: day) }
    guard let warmUp, let length else { return nil }
    return (warmUp, length)
  }

  /// `800ms`, or a distribution of durations.
  private mutating func thinkTime(_ node: Node) -> Distribution? {
    if case .scalar = node.content { return pause(node, "think_time").map(Distribution.constant) }
    guard let (key, value) = choice(node, "think_time", of: ["constant", "exponential", "uniform"]) else { return nil }
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
