/// Names a run: `run-12`.
package struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var number: Int
  package init(_ number: Int) { self.number = number }

  /// Reads `run-12` or `12`.
  package init?(text: String) {
    let digits = text.hasPrefix("run-") ? text.dropFirst(4) : text[...]
    guard let number = Int(digits), number > 0, digits.allSatisfy(\.isNumber) else { return nil }
    self.number = number
  }
  package var description: String { "run-\(number)" }
  package static func < (left: RunID, right: RunID) -> Bool { left.number < right.number }
}

/// A moment, in microseconds since 1970-01-01 UTC.
package struct Timestamp: Hashable, Sendable, Comparable {
  package var microseconds: Int64
  package init(microseconds: Int64) { self.microseconds = microseconds }
  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  package func duration(since earlier: Timestamp) -> Duration { .microseconds(microseconds - earlier.microseconds) }

  /// RFC 3339 in UTC, to the second: `2026-11-20T18:50:00Z`. Civil-from-days after H. Hinnant's calendar algorithms.
  package var text: String {
    let seconds = microseconds.floorDivided(by: 1_000_000)
    let days = seconds.floorDivided(by: 86_400)
    let second = seconds - days * 86_400
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
    return "\(year)-\(two(month))-\(two(day))T\(clock)Z"
  }

  private func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension Int64 {
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

/// Why a request failed.
package enum ErrorClass: Hashable, Sendable {
  /// No connection of the pool became free within `acquire_timeout`.
  case acquireTimeout
  /// `max_waiting` requests were waiting already.
  case queueFull
  /// The server's slots are used up: SQLSTATE 53300.
  case tooManyConnections
  /// Nothing listens, or the server is starting or stopping.
  case connectionRefused
  case connectTimeout
  /// The server refused the role or its password.
  case authentication
  /// No agreement on TLS, or a certificate that is not trusted.
  case tls
  /// SQLSTATE 57014: `statement_timeout`, or a cancel.
  case statementTimeout
  /// The connection broke while a request was using it.
  case serverGone
  /// No whole answer within `request_timeout`; the connection was given up.
  case requestTimeout
  /// Not one byte of an answer within `first_byte_timeout`; the connection was given up.
  case firstByteTimeout
  /// An HTTP status that does not count as success.
  case status(Int)
  /// What came is no HTTP response.
  case badResponse
  /// The body does not contain what the transaction expects.
  case unexpectedBody
  /// The answer lacks a value that a later step of the flow needs.
  case valueMissing
  /// Any other error, by SQLSTATE.
  case sql(String)

  /// As stored and shown: `acquire_timeout`, `sql:23505`.
  package var word: String {
    switch self {
    case .acquireTimeout: "acquire_timeout"
    case .queueFull: "queue_full"
    case .tooManyConnections: "too_many_connections"
    case .connectionRefused: "connection_refused"
    case .connectTimeout: "connect_timeout"
    case .authentication: "authentication"
    case .tls: "tls"
    case .statementTimeout: "statement_timeout"
    case .serverGone: "server_gone"
    case .requestTimeout: "request_timeout"
    case .firstByteTimeout: "first_byte_timeout"
    case .status(let status): "http:\(status)"
    case .badResponse: "bad_response"
    case .unexpectedBody: "unexpected_body"
    case .valueMissing: "value_missing"
    case .sql(let state): "sql:\(state)"
    }
  }

  package init?(word: String) {
    if word.hasPrefix("sql:") { self = .sql(String(word.dropFirst(4))); return }
    if word.hasPrefix("http:"), let status = Int(word.dropFirst(5)) { self = .status(status); return }
    let plain: [ErrorClass] = [
      .acquireTimeout, .queueFull, .tooManyConnections, .connectionRefused, .connectTimeout, .authentication,
      .tls, .statementTimeout, .serverGone, .requestTimeout, .firstByteTimeout, .badResponse, .unexpectedBody,
      .valueMissing,
    ]
    guard let found = plain.first(where: { $0.word == word }) else { return nil }
    self = found
  }
}

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

/// What a load of steps found in one block.
package struct BreakingPoint: Hashable, Sendable {
  /// Of the highest step that held; 0 when the first one did not.
  package var held: Int
  /// Of the first step that did not; nil when all held, and the breaking point lies beyond.
  package var broke: Int?
  /// Which condition ended it, as the file has it; empty when none did.
  package var condition: String
  /// What was measured in the step that did not hold, in the base unit of the condition's metric.
  package var value: Double?
  package init(held: Int, broke: Int? = nil, condition: String = "", value: Double? = nil) {
    self.held = held
    self.broke = broke
    self.condition = condition
    self.value = value
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

/// What a probe read at one moment of a block.
package struct ProbeSample: Hashable, Sendable {
  /// Seconds since the measured part began; negative during warm-up.
  package var second: Double
  package var values: [ProbeGauge: Double]
  package init(second: Double, values: [ProbeGauge: Double]) {
    self.second = second
    self.values = values
  }
}

/// The facts that probes read. Counters only grow and are stored as read; figures come from their differences.
package enum ProbeGauge: String, CaseIterable, Hashable, Sendable {
  /// Counter: CPU seconds of the server's process tree, ended backends included.
  case serverCPUSeconds = "server_cpu_seconds"
  /// Counters of the whole machine, in CPU seconds.
  case machineBusySeconds = "machine_busy_seconds"
  case machineTotalSeconds = "machine_total_seconds"
  case machineStealSeconds = "machine_steal_seconds"
  /// Mean private resident memory of a client backend, bytes.
  case backendMemory = "backend_memory"
  /// Client backends of the load by state, from pg_stat_activity.
  case backendsActive = "backends_active"
  case backendsIdle = "backends_idle"
  case backendsIdleInTransaction = "backends_idle_in_transaction"
  case backendsOther = "backends_other"
  /// Counters from pg_stat_database.
  case sessions
  case sessionsAbandoned = "sessions_abandoned"
  case sessionsFatal = "sessions_fatal"
  case sessionsKilled = "sessions_killed"
  /// Counters, seconds: time that sessions were executing, and idle in a transaction.
  case activeSeconds = "active_seconds"
  case idleInTransactionSeconds = "idle_in_transaction_seconds"
  /// What an app tells of its own pool: see `PoolFigure`. The last three are counters.
  case poolMax = "app_pool_max"
  case poolInUse = "app_pool_in_use"
  case poolIdle = "app_pool_idle"
  case poolWaiting = "app_pool_waiting"
  case poolOldestWait = "app_pool_oldest_wait"
  case poolTimeouts = "app_pool_timeouts"
  case poolAcquireSeconds = "app_pool_acquire_seconds"
  case poolAcquisitions = "app_pool_acquisitions"
  /// Of the standby that is furthest behind, seconds, from pg_stat_replication.
  case replicationLag = "replication_lag"
  /// Connection slots that an ordinary role can still have.
  case freeSlots = "free_slots"
  /// Age of the load's oldest session on the server, seconds.
  case oldestSession = "oldest_session"
  /// Resident memory of poolops itself, bytes.
  case generatorMemory = "generator_memory"
}

extension ProbeGauge {
  /// nil for what is not stored, since others give it.
  package init?(_ figure: PoolFigure) {
    switch figure {
    case .max: self = .poolMax
    case .total: return nil
    case .inUse: self = .poolInUse
    case .idle: self = .poolIdle
    case .waiting: self = .poolWaiting
    case .oldestWait: self = .poolOldestWait
    case .timeouts: self = .poolTimeouts
    case .acquireSeconds: self = .poolAcquireSeconds
    case .acquisitions: self = .poolAcquisitions
    }
  }
}

package enum RecordStatus: String, CaseIterable, Hashable, Sendable {
  case running
  case finished
  /// Ended early: killed, interrupted, or stopped by a guard. Never averaged in.
  case aborted
}

/// One block of a run.
package struct Block: Hashable, Sendable {
  package var id: Int
  /// Which pair it belongs to, from 0.
  package var pair: Int
  /// Place among all blocks of the execution, from 0.
  package var position: Int
  package var status: RecordStatus
  package var started: Timestamp
  package var ended: Timestamp?
  /// What the pool really took, read back from the pool that this block used.
  package var effective: PoolSettings?
  /// Requests that were still unanswered when the block ended; with them the counts of its slices add up.
  package var inFlightAtEnd: Int = 0
  /// nil where the load is not one of steps, or its end was not reached.
  package var breakingPoint: BreakingPoint?
  package init(
    id: Int, pair: Int, position: Int, status: RecordStatus, started: Timestamp, ended: Timestamp? = nil,
    effective: PoolSettings? = nil, inFlightAtEnd: Int = 0, breakingPoint: BreakingPoint? = nil
  ) {
    self.breakingPoint = breakingPoint
    self.id = id
    self.pair = pair
    self.position = position
    self.status = status
    self.started = started
    self.ended = ended
    self.effective = effective
    self.inFlightAtEnd = inFlightAtEnd
  }
}

/// One measured load under one configuration, without its slices.
package struct Run: Hashable, Sendable {
  package var id: RunID
  package var execution: ExecutionID
  package var kind: ExecutionKind
  package var arm: Arm
  package var status: RecordStatus
  package var wanted: PoolSettings
  package var started: Timestamp
  package var ended: Timestamp?
  /// Facts that must agree for two runs to be compared: `postgres_version`, `cores`, `kernel`, `dataset_scale`, `load` ...
  package var environment: [String: String]
  /// `max_size` of a rollout's step; nil for the runs that an execution compares.
  package var step: Int?
  package init(
    id: RunID, execution: ExecutionID, arm: Arm, status: RecordStatus, wanted: PoolSettings, started: Timestamp,
    ended: Timestamp? = nil, environment: [String: String] = [:], kind: ExecutionKind = .experiment, step: Int? = nil
  ) {
    self.id = id
    self.step = step
    self.kind = kind
    self.execution = execution
    self.arm = arm
    self.status = status
    self.wanted = wanted
    self.started = started
    self.ended = ended
    self.environment = environment
  }
}

/// A run with all that was measured in it, as the store returns it and the analysis reads it.
package struct RecordedRun: Hashable, Sendable {
  package struct RecordedBlock: Hashable, Sendable {
    package var block: Block
    /// In order of `second`, warm-up included.
    package var slices: [Slice]
    package var samples: [ProbeSample]
    package init(block: Block, slices: [Slice], samples: [ProbeSample]) {
      self.block = block
      self.slices = slices
      self.samples = samples
    }
  }
  package var run: Run
  /// In order of `position`.
  package var blocks: [RecordedBlock]
  package init(run: Run, blocks: [RecordedBlock]) {
    self.run = run
    self.blocks = blocks
  }
}
