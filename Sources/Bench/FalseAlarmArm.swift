import Evidence
import Model

/// What a series compares the baseline with. The first is the baseline once more; each other one has a truth planted in it.
enum FalseAlarmArm: String, CaseIterable {
  case same
  /// Every query takes 15 % longer.
  case slower
  /// One request in a hundred is a statement that is given up at its timeout.
  case timeouts
  /// Every query computes 24 % more rows, for at least 20 % more CPU a request.
  case cpu
  /// Most queries take 20 % less, three in a hundred six times as long: p50 is helped and p99 is hurt.
  case tail

  static let users = 16
  private static let statementTimeout = Duration.milliseconds(600)
  /// Short against a block, so that what is cut off at its ends does not count.
  private static let shortTimeout = Duration.milliseconds(100)
  /// Mean of the exponential pause in a query, seconds.
  private static let hold = 0.008
  /// What a query computes beside: a fraction of a millisecond.
  private static let rows = 4000.0

  /// The load of this arm; that of the baseline is `same`.
  func load(seconds: Int) -> LoadSpec {
    let slowness = self == .slower ? 1.15 : 1
    var transactions = [
      query("short", weight: self == .timeouts ? 96 : 97, hold: Self.hold * slowness * (self == .tail ? 0.8 : 1)),
      query("long", weight: 3, hold: 2 * Self.hold * slowness * (self == .tail ? 6 : 1)),
    ]
    if self == .timeouts { transactions.append(Transaction(name: "stuck", sql: "SELECT pg_sleep(60)")) }
    return LoadSpec(
      shape: .constant(users: Self.users, warmUp: .milliseconds(200), duration: .seconds(seconds)),
      thinkTime: .exponential(mean: 0.008), transactions: transactions,
      statementTimeout: self == .timeouts ? Self.shortTimeout : Self.statementTimeout)
  }

  private func query(_ name: String, weight: Int, hold: Double) -> Transaction {
    // Some of what a request costs is not of its rows: 12 % more of them were measured as 10 to 15 % more CPU.
    let rows = Int(Self.rows * (self == .cpu ? 1.24 : 1))
    return Transaction(
      name: name, weight: weight, sql: "SELECT count(*) FROM generate_series(1, \(rows)), pg_sleep(:hold)",
      parameters: [Parameter(name: "hold", values: .number(.exponential(mean: hold)))])
  }

  /// What the comparison should find.
  var planted: [Metric: Finding] {
    switch self {
    case .same: [:]
    case .slower: [.latency(95): .regressed]
    case .timeouts: [.errorRate: .regressed]
    case .cpu: [.cpuPerThousand: .regressed]
    case .tail: [.latency(50): .improved, .latency(99): .regressed]
    }
  }
}
