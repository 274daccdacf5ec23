import Model

extension PoolNames {
  /// OpenTelemetry's names of a database client's pool as Prometheus shows them. Sources: semantic conventions v1.44.0
  /// (384d66161), `db.client.connection.*`; before v1.26 `db.client.connections.*` with times in milliseconds. Python's
  /// instrumentation of SQLAlchemy (0.66b2) has a unit that becomes a part of the name.
  static let openTelemetry = PoolNames(
    scheme: .openTelemetry,
    metrics: [
      set(
        "db_client_connection", counts: ["db_client_connection_count"],
        waits: [("_wait_time_seconds", 1), ("_wait_time", 1)]),
      set(
        "db_client_connections", counts: ["db_client_connections_usage", "db_client_connections_usage_connections"],
        waits: [("_wait_time_milliseconds", 1e-3), ("_wait_time", 1e-3)]),
    ])

  private static let states = ["state", "db_client_connection_state", "db_client_connections_state"]

  private static func set(_ prefix: String, counts: [String], waits: [(suffix: String, scale: Double)]) -> [Metric] {
    var metrics = [
      Metric(.max, prefix + "_max"), Metric(.waiting, prefix + "_pending_requests"),
      // Not a name of theirs, but beside them on the page of `poolops monitor --listen`.
      Metric(.oldestWait, "poolops_pool_oldest_wait_seconds"),
      Metric(.timeouts, prefix + "_timeouts_total"), Metric(.timeouts, prefix + "_timeouts"),
    ]
    for count in counts {
      metrics += [Metric(.inUse, count).with(states, "used"), Metric(.idle, count).with(states, "idle")]
    }
    for (suffix, scale) in waits {
      metrics.append(Metric(.acquireSeconds, prefix + suffix + "_sum", scale: scale))
      metrics.append(Metric(.acquisitions, prefix + suffix + "_count"))
    }
    return metrics
  }
}
