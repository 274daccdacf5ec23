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

  package enum Unit: Sendable {
    case seconds, perSecond, fraction, count, cpuSeconds, bytes
  }
  package enum Direction: Sendable { case lowerIsBetter, higherIsBetter, neither }

  package var unit: Unit {
    switch self {
    case .latency, .wait, .query: .seconds
    case .throughput, .goodput, .sessionRate: .perSecond
    case .errorRate, .poolUtilisation, .serverCPU, .machineCPU: .fraction
    case .errors, .acquireTimeouts, .connectionsUsed, .waiting: .count
    case .cpuPerThousand: .cpuSeconds
    case .backendMemory: .bytes
    }
  }

  package var direction: Direction {
    switch self {
    case .throughput, .goodput: .higherIsBetter
    case .poolUtilisation, .connectionsUsed: .neither
    default: .lowerIsBetter
    }
  }

  /// The word of a check expression: `p(95)`, `wait_p(95)`, `error_rate`.
  package var word: String {
    switch self {
    case .latency(let percentile): "p(\(decimal(percentile, places: 3)))"
    case .wait(let percentile): "wait_p(\(decimal(percentile, places: 3)))"
    case .query(let percentile): "query_p(\(decimal(percentile, places: 3)))"
    case .throughput: "throughput"
    case .goodput: "goodput"
    case .errorRate: "error_rate"
    case .errors: "errors"
    case .acquireTimeouts: "acquire_timeouts"
    case .poolUtilisation: "pool_utilisation"
    case .connectionsUsed: "connections_used"
    case .waiting: "waiting"
    case .serverCPU: "server_cpu"
    case .machineCPU: "machine_cpu"
    case .cpuPerThousand: "cpu_per_1000"
    case .backendMemory: "backend_memory"
    case .sessionRate: "session_rate"
    }
  }

  /// The name in a table: `latency p95`, `error rate`.
  package var title: String {
    switch self {
    case .latency(let percentile): "latency p\(decimal(percentile, places: 3))"
    case .wait(let percentile): "wait p\(decimal(percentile, places: 3))"
    case .query(let percentile): "query p\(decimal(percentile, places: 3))"
    case .cpuPerThousand: "CPU s per 1000 requests"
    case .serverCPU: "server CPU"
    case .machineCPU: "machine CPU"
    case .errorRate: "error rate"
    case .acquireTimeouts: "acquire timeouts"
    case .poolUtilisation: "pool utilisation"
    case .connectionsUsed: "connections used"
    case .backendMemory: "memory per backend"
    case .sessionRate: "new sessions"
    default: word
    }
  }

  /// Those without a percentile; with `p(N)`, `wait_p(N)` and `query_p(N)` the whole vocabulary of checks.
  package static let named: [Metric] = [
    .throughput, .goodput, .errorRate, .errors, .acquireTimeouts, .poolUtilisation, .connectionsUsed, .waiting,
    .serverCPU, .machineCPU, .cpuPerThousand, .backendMemory, .sessionRate,
  ]

  /// Every word that a check may begin with, for messages and suggestions.
  package static var vocabulary: [String] { ["p(95)", "wait_p(95)", "query_p(95)"] + named.map(\.word) }

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
