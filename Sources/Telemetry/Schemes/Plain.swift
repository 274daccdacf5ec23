import Model

extension PoolNames {
  /// Everyday words, for apps that write a few lines of JSON of their own. They count where the answer as a whole is the pool,
  /// or where the object stands under a name with `pool`, `connection` or `database`: memory has a `max` and a `used` too.
  static let plain = PoolNames(
    scheme: .plain,
    members: Members(
      names: [
        .max: ["max", "maxsize", "poolmax", "maxconnections", "maximum", "limit"],
        .total: ["total", "size", "poolsize", "open"],
        .inUse: ["inuse", "active", "used", "busy", "acquired", "checkedout", "borrowed"],
        .idle: ["idle", "free", "available"], .waiting: ["waiting", "pending", "queued", "waiters"],
        .oldestWait: ["oldestwait", "oldestwaitseconds", "maxwait"],
        .timeouts: ["timeouts", "acquiretimeouts", "timedout"], .acquisitions: ["acquisitions", "acquires"],
        .acquireSeconds: ["acquireseconds"],
      ],
      marks: ["inuse", "active", "used", "busy", "acquired", "checkedout", "borrowed", "idle", "free", "available"],
      least: 2, needsName: true))
}
