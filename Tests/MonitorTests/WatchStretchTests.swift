import Model
import Testing

@testable import Monitor

@Suite struct WatchStretchTests {
  private static func snapshot(
    _ used: Double, idle: Double?, waiting: Double, age: Double?, rate: Double?, level: WarningLevel = .calm,
    slots: Int = 10
  ) -> MonitorSnapshot {
    var gauges = PoolGauges([.max: 20, .inUse: used, .waiting: waiting])
    gauges[.idle] = idle
    let pool = PoolState(
      name: "orders", source: "app", gauges: gauges, acquireTimeout: nil,
      outlook: .init(level: level, age: age, isAgeInferred: false, predictedWait: nil, exhaustionETA: nil),
      lead: .none(.waitsForEver), rates: PoolRates(acquisitions: rate))
    return MonitorSnapshot(
      at: Timestamp(microseconds: 0), pools: [pool],
      servers: [ServerState(source: "db", slots: 100, reservedSlots: 3, usedSlots: slots, transactionRate: rate)],
      machines: [MachineState(source: "pid 1", cpu: rate.map { $0 / 1000 })])
  }

  @Test func `of each figure it keeps what was worst, and of rates the mean`() {
    var stretch = WatchStretch()
    #expect(stretch.all.isEmpty)
    stretch.take(Self.snapshot(5, idle: 3, waiting: 0, age: nil, rate: nil))
    stretch.take(Self.snapshot(20, idle: 0, waiting: 40, age: 2.5, rate: 100, level: .alert, slots: 97))
    stretch.take(Self.snapshot(9, idle: nil, waiting: 1, age: 0.1, rate: 300))
    let all = stretch.all
    #expect(
      all.map(\.subject) == [
        .init(kind: .machine, source: "pid 1"), .init(kind: .pool, source: "app", name: "orders"),
        .init(kind: .server, source: "db"),
      ])
    var machine = WatchStretch.Figures()
    (machine.capacity, machine.used) = (1, 0.3)
    var pool = WatchStretch.Figures()
    (pool.level, pool.capacity, pool.used, pool.idle) = (.alert, 20, 20, 0)
    (pool.waiting, pool.oldestWait, pool.rate) = (40, 2.5, 200)
    var server = WatchStretch.Figures()
    (server.level, server.capacity, server.used, server.rate) = (.alert, 97, 97, 200)
    #expect(all.map(\.figures) == [machine, pool, server])
  }
}
