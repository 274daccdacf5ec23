import Model

extension PoolUnderLoad {
  /// Above figures of the pool.
  var title: String {
    switch self {
    case .own: "Pool"
    case .app: "Pool of the app"
    case .pooler: "Pool of PgBouncer"
    }
  }

  /// Above times to a connection, and from there to the answer.
  var timesTitle: String {
    switch self {
    case .own: "Wait for a connection, and query"
    case .app: "Wait for a connection to the app, and answer"
    case .pooler: "Wait for a connection to PgBouncer, and query with its wait there"
    }
  }
}
