import Model

/// What is watched, as it is at one moment: what views, exporters and alerts are made of.
package struct MonitorSnapshot: Hashable, Sendable {
  package var at: Timestamp
  /// In the order in which the user named them.
  package var sources: [SourceState]
  package var pools: [PoolState]
  package var servers: [ServerState]
  package var machines: [MachineState]

  package init(
    at: Timestamp, sources: [SourceState] = [], pools: [PoolState] = [], servers: [ServerState] = [],
    machines: [MachineState] = []
  ) {
    self.at = at
    self.sources = sources
    self.pools = pools
    self.servers = servers
    self.machines = machines
  }

  /// The worst of all pools and servers.
  package var level: WarningLevel {
    let levels = pools.map(\.outlook.level) + servers.map(\.level) + sources.map { $0.isFull ? .alert : .calm }
    return levels.max() ?? .calm
  }
}

/// Whether a source tells anything at the moment.
package struct SourceState: Hashable, Sendable {
  /// As the user calls it: unique, without anything secret.
  package var name: String
  package var kind: SourceKind
  /// Why it tells nothing, as a sentence without a full stop; nil while it does.
  package var fault: String?
  /// The fault is that the server has no connection slot left for us: an alert in itself.
  package var isFull: Bool
  /// When it told something last.
  package var lastTold: Timestamp?

  package init(
    name: String, kind: SourceKind, fault: String? = nil, isFull: Bool = false, lastTold: Timestamp? = nil
  ) {
    self.name = name
    self.kind = kind
    self.fault = fault
    self.isFull = isFull
    self.lastTold = lastTold
  }
}

/// Where facts come from. One file each in Probes.
package enum SourceKind: String, CaseIterable, Hashable, Sendable {
  case postgreSQL = "postgres"
  case pgBouncer = "pgbouncer"
  /// An app's pool endpoint.
  case app
  /// Processes of this machine, from `/proc`.
  case processes
  case nodeExporter = "node-exporter"
}

/// One pool: an app's, or one of a PgBouncer.
package struct PoolState: Hashable, Sendable {
  /// Unique within its source: an app's name for it, or `database/user` of a PgBouncer.
  package var name: String
  package var source: String
  package var gauges: PoolGauges
  package var acquireTimeout: Duration?
  package var outlook: EarlyWarning.Outlook
  package var lead: GuaranteedLead
  /// What follows from two samples of the counters.
  package var rates: PoolRates
  /// What a person should know beside the figures, such as `paused`.
  package var note: String?
  /// Of the last minutes, the oldest first, this moment last.
  package var history: [PoolPoint]

  package init(
    name: String, source: String, gauges: PoolGauges, acquireTimeout: Duration?, outlook: EarlyWarning.Outlook,
    lead: GuaranteedLead, rates: PoolRates = PoolRates(), note: String? = nil, history: [PoolPoint] = []
  ) {
    self.name = name
    self.source = source
    self.gauges = gauges
    self.acquireTimeout = acquireTimeout
    self.outlook = outlook
    self.lead = lead
    self.rates = rates
    self.note = note
    self.history = history
  }
}

/// What a pool did since the sample before; nil: not told, or this is the first.
package struct PoolRates: Hashable, Sendable {
  /// Connections handed out a second.
  package var acquisitions: Double?
  /// Requests a second that got none in time.
  package var timeouts: Double?
  /// Mean seconds that those which got one had waited.
  package var meanWait: Double?

  package init(acquisitions: Double? = nil, timeouts: Double? = nil, meanWait: Double? = nil) {
    self.acquisitions = acquisitions
    self.timeouts = timeouts
    self.meanWait = meanWait
  }
}

/// A pool at one moment, for curves.
package struct PoolPoint: Hashable, Sendable {
  /// Seconds on the monitor's own clock.
  package var at: Double
  package var inUse: Double?
  package var waiting: Double?
  package var rate: Double?

  package init(at: Double, inUse: Double? = nil, waiting: Double? = nil, rate: Double? = nil) {
    self.at = at
    self.inUse = inUse
    self.waiting = waiting
    self.rate = rate
  }
}

/// A PostgreSQL server's sessions and connection slots.
package struct ServerState: Hashable, Sendable {
  package var source: String
  /// `max_connections`, and what of it only some roles may have: superuser_reserved_connections and reserved_connections.
  package var slots: Int
  package var reservedSlots: Int
  /// Slots that clients have.
  package var usedSlots: Int
  /// Client sessions by state, in PostgreSQL's words.
  package var sessions: [String: Int]
  /// Client sessions of other roles, whose state ours may not see: pg_monitor may.
  package var hiddenSessions: Int
  /// By application, those with most sessions first.
  package var applications: [ApplicationSessions]
  /// Transactions that ended a second, since the sample before; nil at the first one.
  package var transactionRate: Double?
  /// Those that hold a connection longest, the oldest first.
  package var holders: [ConnectionHolder]

  package init(
    source: String, slots: Int, reservedSlots: Int, usedSlots: Int, sessions: [String: Int] = [:],
    hiddenSessions: Int = 0, applications: [ApplicationSessions] = [], transactionRate: Double? = nil,
    holders: [ConnectionHolder] = []
  ) {
    self.source = source
    self.slots = slots
    self.reservedSlots = reservedSlots
    self.usedSlots = usedSlots
    self.sessions = sessions
    self.hiddenSessions = hiddenSessions
    self.applications = applications
    self.transactionRate = transactionRate
    self.holders = holders
  }

  /// Slots that an ordinary role can still have.
  package var freeSlots: Int { max(0, slots - reservedSlots - usedSlots) }

  /// Without a free slot the next connection fails; with fewer than a tenth, a restart of an app may need more.
  package var level: WarningLevel {
    if freeSlots == 0 { return .alert }
    return freeSlots * 10 < slots - reservedSlots ? .warning : .calm
  }
}

/// The sessions of one application.
package struct ApplicationSessions: Hashable, Sendable {
  /// Its `application_name`; may be empty.
  package var name: String
  package var sessions: Int
  package var active: Int
  package var idleInTransaction: Int

  package init(name: String, sessions: Int, active: Int = 0, idleInTransaction: Int = 0) {
    self.name = name
    self.sessions = sessions
    self.active = active
    self.idleInTransaction = idleInTransaction
  }
}

/// A session in a transaction, or with a statement under way.
package struct ConnectionHolder: Hashable, Sendable {
  package var pid: Int
  package var application: String
  package var user: String
  package var state: String
  /// Seconds since its transaction, or else its statement, began.
  package var seconds: Double

  package init(pid: Int, application: String, user: String, state: String, seconds: Double) {
    self.pid = pid
    self.application = application
    self.user = user
    self.state = state
    self.seconds = seconds
  }
}

/// CPU of a machine, or of a process tree on it.
package struct MachineState: Hashable, Sendable {
  package var source: String
  /// Share of all cores in use since the sample before, 0 to 1; nil at the first one.
  package var cpu: Double?
  /// Resident memory of the processes, bytes; nil for a whole machine.
  package var memory: Double?

  package init(source: String, cpu: Double? = nil, memory: Double? = nil) {
    self.source = source
    self.cpu = cpu
    self.memory = memory
  }
}
