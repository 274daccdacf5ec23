import Model

extension AlertSource {
  /// What `poolops monitor --listen` exports (`MetricsPage`): OpenTelemetry's names, and ages, the acquire timeout of each
  /// pool and its own early warning beside them.
  static let poolopsExporter = AlertSource(
    id: "poolops", title: "poolops's own exporter", origin: "poolops monitor --listen", staleness: 1000,
    notes: [
      "A pool whose acquire timeout poolops knows is measured by that one, whatever --acquire-timeout says.",
      "Where a source does not tell the age of its oldest request, poolops exports the most that it can be.",
    ],
    labels: [Label("db_client_connection_pool_name", "orders"), Label("source", "api")],
    scrape: [Label("job", "poolops"), Label("instance", "watch-1:9187")],
    subject: "Pool {{ $labels.db_client_connection_pool_name }} of {{ $labels.source }}",
    rules: { context in
      [
        poolopsByAge(context, AlertTiming.warningShare, tellsTimeout: false),
        poolopsByAge(context, AlertTiming.alertShare, tellsTimeout: true),
        poolopsWarning(context),
        context.exhausted(
          """
          sum without (db_client_connection_state) (db_client_connection_count{db_client_connection_state="used"})
            >= db_client_connection_max
          and db_client_connection_pending_requests > 0
          """, value: 10,
          poolopsSeries(context, used: .gauge(calm: 7, trouble: 10), pending: .gauge(calm: 0, trouble: 3))
        ).scoped(ofPoolops),
        context.acquireTimeouts(
          "db_client_connection_timeouts_total",
          [
            context.series("db_client_connection_timeouts_total", .counter(calm: 0, trouble: 1)),
            poolopsUp(.gauge(calm: 1, trouble: 1)),
          ]
        ).scoped(ofPoolops),
      ]
        + context.slots(
          free: "sum without (state) (poolops_server_slots{state=\"free\"})",
          usable: ("", "sum without (state) (poolops_server_slots{state=~\"free|used\"})"),
          labels: context.source.scrape + [Label("source", "db")]
        ) { free in poolopsSlots(.gauge(calm: 40, trouble: free), .gauge(calm: 57, trouble: 97 - free)) }
        .map { $0.about("Server {{ $labels.source }}", in: context) }
        + [
          context.sourceDown(
            "poolops_source_up == 0\nor (\(context.gone("poolops_source_up", by: ["job", "source"])))",
            labels: context.source.scrape + [Label("source", "api"), Label("kind", "app")], value: 0,
            [poolopsUp(.gauge(calm: 1, trouble: 0))]
          ).about("Source {{ $labels.source }} of {{ $labels.job }}", in: context)
        ]
    },
    ordinary: { context in
      let tenth = Double(context.timing.share(0.1)) / 1000
      return poolopsSeries(context, used: .bursts(10, over: 7), pending: .bursts(2))
        + poolopsSlots(.bursts(37, over: 57), .bursts(60, over: 40)) + [
          context.series("poolops_pool_oldest_wait_seconds", .bursts(tenth)),
          context.series("poolops_early_warning", [Label("level", "warning")], .bursts(1)),
          context.series("poolops_early_warning", [Label("level", "alert")], .gauge(calm: 0, trouble: 0)),
          context.series("db_client_connection_timeouts_total", .gauge(calm: 5, trouble: 5)),
        ]
    },
    panels: [
      PanelQuery(.connections, telemetryHere("used"), poolopsLegend + " used"),
      PanelQuery(.connections, telemetryHere("idle"), poolopsLegend + " idle"),
      PanelQuery(.connections, "db_client_connection_max \(ofPoolops)", poolopsLegend + " most"),
      PanelQuery(
        .waiting, "db_client_connection_pending_requests \(ofPoolops)", poolopsLegend),
      PanelQuery(.oldestWait, "poolops_pool_oldest_wait_seconds", poolopsLegend),
      PanelQuery(.timeToExhaustion, "poolops_exhaustion_eta_seconds < +Inf", poolopsLegend),
      PanelQuery(
        .timeouts, "rate(db_client_connection_timeouts_total[$__rate_interval]) \(ofPoolops)",
        poolopsLegend),
      PanelQuery(.slots, "poolops_server_slots", "{{source}} {{state}}"),
    ])

  private static let poolopsLegend = "{{source}} {{db_client_connection_pool_name}}"

  private static let ofPoolops = "and on (job, instance) poolops_source_up"

  private static func telemetryHere(_ state: String) -> String {
    "db_client_connection_count{db_client_connection_state=\"\(state)\"} \(ofPoolops)"
  }

  /// Against the acquire timeout of the pool itself, and the plan's where poolops knows none.
  private static func poolopsByAge(_ context: AlertContext, _ share: Double, tellsTimeout: Bool) -> AlertRule {
    let timing = context.timing
    let own = "poolops_pool_acquire_timeout_seconds"
    let seconds = PromQL.seconds(timing.acquireTimeout)
    var series = [context.series("poolops_pool_oldest_wait_seconds", .age(upTo: timing.acquireTimeout))]
    if tellsTimeout {
      let value = Double(timing.acquireTimeout) / 1000
      series.append(context.series(own, .gauge(calm: value, trouble: value)))
    }
    var rule = context.byAge(
      share, wait: timing.share(share),
      """
      poolops_pool_oldest_wait_seconds
      >= \(decimal(share, places: 1)) * (\(own) or poolops_pool_oldest_wait_seconds * 0 + \(seconds))
      """, series)
    let words = share == AlertTiming.alertShare ? "half" : "a fifth"
    rule.condition = "the oldest request has waited \(words) of its pool's acquire timeout"
    rule.description = rule.description.replacing(
      "after \(PromQL.words(timing.acquireTimeout)) it fails",
      with: "when it has waited for its pool's acquire timeout, it fails")
    rule.basis =
      "\(words) of the acquire timeout that poolops exports, and of \(seconds) s for a pool of which it knows none"
    return rule
  }

  /// The exporter's own judgement, which knows more than Prometheus sees: it looks every second.
  private static func poolopsWarning(_ context: AlertContext) -> AlertRule {
    var rule = context.byPace(waiting: "", returns: "") { _, _ in [] }
    rule.hold = 0
    rule.expression = "poolops_early_warning{level=\"alert\"} == 1"
    rule.condition = "poolops itself says that requests are about to fail"
    rule.description = """
      poolops itself, looking every second, says that requests are about to fail: the oldest has waited half of the \
      acquire timeout, or a fifth of it while the queue takes all of it at the pace of connections. Find out first whether \
      the load grew, statements became slower, or connections leak: a larger pool helps only the first.
      """
    rule.basis = "the early warning of 'poolops monitor'"
    rule.restsOnTimeout = false
    rule.trial = AlertTrial(
      series: [
        context.series("poolops_early_warning", [Label("level", "alert")], .gauge(calm: 0, trouble: 1)),
        context.series("poolops_early_warning", [Label("level", "warning")], .gauge(calm: 0, trouble: 1)),
      ], labels: context.source.scrape + context.source.labels + [Label("level", "alert")])
    return rule
  }

  private static func poolopsUp(_ course: AlertTrial.Course) -> AlertTrial.Series {
    AlertTrial.Series(
      "poolops_source_up{job=\"poolops\",instance=\"watch-1:9187\",source=\"api\",kind=\"app\"}", course)
  }

  private static func poolopsSeries(
    _ context: AlertContext, used: AlertTrial.Course, pending: AlertTrial.Course
  ) -> [AlertTrial.Series] {
    [
      context.series("db_client_connection_count", [Label("db_client_connection_state", "used")], used),
      context.series("db_client_connection_max", .gauge(calm: 10, trouble: 10)),
      context.series("db_client_connection_pending_requests", pending), poolopsUp(.gauge(calm: 1, trouble: 1)),
    ]
  }

  private static func poolopsSlots(_ free: AlertTrial.Course, _ used: AlertTrial.Course) -> [AlertTrial.Series] {
    [("free", free), ("used", used), ("reserved", .gauge(calm: 3, trouble: 3))].map { state, course in
      AlertTrial.Series(
        "poolops_server_slots{job=\"poolops\",instance=\"watch-1:9187\",source=\"db\",state=\"\(state)\"}", course)
    }
  }
}
