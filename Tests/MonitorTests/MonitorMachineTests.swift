import Model
import Testing

@testable import Monitor

private let wall = Timestamp(microseconds: 1_800_000_000_000_000)

private func gauges(_ waiting: Double, _ acquisitions: Double? = nil, _ timeouts: Double? = nil) -> PoolGauges {
  var gauges = PoolGauges([.max: 10, .inUse: 10, .idle: 0, .waiting: waiting])
  gauges[.acquisitions] = acquisitions
  gauges[.timeouts] = timeouts
  return gauges
}

private func pools(_ reports: PoolReport...) -> Result<SourceReading, SourceFault> {
  .success(SourceReading(pools: reports))
}

private func orders(
  _ waiting: Double, _ acquisitions: Double? = nil, timeout: AcquireTimeout = .after(.seconds(10))
) -> PoolReport {
  PoolReport(name: "orders", gauges: gauges(waiting, acquisitions), timeout: timeout)
}

extension MonitorMachine {
  fileprivate mutating func take(_ said: Result<SourceReading, SourceFault>, _ now: Double, of name: String = "app") {
    take(said, of: name, now: now, wall: Timestamp(microseconds: wall.microseconds + Int64(now * 1e6)))
  }
  fileprivate func pool(_ now: Double) -> PoolState? { snapshot(now: now, wall: wall).pools.first }
}

@Suite struct MonitorMachineTests {
  private func machine(_ timeout: Duration? = nil) -> MonitorMachine {
    MonitorMachine(
      [("app", .app), ("db", .postgreSQL)], .init(interval: .seconds(1), acquireTimeout: timeout))
  }

  @Test func `nothing is known before a source has told something`() {
    let snapshot = machine().snapshot(now: 0, wall: wall)
    #expect(snapshot.sources.map(\.name) == ["app", "db"] && snapshot.pools == [] && snapshot.level == .calm)
    #expect(snapshot.sources.allSatisfy { $0.fault == "it has not told anything yet" && $0.lastTold == nil })
    #expect(!machine().hasHeardAll)
  }

  @Test func `counters become rates, from the second sample on and not across a restart`() {
    var machine = machine()
    var told: [PoolRates?] = []
    let samples: [(at: Double, acquisitions: Double, seconds: Double, timeouts: Double)] = [
      (0, 100, 10, 0), (1, 150, 10.5, 3), (3, 150, 10.5, 3), (4, 20, 0.1, 0), (5, 30, 1.1, 0),
    ]
    for sample in samples {
      var gauges = gauges(0, sample.acquisitions, sample.timeouts)
      gauges[.acquireSeconds] = sample.seconds
      machine.take(pools(PoolReport(name: "orders", gauges: gauges)), sample.at)
      told.append(machine.pool(sample.at)?.rates)
    }
    #expect(
      told == [
        PoolRates(), PoolRates(acquisitions: 50, timeouts: 3, meanWait: 0.01), PoolRates(acquisitions: 0, timeouts: 0),
        PoolRates(), PoolRates(acquisitions: 10, timeouts: 0, meanWait: 0.1),
      ])
  }

  @Test func `the early warning of each pool goes by its own acquire timeout`() {
    struct Case {
      var told: AcquireTimeout
      var assumed: Duration?
      var timeout: Duration?
      var level: WarningLevel
    }
    let cases = [
      Case(told: .after(.seconds(10)), assumed: .seconds(60), timeout: .seconds(10), level: .alert),
      Case(told: .notTold, assumed: .seconds(10), timeout: .seconds(10), level: .alert),
      Case(told: .notTold, assumed: .seconds(60), timeout: .seconds(60), level: .calm),
      Case(told: .notTold, assumed: nil, timeout: nil, level: .calm),
      Case(told: .unlimited, assumed: .seconds(10), timeout: nil, level: .calm),
    ]
    for example in cases {
      var machine = machine(example.assumed)
      for second in 0...6 { machine.take(pools(orders(3, timeout: example.told)), Double(second)) }
      let pool = machine.pool(6)
      #expect(pool?.acquireTimeout == example.timeout && pool?.outlook.level == example.level, "\(example)")
    }
  }

  @Test func `a new acquire timeout begins a new early warning`() {
    var machine = machine()
    for second in 0...6 { machine.take(pools(orders(3)), Double(second)) }
    #expect(machine.pool(6)?.outlook.level == .alert)
    machine.take(pools(orders(3, timeout: .after(.seconds(30)))), 7)
    #expect(machine.pool(7)?.outlook.level == .calm && machine.pool(7)?.lead == .seconds(14))
  }

  @Test func `a source that is gone takes its pools along, and begins anew when it is back`() {
    var machine = machine()
    for second in 0...6 { machine.take(pools(orders(3, Double(second))), Double(second)) }
    machine.take(.failure(SourceFault("connection refused")), 7)
    var snapshot = machine.snapshot(now: 7, wall: wall)
    #expect(snapshot.pools == [] && snapshot.sources[0].fault == "connection refused" && snapshot.level == .calm)
    #expect(snapshot.sources[0].lastTold == Timestamp(microseconds: wall.microseconds + 6_000_000))
    machine.take(pools(orders(3, 9)), 8)
    snapshot = machine.snapshot(now: 8, wall: wall)
    #expect(snapshot.sources[0].fault == nil && snapshot.pools[0].outlook.level == .calm)
    #expect(snapshot.pools[0].rates == PoolRates() && snapshot.pools[0].history.count == 1)
  }

  @Test func `a source that hangs where no timeout helps is told as late`() {
    var machine = machine()
    machine.take(pools(orders(0)), 0)
    #expect(machine.snapshot(now: 5.5, wall: wall).sources[0].fault == nil)
    let late = machine.snapshot(now: 9, wall: wall)
    #expect(late.sources[0].fault == "it has not answered for 9 s" && late.pools == [])
    machine.take(pools(orders(0)), 10)
    #expect(machine.snapshot(now: 10, wall: wall).sources[0].fault == nil)
  }

  @Test func `pools come and go by name`() {
    var machine = machine()
    machine.take(pools(orders(0, 5), PoolReport(name: "reports", gauges: gauges(0, 7))), 0)
    machine.take(pools(PoolReport(name: "reports", gauges: gauges(0, 9))), 1)
    let left = machine.snapshot(now: 1, wall: wall).pools
    #expect(left.map(\.name) == ["reports"] && left[0].rates.acquisitions == 2)
  }

  @Test func `the past is kept for some minutes`() {
    var machine = machine()
    for second in 0..<1000 { machine.take(pools(orders(Double(second))), Double(second)) }
    let history = machine.pool(999)?.history ?? []
    #expect(history.first?.at == 700 && history.last?.waiting == 999 && history.count == 300)
    for step in 0..<5000 { machine.take(pools(orders(1)), 1000 + Double(step) / 100) }
    #expect(machine.pool(1050)?.history.count == 600)
  }

  @Test func `a server's slots make a level, and a refusal for want of slots is an alert`() {
    let cases: [(used: Int, level: WarningLevel, free: Int)] = [
      (50, .calm, 47), (87, .calm, 10), (88, .warning, 9), (97, .alert, 0), (100, .alert, 0),
    ]
    for example in cases {
      var machine = machine()
      let report = ServerReport(slots: 100, reservedSlots: 3, usedSlots: example.used, transactions: 10)
      machine.take(.success(SourceReading(server: report)), 0, of: "db")
      let snapshot = machine.snapshot(now: 0, wall: wall)
      #expect(snapshot.level == example.level && snapshot.servers[0].freeSlots == example.free, "\(example)")
    }
    var machine = machine()
    machine.take(.failure(SourceFault("too many clients already", isFull: true)), 0, of: "db")
    #expect(machine.snapshot(now: 0, wall: wall).level == .alert)
    machine.take(.success(SourceReading()), 1, of: "db")
    #expect(machine.snapshot(now: 1, wall: wall).level == .calm)
  }

  @Test func `CPU is a share of all cores, of a machine by its own clock`() {
    struct Case {
      var first: MachineReport
      var second: MachineReport
      var cpu: Double?
    }
    let cases = [
      Case(
        first: MachineReport(busySeconds: 10, cores: 4), second: MachineReport(busySeconds: 12, cores: 4), cpu: 0.5),
      Case(
        first: MachineReport(busySeconds: 10, totalSeconds: 100, cores: 4),
        second: MachineReport(busySeconds: 11, totalSeconds: 104, cores: 4), cpu: 0.25),
      Case(first: MachineReport(busySeconds: 10), second: MachineReport(busySeconds: 3), cpu: nil),
      Case(first: MachineReport(busySeconds: 10), second: MachineReport(busySeconds: 99), cpu: 1),
    ]
    for example in cases {
      var machine = machine()
      machine.take(.success(SourceReading(machine: example.first)), 0)
      #expect(machine.snapshot(now: 0, wall: wall).machines[0].cpu == nil)
      machine.take(.success(SourceReading(machine: example.second)), 1)
      #expect(machine.snapshot(now: 1, wall: wall).machines[0].cpu == example.cpu, "\(example)")
    }
  }
}
