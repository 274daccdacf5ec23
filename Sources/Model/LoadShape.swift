/// How requests come. Each block first runs `warmUp`, whose figures are kept apart, then the measured part.
///
/// Closed shapes have users, each waiting for its answer and thinking before the next request. In open ones requests fall
/// due by a schedule, whether or not earlier ones are answered.
package enum LoadShape: Hashable, Sendable {
  /// Closed: as many users all the time.
  case constant(users: Int, warmUp: Duration, duration: Duration)
  /// Open: requests fall due at `rate` per second.
  case arrivalRate(rate: Double, spacing: ArrivalSpacing, warmUp: Duration, duration: Duration)
  /// Closed: users come and go in stages.
  case ramp(RampShape)
  /// Closed: a crowd comes, stays and goes.
  case spike(SpikeShape)
  /// Closed: `constant` for so long that drift shows, and judged for it.
  case soak(users: Int, warmUp: Duration, duration: Duration)
  /// Closed: more users step by step, until a condition says that it is too much.
  case steps(StepsShape)
  /// Open: the rate changes in stages.
  case rampingArrivalRate(RampingRateShape)
  /// Closed: so many requests, or flows, of each user.
  case iterations(IterationsShape)
}

/// Gaps between arrivals of the open loop.
package enum ArrivalSpacing: String, CaseIterable, Hashable, Sendable {
  /// Exponential gaps: independent clients.
  case poisson
  /// Equal gaps: a metronome.
  case even
}

/// What one thread of several carries: every `count`-th user, or request, beginning with number `index`.
package struct LoadShare: Hashable, Sendable {
  package var index: Int
  package var count: Int
  package static let whole = LoadShare(index: 0, count: 1)
  package init(index: Int, count: Int) {
    precondition(count >= 1 && (0..<count).contains(index), "a share is one of its count")
    self.index = index
    self.count = count
  }

  /// How many of `whole` things numbered from 0 are in this share. Over all shares they add up to `whole`.
  package func part(of whole: Int) -> Int { (whole + count - 1 - index) / count }

  /// The share of a share.
  package func part(_ index: Int, of count: Int) -> LoadShare {
    LoadShare(index: self.index + index * self.count, count: self.count * count)
  }
}

/// Users who come and go along straight lines. The warm-up has `startUsers`.
package struct RampShape: Hashable, Sendable {
  package struct Stage: Hashable, Sendable {
    /// There at its end.
    package var users: Int
    /// 0: at once.
    package var duration: Duration
    package init(users: Int, duration: Duration) {
      self.users = users
      self.duration = duration
    }
  }
  package var startUsers: Int
  package var stages: [Stage]
  package var warmUp: Duration
  package var share = LoadShare.whole
  package init(startUsers: Int, stages: [Stage], warmUp: Duration) {
    self.startUsers = startUsers
    self.stages = stages
    self.warmUp = warmUp
  }
}

/// `baseUsers` all the time, and a crowd that makes them `users` for a while. The warm-up has `baseUsers`.
package struct SpikeShape: Hashable, Sendable {
  package var users: Int
  package var baseUsers: Int
  /// From base to crowd; 0: at once.
  package var rise: Duration
  package var hold: Duration
  package var fall: Duration
  /// The base goes on after the fall, to see how long it takes until all is as before.
  package var recovery: Duration
  package var warmUp: Duration
  package var share = LoadShare.whole
  package init(
    users: Int, baseUsers: Int = 0, rise: Duration, hold: Duration, fall: Duration, recovery: Duration,
    warmUp: Duration
  ) {
    self.users = users
    self.baseUsers = baseUsers
    self.rise = rise
    self.hold = hold
    self.fall = fall
    self.recovery = recovery
    self.warmUp = warmUp
  }
}

/// `start`, `start + step` ... up to `most` users, each number for the time `every`. The warm-up has `start`.
package struct StepsShape: Hashable, Sendable {
  package var start: Int
  package var step: Int
  package var every: Duration
  package var most: Int
  /// Of a finished step; the first that holds ends the load, and the step before is the breaking point.
  package var until: [Condition]
  package var warmUp: Duration
  package var share = LoadShare.whole
  package init(start: Int, step: Int, every: Duration, most: Int, until: [Condition], warmUp: Duration) {
    self.start = start
    self.step = step
    self.every = every
    self.most = most
    self.until = until
    self.warmUp = warmUp
  }

  /// Users of each step.
  package var levels: [Int] { Array(stride(from: start, through: most, by: step)) }
}

/// An open loop whose rate goes along straight lines. The warm-up has `startRate`.
package struct RampingRateShape: Hashable, Sendable {
  package struct Stage: Hashable, Sendable {
    /// Requests per second at its end.
    package var rate: Double
    /// 0: at once.
    package var duration: Duration
    package init(rate: Double, duration: Duration) {
      self.rate = rate
      self.duration = duration
    }
  }
  package var startRate: Double
  package var stages: [Stage]
  package var spacing: ArrivalSpacing
  package var warmUp: Duration
  package var share = LoadShare.whole
  package init(startRate: Double, stages: [Stage], spacing: ArrivalSpacing, warmUp: Duration) {
    self.startRate = startRate
    self.stages = stages
    self.spacing = spacing
    self.warmUp = warmUp
  }
}

/// Each of `users` asks `iterations` times in the measured part, at their own pace. The warm-up asks without counting.
package struct IterationsShape: Hashable, Sendable {
  package var users: Int
  package var iterations: Int
  /// Ends the load even when some are not through.
  package var maxDuration: Duration
  package var warmUp: Duration
  package init(users: Int, iterations: Int, maxDuration: Duration, warmUp: Duration) {
    self.users = users
    self.iterations = iterations
    self.maxDuration = maxDuration
    self.warmUp = warmUp
  }
}

extension LoadShape {
  package var warmUp: Duration {
    switch self {
    case .constant(_, let warmUp, _), .soak(_, let warmUp, _), .arrivalRate(_, _, let warmUp, _): warmUp
    case .ramp(let ramp): ramp.warmUp
    case .spike(let spike): spike.warmUp
    case .steps(let steps): steps.warmUp
    case .rampingArrivalRate(let ramp): ramp.warmUp
    case .iterations(let iterations): iterations.warmUp
    }
  }

  /// Of the measured part; the longest that it may take where it can end early.
  package var duration: Duration {
    switch self {
    case .constant(_, _, let duration), .soak(_, _, let duration), .arrivalRate(_, _, _, let duration): duration
    case .ramp(let ramp): ramp.stages.reduce(.zero) { $0 + $1.duration }
    case .spike(let spike): spike.rise + spike.hold + spike.fall + spike.recovery
    case .steps(let steps): steps.every * steps.levels.count
    case .rampingArrivalRate(let ramp): ramp.stages.reduce(.zero) { $0 + $1.duration }
    case .iterations(let iterations): iterations.maxDuration
    }
  }

  /// The most users at once; nil in an open loop.
  package var users: Int? {
    switch self {
    case .constant(let users, _, _), .soak(let users, _, _): users
    case .arrivalRate, .rampingArrivalRate: nil
    case .ramp(let ramp):
      ramp.share.part(of: max(ramp.startUsers, ramp.stages.map(\.users).max() ?? 0))
    case .spike(let spike): spike.share.part(of: max(spike.users, spike.baseUsers))
    case .steps(let steps): steps.share.part(of: steps.levels.last ?? steps.start)
    case .iterations(let iterations): iterations.users
    }
  }

  /// Whether requests fall due whether or not earlier ones are answered.
  package var isOpenLoop: Bool {
    switch self {
    case .arrivalRate, .rampingArrivalRate: true
    case .constant, .ramp, .spike, .soak, .steps, .iterations: false
    }
  }

  /// Whether the load may be through, as planned, before `duration` is over.
  package var mayEndEarly: Bool {
    switch self {
    case .steps, .iterations: true
    case .constant, .arrivalRate, .ramp, .spike, .soak, .rampingArrivalRate: false
    }
  }

  /// Whether users come or go while the load is on.
  package var haveUsersChanges: Bool {
    switch self {
    case .ramp, .spike, .steps, .iterations: true
    case .constant, .soak, .arrivalRate, .rampingArrivalRate: false
    }
  }

  /// Whether users, or the rate, are the same all the time: only then a mean over the block describes any moment of it.
  package var isSteady: Bool {
    switch self {
    case .constant, .arrivalRate, .soak, .iterations: true
    case .ramp, .spike, .steps, .rampingArrivalRate: false
    }
  }

  /// As an experiment file calls it.
  package var word: String {
    switch self {
    case .constant: "constant"
    case .arrivalRate: "arrival_rate"
    case .ramp: "ramp"
    case .spike: "spike"
    case .soak: "soak"
    case .steps: "steps"
    case .rampingArrivalRate: "ramping_arrival_rate"
    case .iterations: "iterations"
    }
  }

  /// What thread `index` of `threads` carries. At every moment the parts together have exactly the users of the whole, and
  /// an even schedule exactly its requests.
  package func part(_ index: Int, of threads: Int) -> LoadShape {
    let share = LoadShare(index: index, count: threads)
    if threads == 1 { return self }
    switch self {
    case .constant(let users, let warmUp, let duration):
      return .constant(users: share.part(of: users), warmUp: warmUp, duration: duration)
    case .soak(let users, let warmUp, let duration):
      return .soak(users: share.part(of: users), warmUp: warmUp, duration: duration)
    case .arrivalRate(let rate, let spacing, let warmUp, let duration):
      // Not a lower rate of the same kind: the threads' metronomes would beat together.
      var steady = RampingRateShape(
        startRate: rate, stages: [.init(rate: rate, duration: duration)], spacing: spacing, warmUp: warmUp)
      steady.share = share
      return .rampingArrivalRate(steady)
    case .ramp(var ramp):
      ramp.share = ramp.share.part(index, of: threads)
      return .ramp(ramp)
    case .spike(var spike):
      spike.share = spike.share.part(index, of: threads)
      return .spike(spike)
    case .steps(var steps):
      steps.share = steps.share.part(index, of: threads)
      return .steps(steps)
    case .rampingArrivalRate(var ramp):
      ramp.share = ramp.share.part(index, of: threads)
      return .rampingArrivalRate(ramp)
    case .iterations(var iterations):
      iterations.users = share.part(of: iterations.users)
      return .iterations(iterations)
    }
  }

  /// One line, equal for equal shapes: part of what must agree for two runs to be compared.
  func summary(thinkTime: Distribution) -> String {
    let thinking = "think time \(thinkTime.summary)"
    let blocks = "blocks of \(duration.text) after \(warmUp.text)"
    switch self {
    case .constant(let users, _, _): return "\(users) users, \(thinking), \(blocks)"
    case .soak(let users, _, _): return "soak of \(users) users, \(thinking), \(blocks)"
    case .arrivalRate(let rate, let spacing, _, _):
      return "\(decimal(rate, places: 3))/s \(spacing.rawValue), \(blocks)"
    case .ramp(let ramp):
      let stages = ramp.stages.map { ", \($0.users) in \($0.duration.text)" }.joined()
      return "ramp from \(ramp.startUsers) users\(stages), \(thinking), \(blocks)"
    case .spike(let spike):
      let times =
        "rise \(spike.rise.text), hold \(spike.hold.text), fall \(spike.fall.text), recovery \(spike.recovery.text)"
      return "spike from \(spike.baseUsers) to \(spike.users) users, \(times), \(thinking), \(blocks)"
    case .steps(let steps):
      let until = steps.until.map(\.text).joined(separator: ", or ")
      let levels = "steps of \(steps.step) users every \(steps.every.text) from \(steps.start) to \(steps.most)"
      return "\(levels) until \(until), \(thinking), \(blocks)"
    case .rampingArrivalRate(let ramp):
      let stages = ramp.stages.map { ", \(decimal($0.rate, places: 3))/s in \($0.duration.text)" }.joined()
      return "from \(decimal(ramp.startRate, places: 3))/s\(stages), \(ramp.spacing.rawValue), \(blocks)"
    case .iterations(let iterations):
      let each = "\(iterations.users) users, \(iterations.iterations) iterations each, \(thinking)"
      return "\(each), at most \(iterations.maxDuration.text) after \(iterations.warmUp.text)"
    }
  }
}
