import Model
import Statistics
import Testing

@testable import Workload

private let ms: Int64 = 1_000_000

private func ramp(_ start: Int, _ stages: [(users: Int, ms: Int64)], warmUp: Int64 = 0) -> RampShape {
  RampShape(
    startUsers: start, stages: stages.map { .init(users: $0.users, duration: .nanoseconds($0.ms * ms)) },
    warmUp: .nanoseconds(warmUp * ms))
}

/// Users at each moment by the definition of the profile: on a straight line, rounded down; of a jump the later number.
private func users(_ profile: UserProfile, at time: Int64) -> Int {
  let later = profile.corners.firstIndex { $0.time > time }
  guard let later else { return profile.corners.last?.users ?? 0 }
  let (begin, end) = (profile.corners[later - 1], profile.corners[later])
  let rise = (end.users - begin.users) * Int(time - begin.time)
  let length = Int(end.time - begin.time)
  return begin.users + (rise >= 0 ? rise / length : -((-rise + length - 1) / length))
}

/// The same from the changes, one after the other.
private func changes(_ profile: UserProfile) -> [(time: Int64, users: Int)] {
  var changes = UserChanges(profile)
  var found = [(time: Int64(0), users: changes.present)]
  while changes.next != .max {
    let time = changes.next
    changes.step()
    found.append((time, changes.present))
  }
  return found
}

private func present(_ changes: [(time: Int64, users: Int)], at time: Int64) -> Int {
  changes.last { $0.time <= time }?.users ?? 0
}

private func randomRamp(_ random: inout RandomSource) -> RampShape {
  let stages = (0..<random.integer(in: 1...6)).map { _ in
    (users: random.integer(in: 0...40), ms: random.coin() ? Int64(0) : Int64(random.integer(in: 1...500)))
  }
  return ramp(random.integer(in: 0...40), stages, warmUp: Int64(random.integer(in: 0...100)))
}

/// What a source did to a driver that answers every request after `service`.
private struct Played {
  var dues: [Int64] = []
  var mostRunning = 0
  var finished = 0
  var running = 0
}

/// - Parameter check: called at every turn, with the moment and the source.
private func play<Source: RequestSource & ~Copyable>(
  _ source: inout Source, until end: Int64, service: (inout RandomSource) -> Int64, seed: UInt64 = 9,
  check: (Int64, borrowing Source, Played) -> Void = { _, _, _ in }
) -> Played {
  var random = RandomSource(seed: seed)
  var answers = TimerHeap()
  var played = Played()
  var now: Int64 = 0
  while true {
    now = min(source.nextDue, answers.earliest)
    if now >= end { return played }
    while let request = source.take(dueAt: now) {
      played.dues.append(request.due)
      played.running += 1
      answers.push(Int32(request.user), at: now + service(&random))
    }
    while answers.earliest <= now, let (_, user) = answers.pop() {
      played.running -= 1
      played.finished += 1
      source.finished(user: Int(user), succeeded: true, at: now)
    }
    check(now, source, played)
  }
}

@Suite struct ChangingUsersTests {
  @Test(arguments: [
    (ramp(0, [(4, 100)]).profile, [0, 0, 1, 2, 4, 4], [Int64(0), 24, 25, 50, 100, 900]),
    (ramp(4, [(0, 100)]).profile, [4, 3, 3, 2, 0, 0], [0, 1, 25, 49, 100, 900]),
    (ramp(1, [(3, 0), (3, 50), (2, 0)], warmUp: 10).profile, [1, 3, 3, 2, 2], [9, 10, 59, 60, 900]),
    (
      SpikeShape(
        users: 300, rise: .seconds(3), hold: .seconds(1), fall: .milliseconds(300), recovery: .seconds(1), warmUp: .zero
      ).profile, [0, 1, 150, 300, 300, 299, 0, 0], [9, 10, 1500, 3000, 4000, 4001, 4300, 9000]
    ),
    (
      StepsShape(start: 10, step: 5, every: .seconds(2), most: 22, until: [], warmUp: .seconds(1)).profile,
      [10, 10, 15, 20, 20], [0, 2999, 3000, 5000, 9999]
    ),
  ]) func `users at each moment are those of the straight lines`(
    profile: UserProfile, expected: [Int], times: [Int64]
  ) {
    let changes = changes(profile)
    #expect(times.map { present(changes, at: $0 * ms) } == expected)
    #expect(times.map { users(profile, at: $0 * ms) } == expected)
  }

  @Test(arguments: 0..<40)
  func `at every nanosecond of any profile the users are those of the lines, and of all shares`(
    seed: UInt64
  ) {
    var random = RandomSource(seed: seed)
    let shape = randomRamp(&random)
    let whole = changes(shape.profile)
    let threads = random.integer(in: 2...5)
    let parts = (0..<threads).compactMap { index in
      if case .ramp(let part) = LoadShape.ramp(shape).part(index, of: threads) { changes(part.profile) } else { nil }
    }
    // Around each change, and anywhere.
    var times = whole.flatMap { [$0.time - 1, $0.time, $0.time + 1] }.filter { $0 >= 0 }
    times += (0..<200).map { _ in Int64(random.integer(below: 3_000_000_000)) }
    let wrong = times.filter { time in
      let expected = users(shape.profile, at: time)
      return present(whole, at: time) != expected
        || parts.map({ present($0, at: time) }).reduce(0, +) != expected
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: 0..<30) func `never more users than the profile has, but for those who finish what they began`(
    seed: UInt64
  ) {
    var random = RandomSource(seed: seed)
    let profile = randomRamp(&random).profile
    let end = profile.corners.last.map { $0.time + 300 * ms } ?? 0
    let thinkTime: Distribution = random.coin() ? .exponential(mean: 0.02) : .constant(0)
    var source = ChangingUsers(
      profile, thinkTime: thinkTime, start: 0, end: end, random: RandomSource(seed: seed, stream: 1))
    var wrong: [String] = []
    var lastDue: Int64 = 0
    let played = play(&source, until: end) {
      Int64($0.integer(in: 1...40)) * ms
    } check: { now, source, played in
      let allowed = users(profile, at: now)
      if source.users < played.running { wrong.append("\(now): \(played.running) run, \(source.users) are there") }
      if source.users > max(allowed, played.running + allowed) { wrong.append("\(now): too many") }
      if let due = played.dues.last {
        if due > now || due < lastDue { wrong.append("\(now): due at \(due)") }
        lastDue = due
      }
    }
    // A new request is only given to one who is there by the profile at that moment.
    let unlawful = played.dues.filter { users(profile, at: $0) == 0 || $0 >= end }
    #expect(wrong.isEmpty && unlawful.isEmpty)
    #expect(played.dues.count == played.finished + played.running)
  }

  @Test func `who is to go finishes first, and stays if the profile rises again meanwhile`() {
    // One user more from 10 to 20 ms, and again from 30 ms on.
    let profile = ramp(1, [(1, 10), (2, 0), (2, 10), (1, 0), (1, 10), (2, 0), (2, 970)]).profile
    var source = ChangingUsers(
      profile, thinkTime: .constant(0), start: 0, end: 1000 * ms, random: RandomSource(seed: 1))
    let first = source.take(dueAt: 0)
    let second = source.take(dueAt: 10 * ms)
    // At 25 ms the second one is to go, and both have not finished.
    _ = source.take(dueAt: 25 * ms)
    let leaving = source.users
    source.finished(user: 1, succeeded: true, at: 26 * ms)
    let gone = source.users
    let back = source.take(dueAt: 30 * ms)
    #expect(first?.user == 0 && second == DueRequest(due: 10 * ms, user: 1) && leaving == 2 && gone == 1)
    #expect(back == DueRequest(due: 30 * ms, user: 1) && source.users == 2)
  }

  @Test func `who comes on a ramp asks at once, and who comes with a step is in equilibrium`() {
    let jump = ramp(0, [(1000, 0), (1000, 1000)]).profile
    let steps = StepsShape(start: 1, step: 999, every: .seconds(1), most: 1000, until: [], warmUp: .zero).profile
    let counts = [jump, steps].map { profile in
      var source = ChangingUsers(
        profile, thinkTime: .exponential(mean: 1), start: 0, end: 2000 * ms, random: RandomSource(seed: 3))
      let played = play(&source, until: 2000 * ms) { _ in 1 }
      let begin = profile == jump ? Int64(0) : 1000 * ms
      return played.dues.count { ($0 - begin) >= 0 && ($0 - begin) < 100 * ms }
    }
    // All 1,000 at once and about 100 of them again; in equilibrium about 100.
    #expect((1050...1150).contains(counts[0]) && (70...130).contains(counts[1]))
  }

  @Test(arguments: [100, 10_000]) func `users who stay are those of the constant shape, request by request`(count: Int)
  {
    let thinkTime = Distribution.exponential(mean: 0.1)
    var changing = ChangingUsers(
      ramp(count, [(count, 500)]).profile, thinkTime: thinkTime, start: 0, end: 500 * ms, random: RandomSource(seed: 5))
    var constant = ConstantUsers(
      users: count, thinkTime: thinkTime, start: 0, end: 500 * ms, random: RandomSource(seed: 5))
    let dues = [play(&changing, until: 500 * ms) { _ in ms }.dues, play(&constant, until: 500 * ms) { _ in ms }.dues]
    #expect(dues[0] == dues[1] && dues[0].count > count)
  }

  @Test func `each user asks as often as it should, and then all is over`() {
    var source = IteratingUsers(
      users: 7, iterations: 5, thinkTime: .exponential(mean: 0.01), start: 0, measured: 50 * ms, end: 100_000 * ms,
      random: RandomSource(seed: 2))
    var wasExhausted = false
    let played = play(&source, until: .max) { _ in
      ms
    } check: { _, source, played in
      if source.isExhausted { wasExhausted = wasExhausted || played.running > 0 }
    }
    #expect(played.dues.count { $0 >= 50 * ms } == 35 && played.dues.count > 35)
    #expect(source.isExhausted && source.users == 0 && !wasExhausted && played.running == 0)
  }
}
