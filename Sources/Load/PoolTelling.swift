internal import EventLoop
package import Model
internal import Workload

/// What the pool of a load tells of itself at one moment, as a monitor sees it.
package struct PoolTelling: Hashable, Sendable {
  /// On the monotonic clock, nanoseconds.
  package var at: Int64
  /// The same in seconds since the measured part began.
  package var second: Double
  package var gauges: PoolGauges
  /// Of the load so far.
  package var firstFailure: FirstFailure?
}

extension PoolTelling {
  /// Of one loop.
  init(_ pool: inout PoolMachine, _ tally: LoadTally, at moment: Int64, second: Double) {
    var gauges = PoolGauges()
    gauges[.max] = Double(pool.settings.maxSize)
    gauges[.total] = Double(pool.open)
    gauges[.inUse] = Double(pool.active)
    gauges[.idle] = Double(pool.idle)
    gauges[.waiting] = Double(pool.waiting)
    gauges[.oldestWait] = pool.oldestWait(at: moment).map { Double($0) / 1e9 }
    gauges[.timeouts] = Double(tally.timedOut)
    gauges[.acquisitions] = Double(tally.acquisitions(active: pool.active))
    self.init(at: moment, second: second, gauges: gauges, firstFailure: tally.firstFailure)
  }

  /// Of several lanes: counts are added, and the oldest waiter is the oldest of all.
  init?(merging parts: [PoolTelling]) {
    guard var sum = parts.first else { return nil }
    for part in parts.dropFirst() {
      let oldest = [sum.gauges[.oldestWait], part.gauges[.oldestWait]].compactMap { $0 }.max()
      for figure in part.gauges.figures {
        sum.gauges[figure] = (sum.gauges[figure] ?? 0) + (part.gauges[figure] ?? 0)
      }
      sum.gauges[.oldestWait] = oldest
      sum.firstFailure = FirstFailure.earlier(sum.firstFailure, part.firstFailure)
    }
    self = sum
  }
}

extension FirstFailure {
  static func earlier(_ one: FirstFailure?, _ other: FirstFailure?) -> FirstFailure? {
    guard let one, let other else { return one ?? other }
    return one.second <= other.second ? one : other
  }
}

extension LoadGenerator {
  /// Asks the pool of the load as a monitor would, from outside of its loops.
  ///
  /// - Returns: nil where a loop does not answer within `patience`, or the load is not on: of a part that is over the counts
  /// would be missing.
  package func askPool(within patience: Duration) -> PoolTelling? {
    let lanes = lanes
    guard lanes.allSatisfy({ !$0.loop.isFinished }) else { return nil }
    let deadline = MonotonicClock.now + patience.nanoseconds
    for lane in lanes { lane.shared.ask() }
    var told: [PoolTelling] = []
    for lane in lanes {
      guard let answer = lane.shared.answer(until: deadline) else { return nil }
      told.append(answer)
    }
    return PoolTelling(merging: told)
  }
}
