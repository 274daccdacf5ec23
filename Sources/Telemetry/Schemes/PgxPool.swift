import Model

extension PoolNames {
  /// `pgxpool.Stat`, as JSON and as its collectors for Prometheus name it (`_conns`, and otelpgx's later `_connections`).
  /// Source: pgx v5 728cefa8, `pgxpool/stat.go`.
  ///
  /// pgxpool has no time limit of its own: a request gives up with its context, which `CanceledAcquireCount` counts. It does
  /// not tell how many wait.
  static let pgxpool = PoolNames(
    scheme: .pgxpool,
    metrics: [
      set("conns"), set("connections"),
    ],
    members: Members(
      names: [
        .max: ["maxconns"], .total: ["totalconns"], .inUse: ["acquiredconns"], .idle: ["idleconns"],
        .timeouts: ["canceledacquirecount"], .acquisitions: ["acquirecount"],
        .acquireSeconds: ["acquireduration", "acquiredurationns"],
      ],
      marks: ["acquiredconns"], scales: ["acquireduration": 1e-9, "acquiredurationns": 1e-9]))

  private static func set(_ noun: String) -> [Metric] {
    [
      Metric(.max, "pgxpool_max_\(noun)"), Metric(.total, "pgxpool_total_\(noun)"),
      Metric(.inUse, "pgxpool_acquired_\(noun)"), Metric(.idle, "pgxpool_idle_\(noun)"),
      Metric(.timeouts, "pgxpool_canceled_acquire_count_total"), Metric(.timeouts, "pgxpool_canceled_acquire_count"),
      Metric(.timeouts, "pgxpool_canceled_acquires_total"),
      Metric(.acquireSeconds, "pgxpool_acquire_duration_seconds_total"),
      Metric(.acquireSeconds, "pgxpool_acquire_duration_ns", scale: 1e-9),
      Metric(.acquisitions, "pgxpool_acquire_count_total"), Metric(.acquisitions, "pgxpool_acquire_count"),
      Metric(.acquisitions, "pgxpool_acquires_total"),
    ]
  }
}
