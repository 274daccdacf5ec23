import Model
import Statistics
import Testing

@testable import Workload

private let s: Int64 = 1_000_000_000

@Test func `a heap gives moments back in order`() {
  var random = RandomSource(seed: 5)
  var heap = TimerHeap(capacity: 4)
  var expected: [Int64] = []
  var found: [Int64] = []
  for round in 0..<2000 {
    let time = Int64(random.integer(below: 1000)) + Int64(round)
    heap.push(Int32(round), at: time)
    expected.append(time)
    if random.integer(below: 3) == 0, let (least, _) = heap.pop() {
      found.append(least)
      expected.sort()
      #expect(expected.removeFirst() == least)
    }
  }
  while let (time, _) = heap.pop() { found.append(time) }
  #expect(found.suffix(expected.count) == expected.sorted()[...] && heap.earliest == .max)
}

@Test func `a ring keeps its order while it grows`() {
  var ring = Ring(filler: 0, capacity: 2)
  var found: [Int] = []
  for value in 1...1000 {
    ring.append(value)
    if value % 3 == 0, let first = ring.popFirst() { found.append(first) }
  }
  while let value = ring.popFirst() { found.append(value) }
  #expect(found == Array(1...1000) && ring.isEmpty)
}

@Test func `transactions are chosen by their weights`() {
  let mix = TransactionMix([8, 1, 3].map { Transaction(name: "", weight: $0, sql: "") })
  var random = RandomSource(seed: 2)
  var counts = [0, 0, 0]
  for _ in 0..<120_000 { counts[mix.choose(&random)] += 1 }
  #expect(zip(counts, [80_000, 10_000, 30_000]).allSatisfy { abs($0 - $1) < 700 })
}

@Test func `an even schedule keeps to its times, whatever happened before`() {
  var schedule = ArrivalSchedule(rate: 3, spacing: .even, start: 100, end: 100 + 2 * s, random: RandomSource(seed: 1))
  var dues: [Int64] = []
  #expect(schedule.take(dueAt: 99) == nil)
  // Asked only once, long after the last one was due.
  while let request = schedule.take(dueAt: .max) { dues.append(request.due - 100) }
  #expect(dues == (0..<6).map { Int64(Double($0) * 1e9 / 3) } && schedule.nextDue == .max)
}

@Test func `independent arrivals have exponential gaps`() {
  var schedule = ArrivalSchedule(
    rate: 1000, spacing: .poisson, start: 0, end: 100 * s, random: RandomSource(seed: 8))
  var dues: [Int64] = []
  while let request = schedule.take(dueAt: .max) { dues.append(request.due) }
  let gaps = zip(dues.dropFirst(), dues).map { Double($0 - $1) / 1e6 }
  let mean = gaps.reduce(0, +) / Double(gaps.count)
  let variance = gaps.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(gaps.count)
  // Standard errors: 0.3 % of the mean, 0.9 % of the variance.
  #expect(abs(mean - 1) < 0.012 && abs(variance - 1) < 0.04)
}

/// Requests of each second when every request is answered after `service`.
private func rates(_ thinkTime: Distribution, users: Int, service: Int64, seconds: Int) -> [Int] {
  var source = ConstantUsers(
    users: users, thinkTime: thinkTime, start: 0, end: Int64(seconds) * s, random: RandomSource(seed: 4))
  var answers = TimerHeap()
  var rates = [Int](repeating: 0, count: seconds)
  while true {
    let now = min(source.nextDue, answers.earliest)
    if now == .max { return rates }
    if let request = source.take(dueAt: now) {
      rates[Int(request.due / s)] += 1
      answers.push(Int32(request.user), at: now + service)
    } else if let (time, user) = answers.pop() {
      source.finished(user: Int(user), succeeded: true, at: time)
    }
  }
}

@Test(arguments: [
  Distribution.exponential(mean: 1), .constant(1), .uniform(low: 0.2, high: 1.8), .uniform(low: 0.9, high: 1.1),
])
func `users are in equilibrium from the first second on`(thinkTime: Distribution) {
  let rates = rates(thinkTime, users: 20_000, service: 1000, seconds: 4)
  // The counts of a second have a standard deviation of at most 1 %.
  #expect(rates.allSatisfy { abs(Double($0) / 20_000 - 1) < 0.03 })
}

@Test func `a user without think time is due again at once, and nobody is due at the end or after`() {
  var source = ConstantUsers(users: 1, thinkTime: .constant(0), start: 5, end: 10, random: RandomSource(seed: 1))
  let first = source.take(dueAt: 5)
  let between = source.nextDue
  source.finished(user: 0, succeeded: true, at: 9)
  let second = source.take(dueAt: 9)
  source.finished(user: 0, succeeded: true, at: 10)
  #expect(first?.due == 5 && between == .max && second?.due == 9 && source.nextDue == .max)
  #expect(source.take(dueAt: 11) == nil)
}

@Test(arguments: [Distribution.constant(0), .constant(0.01), .exponential(mean: 0.002)])
func `whose next request is asked for at once gets what would be taken after it was finished`(thinkTime: Distribution) {
  func users() -> ConstantUsers {
    ConstantUsers(users: 5, thinkTime: thinkTime, start: 0, end: s, random: RandomSource(seed: 9))
  }
  var one = users()
  var other = users()
  var random = RandomSource(seed: 3)
  var running: [Int] = []
  var differences = 0
  for step in 0..<4000 {
    // Beyond the end too.
    let now = Int64(step) * 300_000
    if running.isEmpty || random.coin() {
      let due = one.take(dueAt: now)
      differences += due == other.take(dueAt: now) ? 0 : 1
      if let due { running.append(due.user) }
    } else {
      let user = running.remove(at: random.integer(below: running.count))
      let due = one.next(after: user, succeeded: true, at: now)
      other.finished(user: user, succeeded: true, at: now)
      let expected = other.take(dueAt: now)
      differences += due == expected ? 0 : 1
      if let due { running.append(due.user) }
    }
  }
  #expect(differences == 0)
}
