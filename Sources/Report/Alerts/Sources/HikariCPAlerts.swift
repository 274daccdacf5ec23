/// HikariCP's two sets of names for the same figures. It keeps its gauges for a second (`PoolBase`'s and `HikariPool`'s
/// `PoolStats`), and tells no ages.
struct HikariCPNames {
  var id: String
  var title: String
  var origin: String
  var active: String
  var idle: String
  var pending: String
  var max: String
  var timeouts: String
  /// Counts connections that came back.
  var returned: String

  var source: AlertSource {
    let names = self
    return AlertSource(
      id: id, title: title, origin: origin, ecosystem: "hikaricp", staleness: 1000,
      notes: ["HikariCP tells how many wait and not how long, and keeps its figures for a second."],
      labels: [.init("pool", "orders")], scrape: [.init("job", "orders"), .init("instance", "orders-1:8080")],
      subject: "Pool {{ $labels.pool }} of {{ $labels.instance }}",
      rules: { names.rules($0) }, ordinary: { names.ordinary($0) },
      panels: [
        PanelQuery(.connections, active, "{{instance}} {{pool}} used"),
        PanelQuery(.connections, idle, "{{instance}} {{pool}} idle"),
        PanelQuery(.connections, max, "{{instance}} {{pool}} most"),
        PanelQuery(.waiting, pending, "{{instance}} {{pool}}"),
        PanelQuery(.timeouts, "rate(\(timeouts)[$__rate_interval])", "{{instance}} {{pool}}"),
      ])
  }

  private func rules(_ context: AlertContext) -> [AlertRule] {
    let range = PromQL.duration(context.timing.rateRange)
    return context.byQueue(waiting: pending) + [
      context.byPace(waiting: pending, returns: "rate(\(returned)[\(range)])") { waiting, returned in
        [context.series(pending, waiting), context.series(self.returned, returned)]
      },
      context.exhausted(
        "\(active) >= \(max)\nand \(pending) > 0", value: 10,
        gauges(context, active: .gauge(calm: 7, trouble: 10), pending: .gauge(calm: 0, trouble: 3))),
      context.acquireTimeouts(timeouts, [context.series(timeouts, .counter(calm: 0, trouble: 1))]),
      context.sourceDown(
        context.gone(max, by: ["job", "pool"]), labels: [.init("job", "orders"), .init("pool", "orders")], value: 1,
        [context.series(max, .gone(10))]
      ).about("Pool {{ $labels.pool }} of {{ $labels.job }}", in: context),
    ]
  }

  private func ordinary(_ context: AlertContext) -> [AlertTrial.Series] {
    gauges(context, active: .bursts(10, over: 7), pending: .bursts(2)) + [
      context.series(timeouts, .gauge(calm: 5, trouble: 5)),
      context.series(returned, .counter(calm: 100, trouble: 100)),
    ]
  }

  private func gauges(
    _ context: AlertContext, active: AlertTrial.Course, pending: AlertTrial.Course
  ) -> [AlertTrial.Series] {
    [
      context.series(self.active, active), context.series(max, .gauge(calm: 10, trouble: 10)),
      context.series(self.pending, pending),
    ]
  }
}
