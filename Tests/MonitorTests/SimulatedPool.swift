import Model
import Monitor
import Statistics
import Workload

/// The pool that poolops puts under load, in virtual time: requests come at a rate that may change, each holds a connection
/// for a while, and the pool is looked at once an interval, as a monitor would.
struct SimulatedPool {
  var maxSize = 10
  var acquireTimeout: Duration
  var interval = 1.0
  /// Requests a second at a moment.
  var rate: (Double) -> Double
  /// Never less than `rate`.
  var highestRate: Double
  /// Mean seconds that a request which begins at a moment holds its connection.
  var service: (Double) -> Double = { _ in 0.25 }
  /// Where nothing is done at a moment: when it goes on.
  var stalls: (Double) -> Double? = { _ in nil }
  var tellsAge = true
  var seed: UInt64

  struct Ending {
    /// The first sample at which each level was reached.
    var warning: Double?
    var alert: Double?
    /// When the first request timed out.
    var failure: Double?
    /// Times that the level rose to an alert.
    var alerts = 0
    var requests = 0
  }

  fileprivate enum Event {
    case arrival
    case completion(connection: Int32)
    case sample
  }

  /// - Parameters:
  ///   - seconds: when it ends at the latest.
  ///   - stopsAtFailure: whether it ends with the first request that times out.
  func run(seconds: Double, stopsAtFailure: Bool = true) -> Ending {
    var settings = PoolSettings()
    settings.maxSize = maxSize
    settings.minSize = maxSize
    settings.acquireTimeout = acquireTimeout
    settings.maxLifetime = nil
    settings.idleTimeout = nil
    var pool = PoolMachine(settings: settings, random: RandomSource(seed: seed))
    var random = RandomSource(seed: seed &+ 1)
    var warning = EarlyWarning(EarlyWarning.Rule(acquireTimeout: acquireTimeout, interval: .ofSeconds(interval)))
    var ending = Ending()
    var events = Agenda()
    var arrived: [Int32: Double] = [:]
    var queue: [Int32] = []
    var queueHead = 0
    var acquisitions = 0.0
    var level = WarningLevel.calm

    pool.start(at: 0)
    while let action = pool.nextAction() {
      if case .open(let connection) = action { _ = pool.established(connection, at: 0) }
    }
    events.add(.arrival, at: random.exponential(mean: 1 / highestRate))
    events.add(.sample, at: 0)

    func begin(_ connection: Int32, at now: Double, _ events: inout Agenda, _ random: inout RandomSource) {
      acquisitions += 1
      let done = now + random.exponential(mean: service(now))
      events.add(.completion(connection: connection), at: stalls(done).map { max($0, done) } ?? done)
    }

    while true {
      let deadline = pool.nextDeadline == .max ? Double.infinity : Double(pool.nextDeadline) / 1e9
      guard let next = events.next, min(next, deadline) <= seconds else { return ending }
      if deadline < next {
        pool.tick(at: pool.nextDeadline)
        while let action = pool.nextAction() {
          guard case .fail(let request, _) = action else { continue }
          arrived[request] = nil
          ending.failure = ending.failure ?? deadline
        }
        if stopsAtFailure, ending.failure != nil { return ending }
        continue
      }
      let (now, event) = events.take()
      let nanoseconds = Int64(now * 1e9)
      switch event {
      case .arrival:
        events.add(.arrival, at: now + random.exponential(mean: 1 / highestRate))
        guard random.uniform() < rate(now) / highestRate else { continue }
        let request = Int32(ending.requests)
        ending.requests += 1
        if let connection = pool.request(request, at: nanoseconds) {
          begin(connection, at: now, &events, &random)
        } else {
          arrived[request] = now
          queue.append(request)
        }
      case .completion(let connection):
        guard let request = pool.released(connection, at: nanoseconds) else { continue }
        arrived[request] = nil
        begin(connection, at: now, &events, &random)
      case .sample:
        while queueHead < queue.count, arrived[queue[queueHead]] == nil { queueHead += 1 }
        let oldest = queueHead < queue.count ? now - (arrived[queue[queueHead]] ?? now) : 0
        var gauges = PoolGauges([.waiting: Double(pool.waiting), .acquisitions: acquisitions])
        if tellsAge { gauges[.oldestWait] = oldest }
        let outlook = warning.take(PoolObservation(at: now, gauges: gauges))
        if outlook.level >= .warning { ending.warning = ending.warning ?? now }
        if outlook.level == .alert { ending.alert = ending.alert ?? now }
        if outlook.level == .alert, level < .alert { ending.alerts += 1 }
        level = outlook.level
        events.add(.sample, at: now + interval)
      }
    }
  }
}

/// What is to happen, in the order of time: a heap of its own kind of event, since a debug build would look a generic one's types up at each step.
private struct Agenda {
  private struct Entry {
    var at: Double
    var event: SimulatedPool.Event
  }
  private var heap: [Entry] = []

  var next: Double? { heap.isEmpty ? nil : heap[0].at }

  mutating func add(_ event: SimulatedPool.Event, at time: Double) {
    let entry = Entry(at: time, event: event)
    heap.append(entry)
    var child = heap.count - 1
    while child > 0, time < heap[(child - 1) / 2].at {
      heap[child] = heap[(child - 1) / 2]
      child = (child - 1) / 2
    }
    heap[child] = entry
  }

  mutating func take() -> (at: Double, event: SimulatedPool.Event) {
    let first = heap[0]
    let last = heap.removeLast()
    if heap.isEmpty { return (first.at, first.event) }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child + 1 < heap.count, heap[child + 1].at < heap[child].at { child += 1 }
      guard child < heap.count, heap[child].at < last.at else { break }
      heap[parent] = heap[child]
      parent = child
    }
    heap[parent] = last
    return (first.at, first.event)
  }
}
