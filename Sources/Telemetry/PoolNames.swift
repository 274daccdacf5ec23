import Model

/// How one library names what it tells of a pool. One file a scheme under `Schemes/`.
struct PoolNames: Sendable {
  let scheme: PoolScheme
  /// On a page of metrics. Several sets where the library, or what exports it, has had several spellings: the first one
  /// that is met counts.
  var metrics: [[Metric]] = []
  /// In JSON: nil where the library is not known to tell anything that way.
  var members: Members?

  /// A figure as a series of a page of metrics. Dots of names count as `_`.
  struct Metric: Sendable {
    var figure: PoolFigure
    /// Added up, where a library splits the figure. All must be there.
    var names: [String]
    /// A label by one of these names has this value.
    var label: (names: [String], value: String)?
    /// From its unit to ours.
    var scale = 1.0

    init(_ figure: PoolFigure, _ names: String..., scale: Double = 1) {
      self.figure = figure
      self.names = names
      self.scale = scale
    }

    func with(_ labels: [String], _ value: String) -> Metric {
      var metric = self
      metric.label = (labels, value)
      return metric
    }
  }

  /// The figures of one pool as members of one JSON object.
  struct Members: Sendable {
    /// The names of each figure, the first that is there counts: without case, `_` and `-`, a place below after a dot.
    var names: [PoolFigure: [String]] = [:]
    /// One of them is there, or the object is none of this scheme.
    var marks: [String]
    /// Fewest figures that make it one.
    var least = 3
    /// Of counters in a unit that is not ours.
    var scales: [String: Double] = [:]
    /// Whether a counter that is not there has counted nothing yet.
    var countersBeginAbsent = false
    /// Whether only an object that is called a pool is one: for words that other things have too.
    var needsName = false
    /// What follows from the scheme's own arithmetic.
    var complete: (@Sendable (inout PoolGauges, _ number: (String) -> Double?) -> Void)?
    /// Where the scheme is no object for a pool: all of its pools in this object, by name.
    var pools: (@Sendable (JSONTree) -> [(name: String, gauges: PoolGauges)])?
  }

  /// In the order in which they are tried: names that nobody else uses come first.
  static let all: [PoolNames] = [
    hikaricp, openTelemetry, psycopgPool, pgxpool, databaseSQL, prisma, pgBouncer, nodePostgres, sqlAlchemy, asyncpg,
    plain,
  ]
}

extension PoolGauges {
  /// What follows from the others: a pool's connections are in use or idle.
  mutating func complete() {
    if self[.inUse] == nil, let total = self[.total], let idle = self[.idle] { self[.inUse] = max(0, total - idle) }
    if self[.idle] == nil, let total = self[.total], let inUse = self[.inUse] { self[.idle] = max(0, total - inUse) }
    if self[.total] == nil, let inUse = self[.inUse], let idle = self[.idle] { self[.total] = inUse + idle }
  }

  /// Of several pools together. A gauge counts where every pool tells it; a counter that a pool does not have yet has
  /// counted nothing there.
  static func sum(_ pools: [PoolGauges]) -> PoolGauges {
    var sum = PoolGauges()
    for figure in PoolFigure.allCases {
      let told = pools.compactMap { $0[figure] }
      guard !told.isEmpty, told.count == pools.count || figure.isCounter else { continue }
      sum[figure] = figure == .oldestWait ? told.max() : told.reduce(0, +)
    }
    return sum
  }
}
