package import Model
package import Statistics

/// The closed loop in which each user asks so many times and is through.
///
/// During the warm-up all ask without counting; what a user begins from `measured` on counts.
package struct IteratingUsers: RequestSource, ~Copyable {
  private var base: ConstantUsers
  private let measured: Int64
  /// Still to begin, of each user.
  private var left: Slab<Int32>
  private var busy: Int

  /// - Parameters:
  ///   - start: the beginning of the schedule; `end` its end, exclusive.
  ///   - measured: when the warm-up is over.
  package init(
    users: Int, iterations: Int, thinkTime: Distribution, start: Int64, measured: Int64, end: Int64,
    random: RandomSource
  ) {
    base = ConstantUsers(users: users, thinkTime: thinkTime, start: start, end: end, random: random)
    self.measured = measured
    left = Slab(repeating: Int32(clamping: iterations), count: users)
    busy = users
  }

  package var nextDue: Int64 { base.nextDue }

  package mutating func take(dueAt now: Int64) -> DueRequest? {
    guard let request = base.take(dueAt: now) else { return nil }
    if request.due >= measured { left[request.user] &-= 1 }
    return request
  }

  package mutating func finished(user: Int, succeeded: Bool, at now: Int64) {
    if left[user] > 0 { base.finished(user: user, succeeded: succeeded, at: now) } else { busy -= 1 }
  }

  package var users: Int { busy }
  package var isExhausted: Bool { busy == 0 }
}
