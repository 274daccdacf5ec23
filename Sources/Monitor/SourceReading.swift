import Model

/// What a source told at one moment, in counters where it counts.
package struct SourceReading: Hashable, Sendable {
  package var pools: [PoolReport]
  package var server: ServerReport?
  package var machine: MachineReport?

  package init(pools: [PoolReport] = [], server: ServerReport? = nil, machine: MachineReport? = nil) {
    self.pools = pools
    self.server = server
    self.machine = machine
  }
}

/// Why a source tells nothing.
package struct SourceFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence without a full stop, and without anything secret.
  package var description: String
  /// It refused a session because no connection slot is left (SQLSTATE 53300): a finding, and not a failure to look.
  package var isFull: Bool

  package init(_ description: String, isFull: Bool = false) {
    self.description = description
    self.isFull = isFull
  }
}

/// One pool as its source tells of it.
package struct PoolReport: Hashable, Sendable {
  /// Unique within its source.
  package var name: String
  package var gauges: PoolGauges
  package var timeout: AcquireTimeout
  /// What a person should know beside the figures, such as `paused`.
  package var note: String?

  package init(name: String, gauges: PoolGauges, timeout: AcquireTimeout = .notTold, note: String? = nil) {
    self.name = name
    self.gauges = gauges
    self.timeout = timeout
    self.note = note
  }
}

/// What a source says of the longest wait for a connection.
package enum AcquireTimeout: Hashable, Sendable {
  case notTold
  /// Requests wait for ever.
  case unlimited
  case after(Duration)
}

/// A PostgreSQL server as it tells of itself.
package struct ServerReport: Hashable, Sendable {
  package var slots: Int
  package var reservedSlots: Int
  package var usedSlots: Int
  package var sessions: [String: Int]
  package var hiddenSessions: Int
  package var applications: [ApplicationSessions]
  package var holders: [ConnectionHolder]
  /// Counter: transactions that ended.
  package var transactions: Double?

  package init(
    slots: Int, reservedSlots: Int, usedSlots: Int, sessions: [String: Int] = [:], hiddenSessions: Int = 0,
    applications: [ApplicationSessions] = [], holders: [ConnectionHolder] = [], transactions: Double? = nil
  ) {
    self.slots = slots
    self.reservedSlots = reservedSlots
    self.usedSlots = usedSlots
    self.sessions = sessions
    self.hiddenSessions = hiddenSessions
    self.applications = applications
    self.holders = holders
    self.transactions = transactions
  }
}

/// CPU time used so far.
package struct MachineReport: Hashable, Sendable {
  /// Counter: seconds of CPU.
  package var busySeconds: Double
  /// Counter: seconds of all cores, idle ones too; nil: as many as `cores` have in the time that passes.
  package var totalSeconds: Double?
  package var cores: Int
  /// Resident bytes.
  package var memory: Double?

  package init(busySeconds: Double, totalSeconds: Double? = nil, cores: Int = 1, memory: Double? = nil) {
    self.busySeconds = busySeconds
    self.totalSeconds = totalSeconds
    self.cores = max(1, cores)
    self.memory = memory
  }
}
