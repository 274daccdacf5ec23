import Model

extension PoolNames {
  /// A pooler in front of the app's database, by the names of pgbouncer_exporter (6918f4e). Server connections that wait
  /// for their check (`used`) are idle ones. The exporter tells the size of a pool under other labels, so it is not read.
  static let pgBouncer = PoolNames(
    scheme: .pgBouncer,
    metrics: [
      [
        Metric(.inUse, "pgbouncer_pools_server_active_connections"),
        Metric(.idle, "pgbouncer_pools_server_idle_connections", "pgbouncer_pools_server_used_connections"),
        Metric(.idle, "pgbouncer_pools_server_idle_connections"),
        Metric(.waiting, "pgbouncer_pools_client_waiting_connections"),
        Metric(.oldestWait, "pgbouncer_pools_client_maxwait_seconds"),
      ]
    ])
}
