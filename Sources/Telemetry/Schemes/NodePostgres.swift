import Model

extension PoolNames {
  /// The counts of node-pg's Pool, as an app writes them out. Source: node-postgres c9e57617, `packages/pg-pool/index.js`:
  /// `totalCount idleCount waitingCount` and `options.max`. The pool counts no timeouts.
  static let nodePostgres = PoolNames(
    scheme: .nodePostgres,
    members: Members(
      names: [
        .max: ["max", "maxcount", "maxsize", "options.max", "poolsize"], .total: ["totalcount"], .idle: ["idlecount"],
        .waiting: ["waitingcount"], .timeouts: ["timeoutcount", "timeouts"],
      ],
      marks: ["totalcount"]))
}
