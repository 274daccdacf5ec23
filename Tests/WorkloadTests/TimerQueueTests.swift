import Statistics
import Testing

@testable import Workload

@Suite struct TimerQueueTests {
  /// What is pushed; nil takes one.
  static let courses: [(name: String, pushes: [Int64?], expected: [Int64])] = [
    ("nothing", [nil], []),
    ("one", [7, nil, nil, 3], [7, 3]),
    ("descending", (0..<100).map { 100 - $0 }, Array(1...100)),
    ("all at once, more than the heap keeps", [Int64?](repeating: 5, count: 200), [Int64](repeating: 5, count: 200)),
    ("before what is earliest", Array(1000..<1100) + [nil, 5, nil, nil, 6], [1000, 5, 1001, 6] + Array(1002..<1100)),
    ("one far out and a crowd before it", [.max - 1] + Array(0..<200), Array(0..<200) + [.max - 1]),
    ("at both ends of time", [.min, .max - 1, 0] + Array(1..<100), [.min, 0] + Array(1..<100) + [.max - 1]),
    ("equal ones among others", Array(0..<50) + [25, 25, 0], [0] + Array(0..<25) + [25, 25] + Array(25..<50)),
  ]

  @Test(arguments: courses) func `moments come out in order`(name: String, pushes: [Int64?], expected: [Int64]) {
    var queue = TimerQueue(capacity: 4)
    var found: [Int64] = []
    for (value, time) in pushes.enumerated() {
      if let time { queue.push(Int32(value), at: time) } else if let (time, _) = queue.pop() { found.append(time) }
    }
    while let (time, value) = queue.pop() {
      found.append(time)
      #expect(pushes[Int(value)] == time, "\(name): \(value) is not due at \(time)")
    }
    #expect(found == expected && queue.earliest == .max && queue.count == 0, "\(name): \(found)")
  }

  /// Distances from now, nanoseconds.
  enum Gaps: CaseIterable {
    case even, exponential, constant, fewFarOut, crowds, late
    func draw(_ random: inout RandomSource) -> Int64 {
      switch self {
      case .even: Int64(random.integer(below: 2_000_000))
      case .exponential: Int64(random.exponential(mean: 1e6))
      case .constant: 1_000_000
      case .fewFarOut: random.integer(below: 100) == 0 ? 3_600_000_000_000 : Int64(random.integer(below: 1000))
      case .crowds: Int64(random.integer(below: 4)) * 1_000_000 + Int64(random.integer(below: 3))
      // Answers that are told of late: before what was taken last.
      case .late: Int64(random.integer(below: 1_000_000)) - 100_000
      }
    }
  }

  @Test(arguments: Gaps.allCases, [1, 20, 33, 1000])
  func `whatever is pushed and taken, the earliest of a sorted list comes out, with its value`(gaps: Gaps, users: Int) {
    var random = RandomSource(seed: UInt64(users))
    var queue = TimerQueue(capacity: 1)
    var reference: [Entry] = []
    var (now, differences) = (Int64(0), 0)
    for step in 0..<12 * users + 100 {
      // It fills, stays full for a while and is emptied again, over and over.
      if reference.isEmpty || (reference.count < users && step / (3 * users) % 2 == 0) {
        let entry = Entry(time: now + gaps.draw(&random), value: Int32(step))
        queue.push(entry.value, at: entry.time)
        reference.insert(entry, at: reference.firstIndex { $0.time >= entry.time } ?? reference.count)
      } else {
        let earliest = queue.earliest
        let taken = queue.pop().map { Entry(time: $0.time, value: $0.value) }
        let place = taken.flatMap { taken in reference.firstIndex(of: taken) }
        if taken?.time != reference[0].time || earliest != reference[0].time || place == nil { differences += 1 }
        if let place { reference.remove(at: place) }
        now = max(now, taken?.time ?? 0)
        if step % 3 == 0 { continue }
        let entry = Entry(time: now + gaps.draw(&random), value: Int32(step))
        queue.push(entry.value, at: entry.time)
        reference.insert(entry, at: reference.firstIndex { $0.time >= entry.time } ?? reference.count)
      }
      if queue.count != reference.count { differences += 1 }
    }
    #expect(differences == 0)
  }

  private struct Entry: Equatable {
    var time: Int64
    var value: Int32
  }

  @Test func `what is in the heap stays few, however many there are, and whatever came first`() {
    for users in [100, 1000, 10_000] {
      var random = RandomSource(seed: 3)
      var queue = TimerQueue()
      queue.push(0, at: 9_000_000_000)
      for user in 1..<users { queue.push(Int32(user), at: Int64(random.integer(below: 1_000_000_000))) }
      var (most, sum) = (0, 0)
      for event in 0..<4 * users {
        guard let (time, value) = queue.pop() else { break }
        queue.push(value, at: time + 500_000_000 + Int64(random.integer(below: 1_000_000_000)))
        // The first time round the widths are still those of the first few.
        guard event >= 2 * users else { continue }
        most = max(most, queue.nearCount)
        sum += queue.nearCount
      }
      #expect(
        most <= 20 && sum < 6 * users, "\(users) users: at most \(most), \(Double(sum) / Double(2 * users)) on average")
    }
  }
}
