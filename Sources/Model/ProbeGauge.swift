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
