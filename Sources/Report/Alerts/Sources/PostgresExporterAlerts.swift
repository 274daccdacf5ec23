extension AlertSource {
  /// The server's slots, as postgres_exporter tells them. `pg_stat_activity_count` counts sessions that have a database, so
  /// neither background processes nor those that are still logging in.
  static let postgresExporter = AlertSource(
    id: "postgres_exporter", title: "PostgreSQL through postgres_exporter",
    origin: "postgres_exporter 0.11 and dbb1987e, queries on pg_settings and pg_stat_activity",
    seesPools: false,
    notes: [
      "It sees the server's slots and no pool: whether requests wait it cannot tell.",
      "Its role needs pg_monitor: of other roles' sessions PostgreSQL tells it no state, and what has no state it does not count.",
      "When every slot is taken it cannot connect either, unless its role may use the reserved ones (pg_use_reserved_connections, PostgreSQL 16).",
    ],
    labels: [Label("server", "10.0.0.5:5432")],
    scrape: [Label("job", "postgres"), Label("instance", "db-1:9187")],
    subject: "PostgreSQL {{ $labels.server }}",
    rules: { context in
      let labels = context.source.scrape + context.source.labels
      return context.slots(
        free: postgresFree, usable: ("on (job, instance, server) ", "(\(postgresUsable))"), labels: labels
      ) { free in
        postgresSeries(context, .gauge(calm: 57, trouble: 97 - free))
      } + [
        context.sourceDown(
          "pg_up == 0\nor (\(context.gone("pg_up", by: ["job", "instance"])))", labels: context.source.scrape, value: 0,
          [AlertTrial.Series("pg_up{job=\"postgres\",instance=\"db-1:9187\"}", .gauge(calm: 1, trouble: 0))]
        ).about("PostgreSQL of {{ $labels.instance }}", in: context)
      ]
    },
    ordinary: { context in
      postgresSeries(context, .bursts(60, over: 40))
        + [AlertTrial.Series("pg_up{job=\"postgres\",instance=\"db-1:9187\"}", .gauge(calm: 1, trouble: 1))]
    },
    panels: [
      PanelQuery(.slots, postgresFree, "{{server}} free"),
      PanelQuery(.slots, "sum by (job, instance, server) (pg_stat_activity_count)", "{{server}} used"),
      PanelQuery(.slots, postgresUsable, "{{server}} usable"),
    ])

  /// Reserved slots beside the superusers' are there since PostgreSQL 16.
  private static let postgresUsable = """
    pg_settings_max_connections - pg_settings_superuser_reserved_connections
      - (pg_settings_reserved_connections or pg_settings_max_connections * 0)
    """

  private static let postgresFree = """
    (\(postgresUsable))
      - on (job, instance, server) sum by (job, instance, server) (pg_stat_activity_count)
    """

  private static func postgresSeries(_ context: AlertContext, _ idle: AlertTrial.Course) -> [AlertTrial.Series] {
    [
      context.series("pg_settings_max_connections", .gauge(calm: 100, trouble: 100)),
      context.series("pg_settings_superuser_reserved_connections", .gauge(calm: 3, trouble: 3)),
      context.series("pg_stat_activity_count", [Label("datname", "app"), Label("state", "idle")], idle),
      context.series(
        "pg_stat_activity_count", [Label("datname", "app"), Label("state", "active")], .gauge(calm: 0, trouble: 0)),
    ]
  }
}
