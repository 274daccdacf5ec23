import Model
import Statistics
import Testing

@testable import Workload

private let ms: Int64 = 1_000_000

private func step(_ name: String, pause: Distribution? = nil) -> Transaction {
  Transaction(name: name, work: .sql(""), pause: pause)
}

private func even(_ rate: Double, until end: Int64) -> ArrivalSchedule {
  ArrivalSchedule(rate: rate, spacing: .even, start: 0, end: end, random: RandomSource(seed: 1))
}

@Suite struct FlowTests {
  @Test func `steps follow each other at the answer, or after their pause, and the user thinks after the last`() {
    let base = ConstantUsers(users: 1, thinkTime: .constant(0), start: 0, end: 1000 * ms, random: RandomSource(seed: 1))
    var flow = Flow(
      base, steps: [step("a"), step("b", pause: .constant(0.02)), step("c")], end: 1000 * ms,
      random: RandomSource(seed: 2))
    var taken: [DueRequest] = []
    for now in [Int64(0), 5, 25, 30].map({ $0 * ms }) {
      if let request = flow.take(dueAt: now) {
        taken.append(request)
        flow.finished(user: request.user, succeeded: true, at: now + 5 * ms)
      }
    }
    let period = flow.takeFlows()
    #expect(taken.map(\.due) == [0, 25 * ms, 30 * ms] && taken.map(\.transaction) == [0, 1, 2])
    #expect(period?.started == 1 && period?.succeeded == 1 && period?.failed == 0 && flow.underWay == 0)
    #expect(period?.durations.count == 1 && abs((period?.durations.quantile(0.5) ?? 0) / 35e6 - 1) < 0.01)
    #expect(flow.nextDue == 35 * ms && flow.takeFlows()?.started == 0)
  }

  @Test func `a step that fails ends the visit, and the pause before the first step is kept`() {
    var flow = Flow(
      even(10, until: 1000 * ms), steps: [step("a", pause: .constant(0.01)), step("b")], end: 1000 * ms,
      random: RandomSource(seed: 2), capacity: 1)
    let early = flow.take(dueAt: 9 * ms)
    let first = flow.take(dueAt: 10 * ms)
    flow.finished(user: first?.user ?? -1, succeeded: false, at: 12 * ms)
    let period = flow.takeFlows()
    #expect(early == nil && first?.due == 10 * ms && flow.underWay == 0)
    #expect(period?.started == 1 && period?.failed == 1 && period?.durations.isEmpty == true)
  }

  /// The driver answers in random time and fails at random; visits overlap, more than there was room for at first.
  @Test(arguments: 0..<30) func `started = succeeded + failed + under way, and no slot is used twice`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let end = 3000 * ms
    let steps = (0..<random.integer(in: 1...5)).map {
      step("\($0)", pause: random.coin() ? .exponential(mean: 0.05) : nil)
    }
    let isOpen = random.coin()
    let counts =
      isOpen
      ? run(Flow(even(200, until: end), steps: steps, end: end, random: random, capacity: 2), end, steps.count, seed)
      : run(
        Flow(
          ConstantUsers(users: 20, thinkTime: .exponential(mean: 0.1), start: 0, end: end, random: random),
          steps: steps, end: end, random: random, capacity: 2), end, steps.count, seed)
    #expect(counts.faults.isEmpty)
    #expect(counts.started == counts.succeeded + counts.failed + counts.underWay && counts.started > 50)
    #expect(!isOpen || counts.started == 600)
    #expect(counts.durations == counts.succeeded && counts.seen == counts.succeeded + counts.failed)
  }

  private struct Counts {
    var started = 0
    var succeeded = 0
    var failed = 0
    var underWay = 0
    var durations = 0
    /// Visits that ended, as the driver saw them.
    var seen = 0
    var faults: [String] = []
  }

  private func run<Base: RequestSource & ~Copyable>(
    _ flow: consuming Flow<Base>, _ end: Int64, _ steps: Int, _ seed: UInt64
  ) -> Counts {
    var random = RandomSource(seed: seed, stream: 7)
    var answers = TimerHeap()
    var running: [Int: Int32] = [:]
    var next: [Int: Int32] = [:]
    var counts = Counts()
    while true {
      let now = min(flow.nextDue, answers.earliest)
      if now >= end { break }
      while let request = flow.take(dueAt: now) {
        if request.due > now || running[request.user] != nil || request.transaction != next[request.user, default: 0] {
          counts.faults.append("\(now): \(request)")
        }
        running[request.user] = request.transaction
        answers.push(Int32(request.user), at: now + Int64(random.integer(in: 1...30)) * ms)
      }
      while answers.earliest <= now, let (_, slot) = answers.pop() {
        let user = Int(slot)
        let succeeded = random.integer(below: 10) > 0
        let isLast = running[user].map { Int($0) + 1 == steps } ?? true
        next[user] = succeeded && !isLast ? (running[user] ?? 0) + 1 : 0
        if !succeeded || isLast { counts.seen += 1 }
        running[user] = nil
        flow.finished(user: user, succeeded: succeeded, at: now)
      }
    }
    if let period = flow.takeFlows() {
      (counts.started, counts.succeeded, counts.failed) = (period.started, period.succeeded, period.failed)
      counts.durations = period.durations.count
    }
    counts.underWay = flow.underWay
    return counts
  }

  @Test func `a flow of users who iterate is over when their visits are`() {
    let base = IteratingUsers(
      users: 2, iterations: 3, thinkTime: .constant(0), start: 0, measured: 0, end: 1000 * ms,
      random: RandomSource(seed: 1))
    var flow = Flow(base, steps: [step("a"), step("b")], end: 1000 * ms, random: RandomSource(seed: 2))
    var requests = 0
    while flow.nextDue != .max, let request = flow.take(dueAt: flow.nextDue) {
      requests += 1
      flow.finished(user: request.user, succeeded: true, at: request.due + ms)
    }
    #expect(requests == 12 && flow.isExhausted && flow.takeFlows()?.succeeded == 6)
  }
}
