package import Model
package import Statistics

/// The closed loop with users who come and go along a profile: ramp, spike, steps.
///
/// Who has come last goes first. Who is to go while thinking is gone at once; who waits for an answer, or is in the middle
/// of a flow, finishes that first. Users of the beginning are in equilibrium; those that come later begin as the profile says.
package struct ChangingUsers: RequestSource, ~Copyable {
  /// The life of a virtual user.
  enum State: UInt8, BitwiseCopyable {
    /// Not there. To `thinking` when the profile rises above its number.
    case absent
    /// Its next request has its time in the heap. To `requesting` when that is taken, to `absent` when it is to go.
    case thinking
    /// Its request waits or runs. When that is finished, to `thinking`, or to `absent` when it is to go.
    case requesting
  }

  struct User: BitwiseCopyable {
    var state = State.absent
    /// When it wakes up. An entry of the heap with another time is of an earlier stay, and void.
    var wakeUp: Int64 = 0
  }

  private let thinkTime: Distribution
  private let thinks: Bool
  private let arrival: UserProfile.Arrival
  private let start: Int64
  private let end: Int64
  private var random: RandomSource
  private var table: Slab<User>
  private var wakeUps: TimerQueue
  private var changes: UserChanges
  /// Those who are to go, and have not finished.
  private var leaving = 0

  /// - Parameter start: the beginning of the profile; `end` the end of the schedule, exclusive.
  package init(_ profile: UserProfile, thinkTime: Distribution, start: Int64, end: Int64, random: RandomSource) {
    self.thinkTime = thinkTime
    thinks = thinkTime != .constant(0)
    arrival = profile.arrival
    self.start = start
    self.end = end
    self.random = random
    table = Slab(repeating: User(), count: profile.most)
    wakeUps = TimerQueue(capacity: profile.most)
    changes = UserChanges(profile)
    for user in 0..<changes.present { think(user, until: start + thinkTime.drawResidualNanoseconds(&self.random)) }
  }

  package var users: Int { changes.present + leaving }

  package var nextDue: Int64 {
    let next = min(wakeUps.earliest, nextChange)
    return next < end ? next : .max
  }

  private var nextChange: Int64 { changes.next == .max ? .max : start + changes.next }

  package mutating func take(dueAt now: Int64) -> DueRequest? {
    while true {
      let due = wakeUps.earliest
      if nextChange <= min(now, due) {
        change()
        continue
      }
      guard due <= now, due < end, let (time, user) = wakeUps.pop() else { return nil }
      guard table[Int(user)].state == .thinking, table[Int(user)].wakeUp == time else { continue }
      table[Int(user)].state = .requesting
      return DueRequest(due: time, user: Int(user))
    }
  }

  package mutating func finished(user: Int, succeeded: Bool, at now: Int64) {
    precondition(table[user].state == .requesting, "the user has no request")
    if user < changes.present {
      think(user, until: thinks ? now + thinkTime.drawNanoseconds(&random) : now)
    } else {
      table[user].state = .absent
      leaving -= 1
    }
  }

  private mutating func think(_ user: Int, until time: Int64) {
    table[user] = User(state: .thinking, wakeUp: time)
    wakeUps.push(Int32(user), at: time)
  }

  private mutating func change() {
    let time = nextChange
    let isComing = changes.isComing
    changes.step()
    isComing ? come(changes.present - 1, time) : go(changes.present)
  }

  private mutating func come(_ user: Int, _ time: Int64) {
    // One who was to go and has not finished stays.
    guard table[user].state == .absent else { return leaving -= 1 }
    switch arrival {
    case .atOnce: think(user, until: time)
    case .inEquilibrium: think(user, until: time + thinkTime.drawResidualNanoseconds(&random))
    }
  }

  private mutating func go(_ user: Int) {
    if table[user].state == .requesting { leaving += 1 } else { table[user].state = .absent }
  }
}
