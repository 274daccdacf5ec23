package import Model

extension RampShape {
  /// Who comes begins with a request.
  package var profile: UserProfile {
    var profile = UserProfile(users: startUsers, arrival: .atOnce, share: share)
    profile.stay(warmUp)
    for stage in stages { profile.go(to: stage.users, in: stage.duration) }
    return profile
  }
}
