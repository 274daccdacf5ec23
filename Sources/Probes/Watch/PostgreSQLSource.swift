import Monitor
import Postgres

/// A PostgreSQL server: its slots, its sessions by state and application, who holds a connection longest, and its transactions.
///
/// One session, one statement a sample. A role without `pg_monitor` does not see the state of other roles' sessions.
package final class PostgreSQLSource: SourceReader {
  private var held: HeldSession

  package convenience init(_ info: ConnectionInfo) { self.init(finding: { info }) }

  /// - Parameter info: where the server is now; nil while it is down.
  package init(finding info: @escaping @Sendable () -> ConnectionInfo?) {
    held = HeldSession(info, application: "poolops-monitor")
  }

  package func read() throws(SourceFault) -> SourceReading {
    let rows = try held.ask { (session, _) throws(PostgresError) in
      try session.console(Self.limit + Self.statement, within: HeldSession.patience + .seconds(1))
    }
    guard let report = ServerReport(rows) else { throw SourceFault("its answer lacks the slots") }
    return SourceReading(server: report)
  }

  /// For this transaction alone: behind a pooler the session is the app's too, and would keep what is set for longer.
  private static let limit = "SET LOCAL statement_timeout = \(HeldSession.patience.components.seconds * 1000); "

  /// What a row says stands in its first column. Background processes take no slots of `max_connections`; sessions whose
  /// type our role may not see are taken for clients.
  static let statement = """
    WITH s AS MATERIALIZED (
      SELECT pid, usename, application_name, state, coalesce(xact_start, query_start) AS since,
        pid = pg_backend_pid() AS is_own
      FROM pg_stat_activity
      WHERE backend_type = 'client backend' OR backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL)
    SELECT 'slots' AS what, NULL::text AS name, current_setting('max_connections')::bigint AS one,
      current_setting('superuser_reserved_connections')::bigint
        + coalesce(current_setting('reserved_connections', true), '0')::bigint AS two,
      (SELECT count(*) FROM s) AS three, NULL::float8 AS seconds, NULL::text AS role, NULL::text AS state
    UNION ALL
    SELECT 'state', coalesce(state, ''), count(*), NULL, NULL, NULL, NULL, NULL FROM s WHERE NOT is_own GROUP BY state
    UNION ALL
    (SELECT 'application', application_name, count(*), count(*) FILTER (WHERE state = 'active'),
      count(*) FILTER (WHERE starts_with(state, 'idle in transaction')), NULL, NULL, NULL
      FROM s WHERE NOT is_own GROUP BY application_name ORDER BY 3 DESC, 2 LIMIT 12)
    UNION ALL
    (SELECT 'holder', application_name, pid, NULL, NULL, extract(epoch FROM clock_timestamp() - since), usename, state
      FROM s WHERE NOT is_own AND state <> 'idle' AND since IS NOT NULL ORDER BY since LIMIT 8)
    UNION ALL
    SELECT 'transactions', NULL, sum(xact_commit + xact_rollback)::bigint, NULL, NULL, NULL, NULL, NULL
      FROM pg_stat_database
    """
}

extension ServerReport {
  /// nil where the row about slots is not there.
  init?(_ rows: Rows) {
    func number(_ row: Int, _ column: String) -> Int { rows.number(row, column) ?? 0 }
    guard let slots = (0..<rows.count).first(where: { rows[$0, "what"] == "slots" }) else { return nil }
    self.init(slots: number(slots, "one"), reservedSlots: number(slots, "two"), usedSlots: number(slots, "three"))
    for row in 0..<rows.count {
      let name = rows[row, "name"] ?? ""
      switch rows[row, "what"] {
      case "state" where name.isEmpty: hiddenSessions = number(row, "one")
      case "state": sessions[name] = number(row, "one")
      case "application":
        applications.append(
          ApplicationSessions(
            name: name, sessions: number(row, "one"), active: number(row, "two"),
            idleInTransaction: number(row, "three")))
      case "holder":
        holders.append(
          ConnectionHolder(
            pid: number(row, "one"), application: name, user: rows[row, "role"] ?? "", state: rows[row, "state"] ?? "",
            seconds: max(0, rows[row, "seconds"].flatMap { Double($0) } ?? 0)))
      case "transactions": transactions = rows[row, "one"].flatMap { Double($0) }
      default: break
      }
    }
  }
}
