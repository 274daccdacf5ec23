package import Model
package import Statistics

/// The closed loop: a fixed number of users, each waiting for its answer and thinking before the next request. A soak is one.
///
/// A request is due when its user has finished thinking. First requests are spread as in a loop that has run for ever.
/// A user whose request failed thinks and goes on.
package struct ConstantUsers: RequestSource, ~Copyable {
  /// The life of a virtual user.
  enum VirtualUser: UInt8, BitwiseCopyable {
    /// Its next request has its time in the queue. To `requesting` when the request is taken.
    case thinking
    /// Its request waits or runs. To `thinking` when that is finished.
    case requesting
  }

  private let thinkTime: Distribution
  private let thinks: Bool
  private let end: Int64
  private var random: RandomSource
  private var states: Slab<VirtualUser>
  private var wakeUps: TimerQueue

  /// - Parameter start: the beginning of the schedule; `end` its end, exclusive.
  package init(users count: Int, thinkTime: Distribution, start: Int64, end: Int64, random: RandomSource) {
    self.thinkTime = thinkTime
    thinks = thinkTime != .constant(0)
    self.end = end
    self.random = random
    states = Slab(repeating: .thinking, count: count)
    wakeUps = TimerQueue(capacity: count)
    for user in 0..<count {
      wakeUps.push(Int32(user), at: start + thinkTime.drawResidualNanoseconds(&self.random))
    }
    look()
  }

  @inline(__always)
  private mutating func look() {
    let due = wakeUps.earliest
    nextDue = due < end ? due : .max
  }

  package var users: Int { states.count }

  /// Stored: to compute it, the compiler copies the whole struct.
  package private(set) var nextDue = Int64.max

  package mutating func take(dueAt now: Int64) -> DueRequest? {
    guard nextDue <= now, nextDue < end, let (time, user) = wakeUps.pop() else { return nil }
    look()
    states[Int(user)] = .requesting
    return DueRequest(due: time, user: Int(user))
  }

  package mutating func finished(user: Int, succeeded: Bool, at now: Int64) {
    precondition(states[user] == .requesting, "the user has no request")
    states[user] = .thinking
    wakeUps.push(Int32(user), at: thinks ? now + thinkTime.drawNanoseconds(&random) : now)
    look()
  }

  package mutating func next(after user: Int, succeeded: Bool, at now: Int64) -> DueRequest? {
    // Who does not think goes on at once, past the queue: 90 instructions less.
    if !thinks, now < end, wakeUps.earliest > now {
      precondition(states[user] == .requesting, "the user has no request")
      return DueRequest(due: now, user: user)
    }
    finished(user: user, succeeded: succeeded, at: now)
    return take(dueAt: now)
  }
}
