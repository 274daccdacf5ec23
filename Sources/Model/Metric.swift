/// A figure that can be measured, compared and checked. It knows its unit and which direction is good.
package enum Metric: Hashable, Sendable {
  /// Time from when a request was due to its answer, of requests that succeeded, at a percentile such as 95 or 99.9.
  case latency(Double)
  /// Time spent waiting for a connection of the pool.
  case wait(Double)
  /// Time from sending the statement to its last row.
  case query(Double)
  /// Requests finished per second, failed ones included.
  case throughput
  /// Requests that succeeded per second.
  case goodput
  /// Share of finished requests that failed.
  case errorRate
  /// Requests that failed, all classes.
  case errors
  case acquireTimeouts
  /// Mean share of `max_size` in use.
  case poolUtilisation
  /// Most connections in use at once.
  case connectionsUsed
  /// Mean requests waiting for a connection.
  case waiting
  /// Share of the machine's cores that the database server used.
  case serverCPU
  /// Share of the machine's cores that were busy, by anybody.
  case machineCPU
  /// CPU seconds of the database server per 1,000 finished requests.
  case cpuPerThousand
  /// Mean resident memory of one backend, without what it shares (bytes).
  case backendMemory
  /// Sessions opened on the server per second: churn.
  case sessionRate
  /// How far the standby that is furthest behind is behind, in applying what the server wrote.
  case replicationLag
  /// Connection slots of the server that an ordinary role can still have: the fewest seen.
  case freeSlots
  /// Share of the visits of a flow that went through all steps.
  case flowSuccess
  /// Time from when a visit of a flow was due to its last answer, of visits that succeeded.
  case flow(Double)
  /// Users of the highest step that held, in a load of steps.
  case breakingPoint
  /// By which share p95 rises in an hour, over an unbroken stretch of load; negative where it falls.
  case latencyDrift
  /// The same of the memory per backend.
  case memoryDrift

  package enum Unit: Sendable {
    case seconds, perSecond, fraction, count, cpuSeconds, bytes
  }
  package enum Direction: Sendable { case lowerIsBetter, higherIsBetter, neither }

  /// What is known of a metric, whatever its value.
  package struct Facts: Sendable {
    /// Of a check expression: `p(95)`, `wait_p(95)`, `error_rate`.
    package let word: String
    /// Of a table: `latency p95`, `error rate`.
    package let title: String
    /// Of its values.
    package let unit: Unit
    /// Which values are good.
    package let direction: Direction

    fileprivate init(_ word: String, _ title: String, _ unit: Unit, _ direction: Direction) {
      self.word = word
      self.title = title
      self.unit = unit
      self.direction = direction
    }
  }

  /// The one table of all metrics; docs/experiment-file.md shows it to people.
  package var facts: Facts {
    switch self {
    case .latency(let n): Facts("p(\(Self.n(n)))", "latency p\(Self.n(n))", .seconds, .lowerIsBetter)
    case .wait(let n): Facts("wait_p(\(Self.n(n)))", "wait p\(Self.n(n))", .seconds, .lowerIsBetter)
    case .query(let n): Facts("query_p(\(Self.n(n)))", "query p\(Self.n(n))", .seconds, .lowerIsBetter)
    case .throughput: Facts("throughput", "throughput", .perSecond, .higherIsBetter)
    case .goodput: Facts("goodput", "goodput", .perSecond, .higherIsBetter)
    case .errorRate: Facts("error_rate", "error rate", .fraction, .lowerIsBetter)
    case .errors: Facts("errors", "errors", .count, .lowerIsBetter)
    case .acquireTimeouts: Facts("acquire_timeouts", "acquire timeouts", .count, .lowerIsBetter)
    case .poolUtilisation: Facts("pool_utilisation", "pool utilisation", .fraction, .neither)
    case .connectionsUsed: Facts("connections_used", "connections used", .count, .neither)
    case .waiting: Facts("waiting", "waiting", .count, .lowerIsBetter)
    case .serverCPU: Facts("server_cpu", "server CPU", .fraction, .lowerIsBetter)
    case .machineCPU: Facts("machine_cpu", "machine CPU", .fraction, .lowerIsBetter)
    case .cpuPerThousand: Facts("cpu_per_1000", "CPU s per 1000 requests", .cpuSeconds, .lowerIsBetter)
    case .backendMemory: Facts("backend_memory", "memory per backend", .bytes, .lowerIsBetter)
    case .sessionRate: Facts("session_rate", "new sessions", .perSecond, .lowerIsBetter)
    case .replicationLag: Facts("replication_lag", "replication lag", .seconds, .lowerIsBetter)
    case .freeSlots: Facts("free_slots", "free connection slots", .count, .higherIsBetter)
    case .flowSuccess: Facts("flow_success", "flow success", .fraction, .higherIsBetter)
    case .flow(let n): Facts("flow_p(\(Self.n(n)))", "flow p\(Self.n(n))", .seconds, .lowerIsBetter)
    case .breakingPoint: Facts("breaking_point", "breaking point", .count, .higherIsBetter)
    case .latencyDrift: Facts("p95_drift", "p95 drift per hour", .fraction, .lowerIsBetter)
    case .memoryDrift: Facts("memory_drift", "memory drift per hour", .fraction, .lowerIsBetter)
    }
  }

  private static func n(_ percentile: Double) -> String { decimal(percentile, places: 3) }

  /// Whether only some loads have it.
  package var isOccasional: Bool { isOfFlow || self == .breakingPoint }

  /// Whether only the visits of a flow have it.
  package var isOfFlow: Bool {
    switch self {
    case .flow, .flowSuccess: true
    default: false
    }
  }

  package var unit: Unit { facts.unit }
  package var direction: Direction { facts.direction }
  package var word: String { facts.word }
  package var title: String { facts.title }

  /// Those without a percentile; with `p(N)`, `wait_p(N)`, `query_p(N)` and `flow_p(N)` the whole vocabulary of checks.
  package static let named: [Metric] = [
    .throughput, .goodput, .errorRate, .errors, .acquireTimeouts, .poolUtilisation, .connectionsUsed, .waiting,
    .serverCPU, .machineCPU, .cpuPerThousand, .backendMemory, .sessionRate, .replicationLag, .freeSlots, .flowSuccess,
    .breakingPoint, .latencyDrift, .memoryDrift,
  ]

  /// A slope over a run, known only when the run is over, and of which the baseline has another one.
  package var isDrift: Bool { self == .latencyDrift || self == .memoryDrift }

  /// Shortest unbroken load over which a drift is told from noise.
  package static let driftStretch = Duration.seconds(1800)

  /// Every word that a check may begin with, for messages and suggestions.
  package static var vocabulary: [String] { ["p(95)", "wait_p(95)", "query_p(95)", "flow_p(95)"] + named.map(\.word) }

  /// The word that was probably meant: `p(95)` for `p95`; nil when none is near.
  package static func suggestion(for word: String) -> String? {
    let (name, percentile) = (word.prefix { !$0.isNumber }, word.drop { !$0.isNumber })
    if let metric = Metric(word: "\(name)(\(percentile))") { return metric.word }
    return nearest(to: word, in: vocabulary)
  }

  /// Reads a word such as `p(99.9)` or `error_rate`; nil when there is no such metric.
  package init?(word: String) {
    if let metric = Self.named.first(where: { $0.word == word }) { self = metric; return }
    guard word.hasSuffix(")"), let open = word.firstIndex(of: "(") else { return nil }
    guard let percentile = Double(word[word.index(after: open)...].dropLast()), percentile > 0, percentile < 100
    else { return nil }
    switch word[..<open] {
    case "p": self = .latency(percentile)
    case "wait_p": self = .wait(percentile)
    case "query_p": self = .query(percentile)
    case "flow_p": self = .flow(percentile)
    default: return nil
    }
  }

  /// A value of this metric with its unit, as people read it: `485 ms`, `2.1 %`, `413.2 /s`.
  package func text(_ value: Double) -> String {
    switch unit {
    case .seconds: Self.time(value)
    case .perSecond: fixed(value, places: 1) + " /s"
    case .fraction: fixed(value * 100, places: value.magnitude < 0.1 ? 2 : 1) + " %"
    case .count: decimal(value, places: 1)
    case .cpuSeconds: fixed(value, places: 3) + " s"
    case .bytes: fixed(value / 1_048_576, places: 1) + " MiB"
    }
  }

  private static func time(_ seconds: Double) -> String {
    switch seconds.magnitude {
    case 0: "0 ms"
    case ..<0.001: fixed(seconds * 1e6, places: 0) + " us"
    case ..<0.01: fixed(seconds * 1e3, places: 2) + " ms"
    case ..<0.1: fixed(seconds * 1e3, places: 1) + " ms"
    case ..<10: fixed(seconds * 1e3, places: 0) + " ms"
    default: fixed(seconds, places: 1) + " s"
    }
  }
}
