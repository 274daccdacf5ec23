extension AlertSource {
  /// OpenTelemetry's conventions for a database client's pool, as Prometheus has their names. It tells no ages, and its
  /// counter of timeouts is there once something was counted. poolops exports these names too; those series are left to the
  /// rules of poolops.
  static let openTelemetry = AlertSource(
    id: "opentelemetry", title: "Pools through OpenTelemetry",
    origin: "semantic conventions v1.44.0 (384d66161), db.client.connection.*",
    notes: [
      "Where an app pushes its metrics (OTLP), what counts as --scrape-interval is its export interval: 60 s unless it says otherwise.",
      "OpenTelemetry tells how many wait and not how long.",
      "What poolops exports under these names is left to the source poolops.",
    ],
    labels: [Label("db_client_connection_pool_name", "orders")],
    scrape: [Label("job", "orders"), Label("instance", "orders-1:8080")],
    subject: "Pool {{ $labels.db_client_connection_pool_name }} of {{ $labels.instance }}",
    rules: { context in
      let range = PromQL.duration(context.timing.rateRange)
      let pending = "db_client_connection_pending_requests"
      return context.byQueue(waiting: pending).map { $0.scoped(notOfPoolops) } + [
        context.byPace(waiting: pending, returns: "rate(db_client_connection_use_time_seconds_count[\(range)])") {
          [context.series(pending, $0), context.series("db_client_connection_use_time_seconds_count", $1)]
        }.scoped(notOfPoolops),
        context.exhausted(
          "\(telemetryUsed)\n  >= db_client_connection_max\nand \(pending) > 0", value: 10,
          telemetrySeries(context, used: .gauge(calm: 7, trouble: 10), pending: .gauge(calm: 0, trouble: 3))
        ).scoped(notOfPoolops),
        context.acquireTimeouts(
          "db_client_connection_timeouts_total", scope: "\n\(notOfPoolops)", appears: true,
          [context.series("db_client_connection_timeouts_total", .counter(calm: 0, trouble: 1))]),
        context.sourceDown(
          context.gone("db_client_connection_max", by: ["job", "db_client_connection_pool_name"]),
          labels: [Label("job", "orders"), Label("db_client_connection_pool_name", "orders")], value: 1,
          [context.series("db_client_connection_max", .gone(10))]
        ).about("Pool {{ $labels.db_client_connection_pool_name }} of {{ $labels.job }}", in: context),
      ]
    },
    ordinary: { context in
      telemetrySeries(context, used: .bursts(10, over: 7), pending: .bursts(2)) + [
        context.series("db_client_connection_use_time_seconds_count", .counter(calm: 100, trouble: 100))
      ]
    },
    panels: [
      PanelQuery(.connections, telemetryUsed, "{{instance}} {{db_client_connection_pool_name}} used"),
      PanelQuery(.connections, telemetry("idle"), "{{instance}} {{db_client_connection_pool_name}} idle"),
      PanelQuery(.connections, "db_client_connection_max", "{{instance}} {{db_client_connection_pool_name}} most"),
      PanelQuery(
        .waiting, "db_client_connection_pending_requests", "{{instance}} {{db_client_connection_pool_name}}"),
      PanelQuery(
        .timeouts, "rate(db_client_connection_timeouts_total[$__rate_interval])",
        "{{instance}} {{db_client_connection_pool_name}}"),
    ])

  private static let notOfPoolops = "unless on (job, instance) poolops_source_up"

  private static let telemetryUsed = telemetry("used")

  /// The state's label has the attribute's whole name, or its last word with older agents.
  private static func telemetry(_ state: String) -> String {
    let either = ["db_client_connection_state", "state"].map { "db_client_connection_count{\($0)=\"\(state)\"}" }
    return "sum without (db_client_connection_state, state) (\n  \(either.joined(separator: "\n  or "))\n)"
  }

  private static func telemetrySeries(
    _ context: AlertContext, used: AlertTrial.Course, pending: AlertTrial.Course
  ) -> [AlertTrial.Series] {
    [
      context.series("db_client_connection_count", [Label("db_client_connection_state", "used")], used),
      context.series("db_client_connection_max", .gauge(calm: 10, trouble: 10)),
      context.series("db_client_connection_pending_requests", pending),
    ]
  }
}
