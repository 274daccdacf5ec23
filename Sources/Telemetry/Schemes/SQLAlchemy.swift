import Model

extension PoolNames {
  /// The counts of SQLAlchemy's QueuePool, as an app writes them out. Source: SQLAlchemy 2.1, `pool/impl.py`: `size()` is
  /// what was set and not what is open; `overflow()` is below 0 until as many are open. Neither waiting requests nor
  /// timeouts are counted by the pool. The most is known where `max_overflow` is told too, and has no limit below 0.
  static let sqlAlchemy = PoolNames(
    scheme: .sqlAlchemy,
    members: Members(
      names: [
        .inUse: ["checkedout", "checkedoutconnections"],
        .idle: ["checkedin", "checkedinconnections", "connectionsinpool"],
        .waiting: ["waiting"], .timeouts: ["timeouts"],
      ],
      marks: ["checkedout", "checkedoutconnections"], least: 1,
      complete: { gauges, number in
        let size = number("poolsize") ?? number("size")
        if let size, let overflow = number("maxoverflow"), size > 0, overflow >= 0 { gauges[.max] = size + overflow }
        // Of `size` and the current `overflow` follows how many are open.
        if gauges[.idle] == nil, let size, let overflow = number("overflow") { gauges[.total] = size + overflow }
      }))
}
