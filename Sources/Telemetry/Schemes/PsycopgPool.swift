import Model

extension PoolNames {
  /// `ConnectionPool.get_stats()` as JSON. Source: psycopg_pool 3.3 c079c37c, `base.py`.
  ///
  /// A counter is missing until it has counted something. `requests_errors` counts requests that got no connection: those
  /// that waited longer than `timeout`, and those that `max_waiting` turned away. A request that has given up stays among
  /// `requests_waiting` until a connection comes back (3.1.7). `pop_stats()` sets the counters back.
  static let psycopgPool = PoolNames(
    scheme: .psycopgPool,
    members: Members(
      names: [
        .max: ["poolmax"], .total: ["poolsize"], .idle: ["poolavailable"], .waiting: ["requestswaiting"],
        .timeouts: ["requestserrors"], .acquireSeconds: ["requestswaitms"], .acquisitions: ["requestsnum"],
      ],
      marks: ["poolavailable"], scales: ["requestswaitms": 1e-3], countersBeginAbsent: true))
}
