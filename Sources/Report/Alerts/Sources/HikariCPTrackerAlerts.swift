extension AlertSource {
  /// HikariCP's own tracker for Prometheus, without Micrometer.
  static let hikariCPTracker = HikariCPNames(
    id: "hikaricp-prometheus", title: "HikariCP through its own Prometheus tracker",
    origin: "HikariCP 115ba326, metrics/prometheus",
    active: "hikaricp_active_connections", idle: "hikaricp_idle_connections", pending: "hikaricp_pending_threads",
    max: "hikaricp_max_connections", timeouts: "hikaricp_connection_timeout_total",
    returned: "hikaricp_connection_usage_millis_count"
  ).source
}
