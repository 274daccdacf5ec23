/// Where an app tells of its own connection pool, and how to read it.
package struct PoolEndpoint: Hashable, Sendable {
  package enum Format: String, CaseIterable, Hashable, Sendable {
    /// By what comes: JSON, or the text format of Prometheus.
    case auto
    case json
    case prometheus
  }

  /// `http://` or `https://` with host and path; without a user, a password or a fragment.
  package var url: String
  package var format: Format
  /// Whose names the answer uses; nil: the first scheme that is recognised.
  package var scheme: PoolScheme?
  /// Where single figures stand: a place in the JSON (`pool.max`), or a metric (`db_active{pool="orders"}`).
  package var places: [PoolFigure: String]
  /// Of several pools those with these labels; none: all, added up.
  package var labels: [String: String]
  /// For one whole answer.
  package var timeout: Duration
  /// The environment variable with a bearer token; never stored, never shown.
  package var tokenVariable: String?
  /// PEM file of the authorities to trust; nil: those of the system.
  package var caFile: String?

  package static let defaultTimeout = Duration.seconds(1)

  package init(
    url: String, format: Format = .auto, scheme: PoolScheme? = nil, places: [PoolFigure: String] = [:],
    labels: [String: String] = [:], timeout: Duration = defaultTimeout, tokenVariable: String? = nil,
    caFile: String? = nil
  ) {
    self.url = url
    self.format = format
    self.scheme = scheme
    self.places = places
    self.labels = labels
    self.timeout = timeout
    self.tokenVariable = tokenVariable
    self.caFile = caFile
  }
}

/// What an app may tell of its pool. Counters only grow.
package enum PoolFigure: String, CaseIterable, Hashable, Sendable {
  /// Most connections that the pool may have.
  case max
  /// Connections that it has.
  case total
  case inUse = "in_use"
  case idle
  /// Requests waiting for a connection.
  case waiting
  /// Seconds that the request which waits longest has waited so far; 0 where none waits.
  case oldestWait = "oldest_wait"
  /// Counter: requests that got no connection in time.
  case timeouts
  /// Counter, seconds: time that requests waited for a connection, over all of them.
  case acquireSeconds = "acquire_seconds"
  /// Counter: requests that `acquireSeconds` is over.
  case acquisitions

  package var isCounter: Bool {
    switch self {
    case .max, .total, .inUse, .idle, .waiting, .oldestWait: false
    case .timeouts, .acquireSeconds, .acquisitions: true
    }
  }
}

/// Whose names an app uses to tell of its pool.
package enum PoolScheme: String, CaseIterable, Hashable, Sendable {
  case hikaricp
  case openTelemetry = "opentelemetry"
  case psycopgPool = "psycopg-pool"
  case nodePostgres = "node-pg"
  case sqlAlchemy = "sqlalchemy"
  case pgxpool
  case databaseSQL = "database-sql"
  case asyncpg
  case prisma
  case pgBouncer = "pgbouncer"
  /// Everyday words: `max`, `in_use`, `idle`, `waiting`.
  case plain
}

/// What was read of a pool at one moment, of several pools together; nil: not told.
package struct PoolGauges: Hashable, Sendable {
  private var values: [PoolFigure: Double] = [:]

  package init(_ values: [PoolFigure: Double] = [:]) { for (figure, value) in values { self[figure] = value } }

  /// Beyond it something is no count of connections, nor of seconds.
  private static let largest = 1e12

  /// What is no count, a NaN or something below zero, counts as not told; so does a most of 0, which means no limit.
  package subscript(figure: PoolFigure) -> Double? {
    get { values[figure] }
    set {
      let least = figure == .max ? Double.leastNonzeroMagnitude : 0
      values[figure] = newValue.flatMap { $0 >= least && $0 <= Self.largest ? $0 : nil }
    }
  }

  package var isEmpty: Bool { values.isEmpty }
  package var figures: [PoolFigure] { PoolFigure.allCases.filter { values[$0] != nil } }
}
