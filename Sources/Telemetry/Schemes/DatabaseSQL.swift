import Model

extension PoolNames {
  /// `sql.DBStats` of Go, as JSON and by the names of client_golang's DBStats collector. Most connections 0 means no limit.
  /// It does not tell how many wait now, and counts no timeouts: a request gives up with its context.
  static let databaseSQL = PoolNames(
    scheme: .databaseSQL,
    metrics: [
      [
        Metric(.max, "go_sql_max_open_connections"), Metric(.total, "go_sql_open_connections"),
        Metric(.inUse, "go_sql_in_use_connections"), Metric(.idle, "go_sql_idle_connections"),
      ]
    ],
    members: Members(
      names: [.max: ["maxopenconnections"], .total: ["openconnections"], .inUse: ["inuse"], .idle: ["idle"]],
      marks: ["openconnections"]))
}
