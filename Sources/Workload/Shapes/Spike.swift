package import Model

extension SpikeShape {
  /// Who comes begins with a request: that a crowd asks at the same time is what a spike is.
  package var profile: UserProfile {
    var profile = UserProfile(users: baseUsers, arrival: .atOnce, share: share)
    profile.stay(warmUp)
    profile.go(to: users, in: rise)
    profile.stay(hold)
    profile.go(to: baseUsers, in: fall)
    profile.stay(recovery)
    return profile
  }
}
