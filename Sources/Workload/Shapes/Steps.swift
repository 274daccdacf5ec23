package import Model

extension StepsShape {
  /// Who comes is in equilibrium: a step is to show so many users at work, not the wave of their coming.
  package var profile: UserProfile {
    var profile = UserProfile(users: start, arrival: .inEquilibrium, share: share)
    profile.stay(warmUp)
    for users in levels {
      profile.go(to: users, in: .zero)
      profile.stay(every)
    }
    return profile
  }
}
