import Model
import Monitor

/// The metrics of pools. All of a pool carry the same two labels, so that they can be put together in queries.
struct PoolFamilies {
  private var count = MetricFamily(
    // A gauge; but `promtool check metrics` refuses the suffix _count at one, and the name is OpenTelemetry's.
    "db_client_connection_count", .untyped, "Connections of a pool by state.")
  private var most = MetricFamily("db_client_connection_max", .gauge, "Most connections that a pool may have.")
  private var pending = MetricFamily(
    "db_client_connection_pending_requests", .gauge, "Requests that wait for a connection of a pool.")
  private var timeouts = MetricFamily(
    "db_client_connection_timeouts_total", .counter, "Requests that got no connection of a pool in time.")
  private var waits = MetricFamily(
    "db_client_connection_wait_time_seconds", .summary,
    "Time that requests waited for a connection of a pool: sum and count, as its source tells them, without quantiles.")
  private var oldest = MetricFamily(
    "poolops_pool_oldest_wait_seconds", .gauge,
    "How long the request that waits longest has waited; at most, where the source does not tell it.")
  private var predicted = MetricFamily(
    "poolops_pool_predicted_wait_seconds", .gauge,
    "How long a request that begins to wait now would wait, at the rate of the last seconds; +Inf while nothing is served."
  )
  private var limit = MetricFamily(
    "poolops_pool_acquire_timeout_seconds", .gauge, "How long a request of a pool may wait before it fails.")
  private var eta = MetricFamily(
    "poolops_exhaustion_eta_seconds", .gauge,
    "Time until the first request fails by waiting, if things go on as they are; +Inf when none is in sight.")
  private var warning = MetricFamily(
    "poolops_early_warning", .gauge, "Whether the early warning of a pool has reached a level (1) or not (0).")
  private var lead = MetricFamily(
    "poolops_early_warning_lead_seconds", .gauge,
    "By how much an alert leads the first failure, at least; left out where nothing is promised.")

  init(_ pools: [PoolState]) { for pool in pools { add(pool) } }

  var all: [MetricFamily] {
    [count, most, pending, timeouts, waits, oldest, predicted, limit, eta, warning, lead]
  }

  private mutating func add(_ pool: PoolState) {
    let (gauges, outlook) = (pool.gauges, pool.outlook)
    let labels = MetricLabels().with("db_client_connection_pool_name", pool.name).with("source", pool.source)
    count.add(gauges[.idle], labels.with("db_client_connection_state", "idle"))
    count.add(gauges[.inUse], labels.with("db_client_connection_state", "used"))
    most.add(gauges[.max], labels)
    pending.add(gauges[.waiting], labels)
    timeouts.add(gauges[.timeouts], labels)
    // Half a summary would be read as a whole one: a sum or a count of 0.
    if let sum = gauges[.acquireSeconds], let count = gauges[.acquisitions] {
      waits.add(sum, labels, suffix: "_sum")
      waits.add(count, labels, suffix: "_count")
    }
    oldest.add(outlook.age, labels)
    predicted.add(outlook.predictedWait, labels)
    limit.add(pool.acquireTimeout?.seconds, labels)
    eta.add(Self.eta(pool), labels)
    for level in WarningLevel.allCases where level > .calm && pool.canWarn {
      warning.add(outlook.level >= level ? 1 : 0, labels.with("level", level.word))
    }
    if case .seconds(let seconds) = pool.lead { lead.add(seconds, labels) }
  }

  /// Infinite when no failure is in sight, so that `< 10` can be asked of every pool that is watched; nil where nobody can know.
  private static func eta(_ pool: PoolState) -> Double? {
    guard pool.canWarn else { return nil }
    return pool.outlook.exhaustionETA ?? (pool.outlook.predictedWait == nil ? nil : .infinity)
  }
}

extension PoolState {
  /// Whether there is something to warn of, and something to go by.
  fileprivate var canWarn: Bool { acquireTimeout != nil && outlook.age != nil }
}
