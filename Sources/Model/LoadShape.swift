/// How requests come. Each block first runs `warmUp`, whose figures are kept apart, then `duration`.
package enum LoadShape: Hashable, Sendable {
  /// Closed loop: `users` users, each waiting for its answer and thinking before the next request.
  case constant(users: Int, warmUp: Duration, duration: Duration)
  /// Open loop: requests fall due at `rate` per second whether or not earlier ones are answered.
  case arrivalRate(rate: Double, spacing: ArrivalSpacing, warmUp: Duration, duration: Duration)

  package var warmUp: Duration {
    switch self {
    case .constant(_, let warmUp, _), .arrivalRate(_, _, let warmUp, _): warmUp
    }
  }
  package var duration: Duration {
    switch self {
    case .constant(_, _, let duration), .arrivalRate(_, _, _, let duration): duration
    }
  }
  package var users: Int? {
    if case .constant(let users, _, _) = self { users } else { nil }
  }
}

/// Gaps between arrivals of the open loop.
package enum ArrivalSpacing: String, CaseIterable, Hashable, Sendable {
  /// Exponential gaps: independent clients.
  case poisson
  /// Equal gaps: a metronome.
  case even
}

extension LoadShape {
  func summary(thinkTime: Distribution) -> String {
    switch self {
    case .constant(let users, let warmUp, let duration):
      "\(users) users, think time \(thinkTime.summary), blocks of \(duration.text) after \(warmUp.text)"
    case .arrivalRate(let rate, let spacing, let warmUp, let duration):
      "\(decimal(rate, places: 3))/s \(spacing.rawValue), blocks of \(duration.text) after \(warmUp.text)"
    }
  }
}

extension LoadShape {
  /// The part of one of several threads: users are dealt out in turn, a rate is divided. All parts together are the whole.
  package func part(_ index: Int, of threads: Int) -> LoadShape {
    switch self {
    case .constant(let users, let warmUp, let duration):
      .constant(
        users: users / threads + (index < users % threads ? 1 : 0), warmUp: warmUp, duration: duration)
    case .arrivalRate(let rate, let spacing, let warmUp, let duration):
      .arrivalRate(rate: rate / Double(threads), spacing: spacing, warmUp: warmUp, duration: duration)
    }
  }
}
