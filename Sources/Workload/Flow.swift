package import Model
package import Statistics

/// What happened to the visits of a flow in a period. Over the whole load: started = succeeded + failed + under way.
package struct FlowPeriod: Sendable {
  package var started = 0
  package var succeeded = 0
  package var failed = 0
  /// Of the visits that succeeded, from when each was due to its last answer, pauses included; nanoseconds.
  package var durations = Histogram()

  package init() {}
}

/// A user's way through the steps of a business flow.
struct FlowVisit: BitwiseCopyable {
  var due: Int64 = 0
  /// The user of the source that began it.
  var user: Int32 = 0
  /// That runs, or comes after the pause.
  var step: Int32 = 0
}

/// Makes a flow out of any shape: what `base` gives as a request begins a visit, whose steps then follow each other.
///
/// `DueRequest.user` is the visit's slot, below the most visits that were ever under way at once, so that values carried
/// from step to step can lie in a table; `DueRequest.transaction` is the step. A step is due at the answer of the one before
/// or, where it has a pause, at the end of that. A step that fails ends the visit, which then has failed. `base` hears of a
/// visit as a whole: its user thinks after the last step.
package struct Flow<Base: RequestSource & ~Copyable>: RequestSource, ~Copyable {
  private var base: Base
  /// Before each step.
  private let pauses: [Distribution?]
  private let end: Int64
  private var random: RandomSource
  private var visits: Slab<FlowVisit>
  private var free: Slab<Int32>
  private var freeCount: Int
  private var wakeUps: TimerQueue
  private var period = FlowPeriod()
  private var durations = HistogramRecorder()

  /// - Parameters:
  ///   - end: of the schedule, exclusive.
  ///   - capacity: about how many visits will be under way at once.
  package init(_ base: consuming Base, steps: [Transaction], end: Int64, random: RandomSource, capacity: Int = 64) {
    precondition(!steps.isEmpty, "a flow has at least one step")
    self.base = base
    pauses = steps.map(\.pause)
    self.end = end
    self.random = random
    visits = Slab(repeating: FlowVisit(), count: max(capacity, 1))
    free = Slab(repeating: 0, count: max(capacity, 1))
    freeCount = max(capacity, 1)
    wakeUps = TimerQueue(capacity: capacity)
    for slot in 0..<freeCount { free[slot] = Int32(freeCount - 1 - slot) }
  }

  /// Visits that have begun and not ended.
  package var underWay: Int { visits.count - freeCount }

  package var users: Int { max(base.users, underWay) }
  package var isExhausted: Bool { base.isExhausted }

  package var nextDue: Int64 {
    let wakeUp = wakeUps.earliest
    return min(base.nextDue, wakeUp < end ? wakeUp : .max)
  }

  package mutating func take(dueAt now: Int64) -> DueRequest? {
    while true {
      if wakeUps.earliest <= base.nextDue, let step = takeStep(now) { return step }
      guard let start = base.take(dueAt: now) else { return takeStep(now) }
      let slot = begin(start)
      guard let pause = pauses[0] else { return DueRequest(due: start.due, user: Int(slot), transaction: 0) }
      wakeUps.push(slot, at: start.due + pause.drawNanoseconds(&random))
    }
  }

  package mutating func finished(user: Int, succeeded: Bool, at now: Int64) {
    let step = Int(visits[user].step) + 1
    guard succeeded, step < pauses.count else { return finish(user, succeeded, now) }
    visits[user].step = Int32(step)
    wakeUps.push(Int32(user), at: pauses[step].map { now + $0.drawNanoseconds(&random) } ?? now)
  }

  package mutating func takeFlows() -> FlowPeriod? {
    defer { period = FlowPeriod() }
    period.durations = durations.takeSnapshot()
    return period
  }

  private mutating func takeStep(_ now: Int64) -> DueRequest? {
    let due = wakeUps.earliest
    guard due <= now, due < end, let (time, slot) = wakeUps.pop() else { return nil }
    return DueRequest(due: time, user: Int(slot), transaction: visits[Int(slot)].step)
  }

  private mutating func begin(_ start: DueRequest) -> Int32 {
    if freeCount == 0 { grow() }
    freeCount &-= 1
    let slot = free[freeCount]
    visits[Int(slot)] = FlowVisit(due: start.due, user: Int32(truncatingIfNeeded: start.user), step: 0)
    period.started += 1
    return slot
  }

  private mutating func finish(_ slot: Int, _ succeeded: Bool, _ now: Int64) {
    if succeeded {
      period.succeeded += 1
      durations.record(now &- visits[slot].due)
    } else {
      period.failed += 1
    }
    free[freeCount] = Int32(slot)
    freeCount &+= 1
    base.finished(user: Int(visits[slot].user), succeeded: succeeded, at: now)
  }

  private mutating func grow() {
    let size = visits.count
    visits.grow(to: size * 2, with: FlowVisit())
    free.grow(to: size * 2, with: 0)
    for slot in 0..<size { free[slot] = Int32(size * 2 - 1 - slot) }
    freeCount = size
  }
}
