import Model
import Statistics
import Testing

@testable import Workload

private let ms: Int64 = 1_000_000
private let s: Int64 = 1_000_000_000

/// What a pool decided, in words that a table can hold.
private enum Decision: Equatable {
  case hand(Int32, to: Int32)
  case fail(Int32, PoolFault)
  case open(Int32)
  case close(Int32, CloseReason)
}

private enum Event {
  case request(Int32)
  case established(Int32)
  case connectFailed(Int32, ErrorClass)
  case released(Int32)
  case broken(Int32)
  case tick
  case shutDown
}

private struct Step: Sendable {
  var time: Int64
  var event: Event
  var decisions: [Decision]
  init(_ time: Int64, _ event: Event, _ decisions: [Decision]) {
    self.time = time
    self.event = event
    self.decisions = decisions
  }
}

extension Event: Sendable {}
extension Decision: Sendable {}

extension PoolMachine {
  fileprivate mutating func decide(_ event: Event, at now: Int64) -> [Decision] {
    var decisions: [Decision] = []
    switch event {
    case .request(let request):
      if let connection = self.request(request, at: now) { decisions.append(.hand(connection, to: request)) }
    case .established(let connection):
      if let request = established(connection, at: now) { decisions.append(.hand(connection, to: request)) }
    case .released(let connection):
      if let request = released(connection, at: now) { decisions.append(.hand(connection, to: request)) }
    case .connectFailed(let connection, let fault): connectFailed(connection, fault, at: now)
    case .broken(let connection): broken(connection, at: now)
    case .tick: tick(at: now)
    case .shutDown: shutDown()
    }
    while let action = nextAction() {
      switch action {
      case .fail(let request, let fault): decisions.append(.fail(request, fault))
      case .open(let connection): decisions.append(.open(connection))
      case .close(let connection, let reason): decisions.append(.close(connection, reason))
      }
    }
    return decisions
  }
}

private struct Scenario: Sendable, CustomTestStringConvertible {
  var name: String
  var settings: PoolSettings
  var failsWaiters = false
  /// Decisions of `start`.
  var start: [Decision] = []
  var steps: [Step]
  var testDescription: String { name }
}

private func settings(_ change: (inout PoolSettings) -> Void) -> PoolSettings {
  var settings = PoolSettings()
  settings.lifetimeJitter = 0
  change(&settings)
  return settings
}

private let scenarios: [Scenario] = [
  Scenario(
    name:
      "where waiters fail with an attempt to connect, the oldest goes with each, and the next attempt is made at once",
    settings: settings { $0.maxSize = 2 }, failsWaiters: true,
    steps: [
      Step(0, .request(0), [.open(0)]),
      Step(0, .request(1), [.open(1)]),
      Step(0, .request(2), []),
      Step(1 * ms, .connectFailed(0, .connectionRefused), [.fail(0, .cannotConnect), .open(0)]),
      Step(1 * ms, .connectFailed(1, .connectionRefused), [.fail(1, .cannotConnect)]),
      Step(2 * ms, .established(0), [.hand(0, to: 2)]),
    ]),
  Scenario(
    name: "connections are opened on demand, and waiters are served first come, first served",
    settings: settings { $0.maxSize = 2 },
    steps: [
      Step(0, .request(0), [.open(0)]),
      Step(0, .request(1), [.open(1)]),
      Step(0, .request(2), []),
      Step(0, .request(3), []),
      Step(1 * ms, .established(1), [.hand(1, to: 0)]),
      Step(2 * ms, .established(0), [.hand(0, to: 1)]),
      Step(3 * ms, .released(0), [.hand(0, to: 2)]),
      Step(4 * ms, .released(1), [.hand(1, to: 3)]),
      Step(5 * ms, .released(1), []),
      Step(6 * ms, .released(0), []),
      Step(7 * ms, .request(4), [.hand(0, to: 4)]),
    ]),
  Scenario(
    name: "min_size is opened at the start and restored after a break",
    settings: settings {
      $0.maxSize = 4
      $0.minSize = 2
    },
    start: [.open(0), .open(1)],
    steps: [
      Step(0, .established(0), []),
      Step(0, .established(1), []),
      Step(1 * s, .broken(1), [.close(1, .broken), .open(1)]),
      Step(2 * s, .established(1), []),
      Step(700 * s, .tick, []),
    ]),
  Scenario(
    name: "a waiter fails when acquire_timeout is over, and not before",
    settings: settings {
      $0.maxSize = 1
      $0.acquireTimeout = .milliseconds(300)
    },
    steps: [
      Step(0, .request(0), [.open(0)]),
      Step(0, .established(0), [.hand(0, to: 0)]),
      Step(10 * ms, .request(1), []),
      Step(20 * ms, .request(2), []),
      Step(309 * ms, .tick, []),
      Step(310 * ms, .tick, [.fail(1, .acquireTimeout)]),
      Step(320 * ms, .released(0), [.fail(2, .acquireTimeout)]),
      Step(330 * ms, .request(3), [.hand(0, to: 3)]),
    ]),
  Scenario(
    name: "max_waiting refuses the next one, but counts nobody whose connection is coming",
    settings: settings {
      $0.maxSize = 2
      $0.maxWaiting = 1
    },
    steps: [
      Step(0, .request(0), [.open(0)]),
      Step(0, .request(1), [.open(1)]),
      Step(0, .request(2), []),
      Step(0, .request(3), [.fail(3, .queueFull)]),
      Step(1 * ms, .established(0), [.hand(0, to: 0)]),
      Step(2 * ms, .request(4), [.fail(4, .queueFull)]),
    ]),
  Scenario(
    name: "idle connections above min_size are closed, the one longest unused first",
    settings: settings {
      $0.maxSize = 3
      $0.minSize = 1
      $0.idleTimeout = .seconds(10)
    },
    start: [.open(0)],
    steps: [
      Step(0, .established(0), []),
      Step(0, .request(0), [.hand(0, to: 0)]),
      Step(0, .request(1), [.open(1)]),
      Step(0, .request(2), [.open(2)]),
      Step(0, .established(1), [.hand(1, to: 1)]),
      Step(0, .established(2), [.hand(2, to: 2)]),
      Step(1 * s, .released(1), []),
      Step(2 * s, .released(0), []),
      Step(3 * s, .released(2), []),
      Step(11 * s - 1, .tick, []),
      Step(11 * s, .tick, [.close(1, .idle)]),
      Step(60 * s, .tick, [.close(0, .idle)]),
      Step(600 * s, .tick, []),
    ]),
  Scenario(
    name: "max_lifetime closes an idle connection at once and a busy one when it is released",
    settings: settings {
      $0.maxSize = 2
      $0.minSize = 1
      $0.maxLifetime = .seconds(100)
    },
    start: [.open(0)],
    steps: [
      Step(0, .established(0), []),
      Step(100 * s - 1, .tick, []),
      Step(100 * s, .tick, [.close(0, .lifetime), .open(0)]),
      Step(101 * s, .established(0), []),
      Step(150 * s, .request(0), [.hand(0, to: 0)]),
      Step(300 * s, .tick, []),
      Step(300 * s, .request(1), [.open(1)]),
      Step(301 * s, .released(0), [.close(0, .lifetime)]),
      Step(302 * s, .established(1), [.hand(1, to: 1)]),
      // Nobody ticked in time: a request must not get a connection past its life.
      Step(310 * s, .released(1), []),
      Step(402 * s, .request(2), [.close(1, .lifetime), .open(1)]),
    ]),
  Scenario(
    name: "after a failed attempt waiters stay, the pool backs off and tries one connection at a time",
    settings: settings {
      $0.maxSize = 3
      $0.acquireTimeout = .seconds(1)
    },
    steps: [
      Step(0, .request(0), [.open(0)]),
      Step(0, .request(1), [.open(1)]),
      Step(1 * ms, .connectFailed(0, .tooManyConnections), []),
      Step(2 * ms, .connectFailed(1, .tooManyConnections), []),
      Step(50 * ms, .request(2), []),
      Step(100 * ms, .tick, []),
      Step(101 * ms, .tick, [.open(1)]),
      Step(102 * ms, .connectFailed(1, .connectionRefused), []),
      Step(301 * ms, .tick, []),
      Step(302 * ms, .tick, [.open(1)]),
      Step(1000 * ms, .tick, [.fail(0, .cannotConnect), .fail(1, .cannotConnect)]),
      Step(1010 * ms, .established(1), [.hand(1, to: 2)]),
      Step(1011 * ms, .request(3), [.open(0)]),
      Step(2011 * ms, .tick, [.fail(3, .acquireTimeout)]),
    ]),
  Scenario(
    name: "a broken connection in use is replaced for those who wait",
    settings: settings { $0.maxSize = 1 },
    steps: [
      Step(0, .request(0), [.open(0)]),
      Step(0, .established(0), [.hand(0, to: 0)]),
      Step(0, .request(1), []),
      Step(1, .broken(0), [.close(0, .broken), .open(0)]),
      Step(2, .established(0), [.hand(0, to: 1)]),
    ]),
  Scenario(
    name: "a shut-down pool closes what is idle, then what is released, and opens nothing",
    settings: settings {
      $0.maxSize = 2
      $0.minSize = 2
    },
    start: [.open(0), .open(1)],
    steps: [
      Step(0, .established(0), []),
      Step(0, .request(0), [.hand(0, to: 0)]),
      Step(0, .established(1), []),
      Step(1, .shutDown, [.close(1, .shutDown)]),
      Step(2, .released(0), [.close(0, .shutDown)]),
      Step(3, .tick, []),
    ]),
]

@Test("a pool decides", arguments: scenarios)
private func decides(_ scenario: Scenario) {
  var pool = PoolMachine(
    settings: scenario.settings, random: RandomSource(seed: 1), failsWaiters: scenario.failsWaiters)
  pool.start(at: 0)
  var found = [pool.decide(.tick, at: 0)]
  for step in scenario.steps { found.append(pool.decide(step.event, at: step.time)) }
  let expected = [scenario.start] + scenario.steps.map(\.decisions)
  for (index, pair) in zip(found, expected).enumerated() where pair.0 != pair.1 {
    Issue.record("step \(index): decided \(pair.0), expected \(pair.1)")
  }
}

@Test func `the oldest waiter's age is told, and is 0 where nobody waits`() {
  var settings = PoolSettings()
  settings.maxSize = 1
  settings.acquireTimeout = .seconds(2)
  var pool = PoolMachine(settings: settings, random: RandomSource(seed: 1))
  #expect(pool.oldestWait(at: 0) == 0)
  _ = pool.request(1, at: s)
  _ = pool.request(2, at: s + 300 * ms)
  #expect(pool.oldestWait(at: s + 500 * ms) == 500 * ms)
  _ = pool.established(0, at: s + 600 * ms)
  #expect(pool.oldestWait(at: s + 700 * ms) == 400 * ms, "the second one is the oldest now")
  _ = pool.released(0, at: s + 800 * ms)
  #expect(pool.oldestWait(at: s + 900 * ms) == 0)
  settings.acquireTimeout = nil
  var patient = PoolMachine(settings: settings, random: RandomSource(seed: 1))
  _ = patient.request(1, at: 0)
  #expect(patient.oldestWait(at: s) == nil)
}

@Test func `a pool reports the settings in force and the class of each refusal`() {
  let wanted = settings { $0.statementCache = 7 }
  var pool = PoolMachine(settings: wanted, random: RandomSource(seed: 1))
  let before = pool.errorClass(of: .cannotConnect)
  _ = pool.decide(.request(0), at: 0)
  _ = pool.decide(.connectFailed(0, .authentication), at: 1)
  let classes = [PoolFault.acquireTimeout, .queueFull, .cannotConnect].map { pool.errorClass(of: $0) }
  #expect(pool.settings == wanted && before == .acquireTimeout)
  #expect(classes == [.acquireTimeout, .queueFull, .authentication])
}

@Test func `lifetimes are spread by the jitter, and never longer than the limit`() {
  let jittered = settings {
    $0.maxSize = 100
    $0.minSize = 100
    $0.maxLifetime = .seconds(100)
    $0.lifetimeJitter = 0.2
  }
  var pool = PoolMachine(settings: jittered, random: RandomSource(seed: 3))
  pool.start(at: 0)
  _ = pool.decide(.tick, at: 0)
  for connection in 0..<100 { _ = pool.decide(.established(Int32(connection)), at: 0) }
  var closed: [Int] = []
  for second in [79, 90, 100] {
    closed.append(pool.decide(.tick, at: Int64(second) * s).count { if case .close = $0 { true } else { false } })
  }
  #expect(closed[0] == 0 && (30...70).contains(closed[1]) && closed[1] + closed[2] == 100)
}

@Test func `failed attempts are 100 ms apart at first and 1600 ms at last, never a busy loop`() {
  var pool = PoolMachine(settings: settings { $0.acquireTimeout = nil }, random: RandomSource(seed: 1))
  var now: Int64 = 0
  var gaps: [Int64] = []
  _ = pool.decide(.request(0), at: now)
  for _ in 0..<7 {
    _ = pool.decide(.connectFailed(0, .connectionRefused), at: now)
    gaps.append((pool.nextDeadline - now) / ms)
    now = pool.nextDeadline
    _ = pool.decide(.tick, at: now)
  }
  #expect(gaps == [100, 200, 400, 800, 1600, 1600, 1600])
}

// MARK: Any order of events

/// Plays a random driver against a pool and checks after each event what must always hold.
private struct RandomDriver: ~Copyable {
  var pool: PoolMachine
  var random: RandomSource
  let limits: PoolSettings
  var now: Int64 = 0
  var queue: [(request: Int32, since: Int64)] = []
  var held: [Int32: Int32] = [:]
  var idle: [Int32] = []
  var opening: [Int32] = []
  var next: Int32 = 0
  var issued = 0
  var handed = 0
  var failed = 0
  var faults: Set<String> = []

  init(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var limits = PoolSettings()
    limits.maxSize = random.integer(in: 1...8)
    limits.minSize = random.integer(in: 0...limits.maxSize)
    limits.acquireTimeout = random.coin() ? .milliseconds(random.integer(in: 1...500)) : nil
    limits.idleTimeout = random.coin() ? .milliseconds(random.integer(in: 1...2000)) : nil
    limits.maxLifetime = random.coin() ? .milliseconds(random.integer(in: 1...3000)) : nil
    limits.lifetimeJitter = random.uniform()
    limits.maxWaiting = random.coin() ? random.integer(in: 0...10) : nil
    self.limits = limits
    self.random = random
    pool = PoolMachine(settings: limits, random: RandomSource(seed: seed, stream: 1))
    pool.start(at: 0)
    apply(pool.decide(.tick, at: 0))
  }

  mutating func play(_ steps: Int) {
    for _ in 0..<steps {
      now += Int64(random.exponential(mean: 20e6))
      step()
      check()
    }
  }

  private mutating func step() {
    switch random.integer(below: 10) {
    case 0...3: request()
    case 4...5 where !held.isEmpty: release()
    case 6 where !opening.isEmpty: open()
    case 7 where !opening.isEmpty && random.integer(below: 3) == 0: refuse()
    case 8 where random.integer(below: 5) == 0: breakOne()
    default: apply(pool.decide(.tick, at: now))
    }
  }

  private mutating func request() {
    next += 1
    issued += 1
    queue.append((next, now))
    apply(pool.decide(.request(next), at: now))
  }

  private mutating func release() {
    guard let connection = held.keys.sorted().randomElement(using: &random) else { return }
    let stays = pool.wouldStay(connection, at: now)
    held[connection] = nil
    idle.append(connection)
    apply(pool.decide(.released(connection), at: now))
    guard stays else { return }
    note(idle.contains(connection), "\(connection) would have stayed, and went")
    request()
    note(held[connection] == next, "\(connection) would have stayed, and another was handed out")
  }

  private mutating func open() {
    let connection = opening.remove(at: random.integer(below: opening.count))
    idle.append(connection)
    apply(pool.decide(.established(connection), at: now))
  }

  private mutating func refuse() {
    let connection = opening.remove(at: random.integer(below: opening.count))
    apply(pool.decide(.connectFailed(connection, .connectionRefused), at: now))
  }

  private mutating func breakOne() {
    guard let connection = (idle + held.keys.sorted()).randomElement(using: &random) else { return }
    apply(pool.decide(.broken(connection), at: now))
  }

  private mutating func apply(_ decisions: [Decision]) {
    for decision in decisions {
      switch decision {
      case .hand(let connection, let request): hand(connection, request)
      case .fail(let request, let fault): fail(request, fault)
      case .open(let connection):
        opening.append(connection)
      case .close(let connection, let reason): close(connection, reason)
      }
    }
  }

  private mutating func hand(_ connection: Int32, _ request: Int32) {
    // Failures of the same event are reported after the answer to it.
    let expired = queue.prefix { isExpired($0.since) }
    let head = queue[expired.count...].first
    note(head?.request == request, "out of order: \(request) before \(String(describing: head))")
    queue.removeAll { $0.request == request }
    handed += 1
    note(idle.contains(connection), "\(connection) was handed out but is not idle")
    idle.removeAll { $0 == connection }
    held[connection] = request
  }

  private mutating func fail(_ request: Int32, _ fault: PoolFault) {
    guard let waiter = queue.first(where: { $0.request == request }) else { return note(false, "failed twice") }
    failed += 1
    queue.removeAll { $0.request == request }
    if fault == .queueFull {
      note(limits.maxWaiting.map { queue.count >= $0 } ?? false, "refused although there was room")
    } else {
      note(isExpired(waiter.since), "failed before its time")
    }
  }

  private mutating func close(_ connection: Int32, _ reason: CloseReason) {
    note(reason == .broken || idle.contains(connection), "\(connection) was closed while in use")
    if reason == .idle { note(pool.open >= limits.minSize, "closed below min_size") }
    // A request on a broken connection has failed: that is the driver's to count.
    held[connection] = nil
    idle.removeAll { $0 == connection }
  }

  private func isExpired(_ since: Int64) -> Bool {
    limits.acquireTimeout.map { now - since >= $0.nanoseconds } ?? false
  }

  private mutating func check() {
    note(pool.active == held.count && pool.idle == idle.count, "gauges differ from what was handed out")
    note(pool.opening == opening.count && pool.waiting == queue.count, "opening or waiting differ")
    note(pool.open + pool.opening <= limits.maxSize, "more than max_size connections")
    note(pool.idle == 0 || pool.waiting == 0, "somebody waits while a connection is idle")
    note(issued == handed + failed + queue.count, "requests do not add up")
    let quiet = pool.connectFault == nil
    note(!quiet || pool.open + pool.opening >= limits.minSize, "below min_size")
    note(
      !quiet || pool.waiting <= pool.opening || pool.open + pool.opening == limits.maxSize, "too few connections coming"
    )
  }

  private mutating func note(_ holds: Bool, _ fault: @autoclosure () -> String) {
    if !holds { faults.insert(fault()) }
  }

  /// At its next deadline, a tick leaves nobody beyond his time; repeated, the pool comes to rest.
  mutating func settle() {
    for _ in 0..<100_000 {
      let deadline = pool.nextDeadline
      if deadline == .max { return }
      now = max(now, deadline)
      apply(pool.decide(.tick, at: now))
      note(!queue.contains { isExpired($0.since) }, "a waiter outlived its time")
      note(pool.nextDeadline > now, "the deadline stays in the past: a busy loop")
      while !opening.isEmpty { open() }
      if limits.maxLifetime != nil, queue.isEmpty { return }
    }
    note(false, "did not come to rest")
  }
}

@Test(arguments: 0..<300) func `whatever happens in whatever order, the pool keeps its promises`(seed: Int) {
  var driver = RandomDriver(seed: UInt64(seed))
  driver.play(600)
  driver.settle()
  let faults = driver.faults.sorted()
  #expect(faults == [])
}
