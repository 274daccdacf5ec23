package import Model

/// How many users there are at each moment: straight lines between corners, rounded down to whole users.
package struct UserProfile: Hashable, Sendable {
  package struct Corner: Hashable, Sendable {
    /// Nanoseconds since the load began, not falling. Two corners of one moment are a jump, and the later one counts.
    package var time: Int64
    package var users: Int
  }

  /// How a user who comes begins.
  package enum Arrival: Hashable, Sendable {
    /// With a request, as somebody does who opens an app.
    case atOnce
    /// With what is left of a think time, as if he had been there before: no wave of requests at the beginning.
    case inEquilibrium
  }

  package private(set) var corners: [Corner]
  package let arrival: Arrival
  package let share: LoadShare

  /// - Parameter share: of this load; its users are counted by `UserChanges`.
  init(users: Int, arrival: Arrival, share: LoadShare) {
    corners = [Corner(time: 0, users: users)]
    self.arrival = arrival
    self.share = share
  }

  /// Goes on along a straight line to `users`, for `duration`.
  mutating func go(to users: Int, in duration: Duration) {
    let last = corners[corners.count - 1]
    corners.append(Corner(time: last.time + duration.nanoseconds, users: users))
  }

  /// The same number for `duration`.
  mutating func stay(_ duration: Duration) { go(to: corners[corners.count - 1].users, in: duration) }

  /// The most at any moment.
  package var most: Int { share.part(of: corners.map(\.users).max() ?? 0) }
}

/// Walks along a profile from one coming or going to the next.
///
/// User number m of a share is number g = index + m x count of the whole, and is there exactly while the profile is above g;
/// so the shares together have the users of the whole at every nanosecond.
struct UserChanges {
  private let profile: UserProfile
  private var line = 0
  /// Users now.
  private(set) var present: Int
  /// Nanoseconds since the load began, of the next coming or going; `Int64.max` when there is none.
  private(set) var next = Int64.max
  private(set) var isComing = false

  init(_ profile: UserProfile) {
    self.profile = profile
    present = profile.share.part(of: profile.corners[0].users)
    search()
  }

  /// The next coming or going has happened.
  mutating func step() {
    present += isComing ? 1 : -1
    search()
  }

  private mutating func search() {
    while line + 1 < profile.corners.count {
      let (begin, end) = (profile.corners[line], profile.corners[line + 1])
      let coming = needed(present)
      if coming <= end.users, end.users > begin.users {
        (next, isComing) = (begin.time + Self.time(coming - begin.users, begin, end, roundingUp: true), true)
        return
      }
      if present > 0, needed(present - 1) > end.users, end.users < begin.users {
        let staying = begin.users - needed(present - 1)
        let last = Self.time(staying, begin, end, roundingUp: false)
        (next, isComing) = (begin.time + (end.time > begin.time ? last + 1 : 0), false)
        return
      }
      line += 1
    }
    next = .max
  }

  /// What the profile must be for user number `user` of the share to be there.
  private func needed(_ user: Int) -> Int { profile.share.index + user * profile.share.count + 1 }

  /// How long the line takes for `change` users. A day and 100,000 users stay below 2^63.
  private static func time(
    _ change: Int, _ begin: UserProfile.Corner, _ end: UserProfile.Corner, roundingUp: Bool
  ) -> Int64 {
    let (length, users) = (end.time - begin.time, Int64(abs(end.users - begin.users)))
    let (quotient, rest) = users.dividingFullWidth(length.multipliedFullWidth(by: Int64(change)))
    return roundingUp && rest > 0 ? quotient + 1 : quotient
  }
}
