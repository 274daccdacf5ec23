/// Server slots that sessions hold at one moment, as `pg_stat_activity` shows them.
package struct LiveSlots: Hashable, Sendable {
  /// Sessions of one user, database and application name; what nobody gave is empty.
  package struct Group: Hashable, Sendable {
    package var user: String
    package var database: String
    package var application: String
    package var sessions: Int
    package var active: Int
    package var idleInTransaction: Int
    package init(
      user: String, database: String, application: String, sessions: Int, active: Int, idleInTransaction: Int
    ) {
      self.user = user
      self.database = database
      self.application = application
      self.sessions = sessions
      self.active = active
      self.idleInTransaction = idleInTransaction
    }
  }

  /// The largest first. The session that asked is not among them.
  package var groups: [Group]
  /// False when the role that asked may not see the state of others' sessions: it lacks pg_monitor.
  package var seesStates: Bool
  package init(_ groups: [Group], seesStates: Bool) {
    self.groups = groups
    self.seesStates = seesStates
  }
  package var sessions: Int { groups.reduce(0) { $0 + $1.sessions } }
}

/// One pool of a running PgBouncer, as `SHOW POOLS` shows it.
package struct LivePool: Hashable, Sendable {
  package var database: String
  package var user: String
  package var clientsActive: Int
  package var clientsWaiting: Int
  /// Connections to the server, in whatever state.
  package var servers: Int
  /// Seconds that the client at the head of the queue has waited.
  package var longestWait: Int
  package init(
    database: String, user: String, clientsActive: Int, clientsWaiting: Int, servers: Int, longestWait: Int
  ) {
    self.database = database
    self.user = user
    self.clientsActive = clientsActive
    self.clientsWaiting = clientsWaiting
    self.servers = servers
    self.longestWait = longestWait
  }
}
