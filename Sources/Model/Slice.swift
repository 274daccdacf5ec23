/// The histograms of a slice, all of nanoseconds.
package enum HistogramKind: String, CaseIterable, Hashable, Sendable {
  /// Answer less the moment when the request was due; requests that succeeded.
  case latency
  /// Answer less the moment when poolops began to act on the request: what a generator that forgets its own lateness sees.
  case service
  /// Connection obtained less asked for; every request that asked, also those that timed out.
  case wait
  /// Last row less statement sent.
  case query
  /// Opening one connection, from asking to ready.
  case connect
  /// How late poolops itself was: acted less due.
  case slip
  /// A whole visit of a flow: its last answer less when it was due, pauses included; visits that succeeded.
  case flow
}

/// One second of a block. Counts add up over a whole block: due = completed + failed + in flight at the end.
///
/// Its means are over `length`.
package struct Slice: Hashable, Sendable {
  /// Seconds since the measured part began; negative during warm-up.
  package var second: Int
  /// Seconds that were measured of it: 1, or less where the load began or ended within it.
  package var length: Double = 1
  /// Requests that fell due in this second.
  package var due: Int = 0
  /// Requests answered without error in this second.
  package var completed: Int = 0
  package var failed: [ErrorClass: Int] = [:]
  /// Connections opened, and closed for age, idleness or an error.
  package var connectionsOpened: Int = 0
  package var connectionsClosed: Int = 0
  /// Time-weighted means over the second, and the largest value seen.
  package var active: Gauge = Gauge()
  package var idle: Gauge = Gauge()
  package var waiting: Gauge = Gauge()
  /// Users that took part, those included who only finished what they had begun. In an open loop 0, or of a flow the visits
  /// under way.
  package var users: Gauge = Gauge()
  /// nil where the transactions are no steps of a flow.
  package var flows: FlowCounts?
  /// One for each transaction, in the order of the file; empty where there is but one.
  package var parts: [TransactionPart] = []
  /// CPU seconds that the load engine's thread used in this second.
  package var generatorCPU: Double = 0
  /// Encoded by `Statistics.Histogram`; a kind without samples is absent.
  package var histograms: [HistogramKind: [UInt8]] = [:]

  package init(second: Int) { self.second = second }

  package var failures: Int { failed.values.reduce(0, +) }
  package var isWarmUp: Bool { second < 0 }
}

/// Visits of a flow in a second. Over a whole block, warm-up included: started = completed + failed + under way at the end.
package struct FlowCounts: Hashable, Sendable {
  package var started: Int
  package var completed: Int
  package var failed: Int
  package init(started: Int = 0, completed: Int = 0, failed: Int = 0) {
    self.started = started
    self.completed = completed
    self.failed = failed
  }

  package var ended: Int { completed + failed }

  package static func + (left: FlowCounts, right: FlowCounts) -> FlowCounts {
    FlowCounts(
      started: left.started + right.started, completed: left.completed + right.completed,
      failed: left.failed + right.failed)
  }
}

/// One transaction of a mixed load, or one step of a flow, in a second.
package struct TransactionPart: Hashable, Sendable {
  package var name: String
  package var completed: Int
  package var failed: Int
  /// As `HistogramKind.latency`, encoded; nil without samples.
  package var latency: [UInt8]?
  package init(name: String, completed: Int = 0, failed: Int = 0, latency: [UInt8]? = nil) {
    self.name = name
    self.completed = completed
    self.failed = failed
    self.latency = latency
  }
}

package struct Gauge: Hashable, Sendable {
  package var mean: Double
  package var max: Int
  package init(mean: Double = 0, max: Int = 0) {
    self.mean = mean
    self.max = max
  }
}
