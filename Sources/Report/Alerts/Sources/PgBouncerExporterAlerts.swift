extension AlertSource {
  /// A pooler, by the names of pgbouncer_exporter. It tells the age of the oldest waiting client in whole seconds, rounded
  /// down, so that the rules count in whole seconds too.
  static let pgBouncerExporter = AlertSource(
    id: "pgbouncer_exporter", title: "PgBouncer through pgbouncer_exporter",
    origin: "pgbouncer_exporter 6918f4e and 03527dcd, collector.go", ecosystem: "pgbouncer",
    notes: [
      "The acquire timeout is query_wait_timeout, unless the app gives up before.",
      "PgBouncer counts no clients that gave up, so there is no alert on them.",
      "The prediction takes a transaction for a connection that comes back, as it is in transaction mode.",
    ],
    labels: [Label("database", "app"), Label("user", "web")],
    scrape: [Label("job", "pgbouncer"), Label("instance", "bouncer-1:9127")],
    subject: "PgBouncer's pool {{ $labels.database }} of {{ $labels.instance }}",
    rules: { context in
      bouncerWaits(context) + [
        context.byPace(
          waiting: "sum by (job, instance, database) (pgbouncer_pools_client_waiting_connections)",
          returns: bouncerReturns(context), labels: context.source.scrape + [Label("database", "app")]
        ) { waiting, returned in
          [
            context.series("pgbouncer_pools_client_waiting_connections", waiting),
            AlertTrial.Series(
              "pgbouncer_stats_totals_sql_transactions_pooled_total{job=\"pgbouncer\",instance=\"bouncer-1:9127\",database=\"app\"}",
              returned),
          ]
        },
        context.exhausted(
          """
          pgbouncer_pools_client_waiting_connections > 0
          and pgbouncer_pools_server_idle_connections + pgbouncer_pools_server_used_connections == 0
          """, value: 3, bouncerSeries(context, waiting: .gauge(calm: 0, trouble: 3), idle: .gauge(calm: 4, trouble: 0))
        ),
        context.sourceDown(
          "pgbouncer_up == 0\nor (\(context.gone("pgbouncer_up", by: ["job"])))", labels: [Label("job", "pgbouncer")],
          value: 1,
          [AlertTrial.Series("pgbouncer_up{job=\"pgbouncer\",instance=\"bouncer-1:9127\"}", .gone(1))]
        ).about("PgBouncer of {{ $labels.job }}", in: context),
      ]
    },
    ordinary: { context in
      bouncerSeries(context, waiting: .bursts(2), idle: .gauge(calm: 4, trouble: 4)) + [
        context.series("pgbouncer_pools_client_maxwait_seconds", .gauge(calm: 0, trouble: 0)),
        AlertTrial.Series(
          "pgbouncer_stats_totals_sql_transactions_pooled_total{job=\"pgbouncer\",instance=\"bouncer-1:9127\",database=\"app\"}",
          .counter(calm: 100, trouble: 100)),
        AlertTrial.Series(
          "pgbouncer_up{job=\"pgbouncer\",instance=\"bouncer-1:9127\"}", .gauge(calm: 1, trouble: 1)),
      ]
    },
    panels: [
      PanelQuery(.connections, "pgbouncer_pools_server_active_connections", "{{database}} {{user}} used"),
      PanelQuery(
        .connections, "pgbouncer_pools_server_idle_connections + pgbouncer_pools_server_used_connections",
        "{{database}} {{user}} idle"),
      PanelQuery(.connections, "pgbouncer_databases_pool_size", "{{name}} most"),
      PanelQuery(.waiting, "pgbouncer_pools_client_waiting_connections", "{{database}} {{user}}"),
      PanelQuery(.oldestWait, "pgbouncer_pools_client_maxwait_seconds", "{{database}} {{user}}"),
    ])

  /// By the age where whole seconds are fine enough for it, else by the queue.
  private static func bouncerWaits(_ context: AlertContext) -> [AlertRule] {
    let timing = context.timing
    func seconds(_ share: Double) -> Int { max(1, timing.share(share) / 1000) }
    let alert = seconds(AlertTiming.alertShare)
    guard alert * 1000 < timing.acquireTimeout else {
      return context.byQueue(waiting: "pgbouncer_pools_client_waiting_connections")
    }
    // Where both come to the same whole second, one alert says it.
    let warning = seconds(AlertTiming.warningShare)
    let shares = warning < alert ? [AlertTiming.warningShare, AlertTiming.alertShare] : [AlertTiming.alertShare]
    return shares.map { share in
      context.byAge(
        share, wait: seconds(share) * 1000, "pgbouncer_pools_client_maxwait_seconds >= \(seconds(share))",
        wholeSeconds: true,
        [
          context.series(
            "pgbouncer_pools_client_maxwait_seconds", .age(upTo: timing.acquireTimeout, wholeSeconds: true))
        ])
    }
  }

  private static func bouncerReturns(_ context: AlertContext) -> String {
    let range = PromQL.duration(context.timing.rateRange)
    let rates = [
      "pgbouncer_stats_totals_sql_transactions_pooled_total", "pgbouncer_stats_sql_transactions_pooled_total",
    ]
    .map { "rate(\($0)[\(range)])" }
    return "on (job, instance, database) (\(rates.joined(separator: " or ")))"
  }

  private static func bouncerSeries(
    _ context: AlertContext, waiting: AlertTrial.Course, idle: AlertTrial.Course
  ) -> [AlertTrial.Series] {
    [
      context.series("pgbouncer_pools_client_waiting_connections", waiting),
      context.series("pgbouncer_pools_server_idle_connections", idle),
      context.series("pgbouncer_pools_server_used_connections", .gauge(calm: 0, trouble: 0)),
    ]
  }
}
