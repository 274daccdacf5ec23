import Model

extension PoolNames {
  /// What asyncpg's Pool answers, under the names of its methods: `get_size get_idle_size get_max_size`. Source: asyncpg
  /// 0.32.0, `pool.py`. Waiting requests and timeouts an app has to count itself.
  static let asyncpg = PoolNames(
    scheme: .asyncpg,
    members: Members(
      names: [
        .max: ["maxsize", "getmaxsize"], .total: ["size", "getsize"], .idle: ["idlesize", "getidlesize"],
        .waiting: ["waiting"], .timeouts: ["timeouts"],
      ],
      marks: ["idlesize", "getidlesize"]))
}
