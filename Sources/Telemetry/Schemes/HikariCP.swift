import Model

extension PoolNames {
  /// HikariCP in its four ways of telling. Sources: HikariCP 604d7d58, `metrics/{micrometer,prometheus,dropwizard}` and
  /// `HikariPoolMXBean`; Micrometer's naming for Prometheus (unit of the registry, `_total`).
  static let hikaricp = PoolNames(
    scheme: .hikaricp,
    metrics: [
      // Micrometer, as Spring Boot has it.
      [
        Metric(.max, "hikaricp_connections_max"), Metric(.inUse, "hikaricp_connections_active"),
        Metric(.idle, "hikaricp_connections_idle"), Metric(.waiting, "hikaricp_connections_pending"),
        Metric(.timeouts, "hikaricp_connections_timeout_total"),
        Metric(.acquireSeconds, "hikaricp_connections_acquire_seconds_sum"),
        Metric(.acquireSeconds, "hikaricp_connections_acquire_milliseconds_sum", scale: 1e-3),
        Metric(.acquisitions, "hikaricp_connections_acquire_seconds_count"),
        Metric(.acquisitions, "hikaricp_connections_acquire_milliseconds_count"),
      ],
      // HikariCP's own tracker.
      [
        Metric(.max, "hikaricp_max_connections"), Metric(.inUse, "hikaricp_active_connections"),
        Metric(.idle, "hikaricp_idle_connections"), Metric(.waiting, "hikaricp_pending_threads"),
        Metric(.timeouts, "hikaricp_connection_timeout_total"),
        Metric(.acquireSeconds, "hikaricp_connection_acquired_nanos_sum", scale: 1e-9),
        Metric(.acquisitions, "hikaricp_connection_acquired_nanos_count"),
      ],
    ],
    members: Members(
      names: [
        .max: ["maximumpoolsize", "maxconnections", "maxpoolsize"], .total: ["totalconnections"],
        .inUse: ["activeconnections"], .idle: ["idleconnections"],
        .waiting: ["threadsawaitingconnection", "pendingconnections"],
      ],
      marks: ["threadsawaitingconnection", "activeconnections"], pools: dropwizard))

  /// `{"gauges": {"orders.pool.ActiveConnections": {"value": 3}, ...}, "meters": {"orders.pool.ConnectionTimeoutRate": ...}}`.
  private static let dropwizard: @Sendable (JSONTree) -> [(name: String, gauges: PoolGauges)] = { tree in
    guard case .object(let members) = tree["gauges"] else { return [] }
    let figures: [(suffix: String, figure: PoolFigure)] = [
      (".pool.MaxConnections", .max), (".pool.TotalConnections", .total), (".pool.ActiveConnections", .inUse),
      (".pool.IdleConnections", .idle), (".pool.PendingConnections", .waiting),
    ]
    var pools: [String: PoolGauges] = [:]
    for member in members {
      guard let (suffix, figure) = figures.first(where: { member.name.hasSuffix($0.suffix) }) else { continue }
      let name = String(member.name.dropLast(suffix.count))
      pools[name, default: PoolGauges()][figure] = member.value["value"]?.double
    }
    return pools.sorted { $0.key < $1.key }.map { name, gauges in
      var gauges = gauges
      gauges[.timeouts] = tree["meters"]?["\(name).pool.ConnectionTimeoutRate"]?["count"]?.double
      gauges[.acquisitions] = tree["timers"]?["\(name).pool.Wait"]?["count"]?.double
      gauges.complete()
      return (name, gauges)
    }
  }
}
