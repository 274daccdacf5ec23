import Model
import Postgres

/// What the server says of its sessions: the load's backends by state, and the counters of the database.
///
/// One session, one statement a sample. A session that broke is opened anew, but not more often than every 5 s.
struct PostgreSQLProbe {
  struct Reading {
    var values: [ProbeGauge: Double]
    /// Process ids of the load's backends, on the server's machine.
    var backends: [Int32]
  }

  private let info: ConnectionInfo
  private let loadName: String
  private let watched: Set<Metric>
  private var session: Session?
  private var nextAttempt = -Double.infinity

  /// Longest wait for the server in one sample.
  private static let patience = Duration.seconds(1)

  /// - Parameter loadName: what `application_name` of the load's sessions begins with.
  init(_ info: ConnectionInfo, loadName: String, watched: Set<Metric> = []) {
    self.info = info
    self.watched = watched
    self.loadName = loadName
  }

  /// nil when the server does not answer. `now` in seconds, on any clock that goes forward.
  mutating func read(now: Double) -> Reading? {
    if session?.isOpen != true {
      guard now >= nextAttempt else { return nil }
      nextAttempt = now + 5
      session = try? Session(info, connectTimeout: Self.patience, statementTimeout: Self.patience)
    }
    guard let session, let rows = try? session.query(sql(session), [loadName]), !rows.isEmpty else { return nil }
    var values: [ProbeGauge: Double] = [:]
    for gauge in Self.gauges {
      if let text = rows[0, gauge.rawValue], let value = Double(text) { values[gauge] = value }
    }
    let backends = (rows[0, "backends"] ?? "").split(separator: ",").compactMap { Int32($0) }
    return Reading(values: values, backends: backends)
  }

  private static let gauges: [ProbeGauge] = [
    .backendsActive, .backendsIdle, .backendsIdleInTransaction, .backendsOther, .sessions, .sessionsAbandoned,
    .sessionsFatal, .sessionsKilled, .activeSeconds, .idleInTransactionSeconds, .oldestSession, .replicationLag,
    .freeSlots,
  ]

  private func sql(_ session: Session) -> String {
    var parts = [Self.activity]
    if session.serverVersion >= 140_000 { parts.append(Self.counters) }
    if watched.contains(.replicationLag) { parts.append(Self.lag) }
    if watched.contains(.freeSlots) { parts.append("(\(ConnectionSlots.free)) s") }
    return parts.joined(separator: ", ")
  }

  /// Names of the columns are those of `ProbeGauge`.
  private static let activity = """
    SELECT * FROM (
      SELECT count(*) FILTER (WHERE state = 'active') AS backends_active,
        count(*) FILTER (WHERE state = 'idle') AS backends_idle,
        count(*) FILTER (WHERE starts_with(state, 'idle in transaction')) AS backends_idle_in_transaction,
        count(*) FILTER (WHERE state IS NULL OR state IN ('disabled', 'fastpath function call')) AS backends_other,
        extract(epoch FROM max(clock_timestamp() - backend_start)) AS oldest_session,
        string_agg(pid::text, ',' ORDER BY pid) AS backends
      FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND datname = current_database() AND starts_with(application_name, $1)) a
    """

  private static let counters = """
    (SELECT sessions, sessions_abandoned, sessions_fatal, sessions_killed, active_time / 1000 AS active_seconds,
        idle_in_transaction_time / 1000 AS idle_in_transaction_seconds
      FROM pg_stat_database WHERE datname = current_database()) d
    """

  /// Of the standby that is furthest behind in applying; no row, and so no value, where there is none or the role may not
  /// see it. One that has caught up has no lag to tell.
  private static let lag = """
    (SELECT max(CASE WHEN state IS NOT NULL THEN coalesce(extract(epoch FROM replay_lag), 0) END) AS replication_lag
      FROM pg_stat_replication) r
    """
}
