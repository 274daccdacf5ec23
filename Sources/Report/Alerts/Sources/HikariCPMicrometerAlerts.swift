extension AlertSource {
  /// As Spring Boot's `/actuator/prometheus` has it.
  static let hikariCPMicrometer = HikariCPNames(
    id: "hikaricp-micrometer", title: "HikariCP through Micrometer",
    origin: "HikariCP 04919ad5, metrics/micrometer; Micrometer's naming for Prometheus",
    active: "hikaricp_connections_active", idle: "hikaricp_connections_idle", pending: "hikaricp_connections_pending",
    max: "hikaricp_connections_max", timeouts: "hikaricp_connections_timeout_total",
    returned: "hikaricp_connections_usage_seconds_count"
  ).source
}
