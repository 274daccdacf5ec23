import Postgres

/// Connection slots of the server that are left to ordinary roles.
package enum ConnectionSlots {
  /// One number: slots without those that are reserved, less the sessions of clients. Of other roles' sessions an ordinary
  /// role does not see the type, so those count as clients. Autovacuum, workers and walsenders have slots of their own.
  static let free = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - coalesce(current_setting('reserved_connections', true), '0')::int
      - count(*) FILTER (WHERE coalesce(backend_type, 'client backend') = 'client backend' AND usesysid IS NOT NULL)
      AS free_slots
    FROM pg_stat_activity
    """

  /// How many an ordinary role can still have; this session's own is not among them.
  package static func free(_ session: Session) throws(PostgresError) -> Int {
    try session.query(free).scalar.flatMap(Int.init) ?? 0
  }
}
