import Statistics

/// N users who think, then ask: the machine-repair model M/M/c//N, with a constant acquire timeout.
package struct ClosedLoad: PoolModel, Hashable {
  package let users: Int
  /// Mean pause of a user between an answer and the next request, seconds.
  package let thinkTime: Double
  /// Mean time that a request holds a connection, seconds.
  package let serviceTime: Double
  /// Seconds; nil for none.
  package let acquireTimeout: Double?

  /// Nil unless users and service time are positive and the think time is not negative.
  package init?(users: Int, thinkTime: Double, serviceTime: Double, acquireTimeout: Double?) {
    guard users > 0, serviceTime > 0, thinkTime >= 0, serviceTime.isFinite, thinkTime.isFinite else { return nil }
    self.users = users
    self.thinkTime = thinkTime
    self.serviceTime = serviceTime
    self.acquireTimeout = acquireTimeout
  }

  /// Requests per second that the users make when nobody waits.
  package var rate: Double { Double(users) / (thinkTime + serviceTime) }
  package var busy: Double { LittlesLaw.busy(rate: rate, holdTime: serviceTime) }
  package var mostUseful: Int { users }

  package func forecast(_ size: Int) -> SizeForecast? {
    pool(size).map { pool in
      SizeForecast(
        size: size, utilisation: pool.utilisation, throughput: pool.throughput, waitShare: pool.waitProbability,
        meanWait: pool.meanWait, waitP95: pool.waitQuantile(0.95), responseP95: pool.responseQuantile(0.95),
        longWaitShare: pool.waitTail(serviceTime / 2), timeoutShare: timeoutShare(pool))
    }
  }

  package func suffices(_ size: Int) -> Bool {
    guard let pool = pool(size) else { return false }
    return keepsLimits(
      utilisation: pool.utilisation, longWaits: pool.waitTail(serviceTime / 2), timeouts: timeoutShare(pool))
  }

  package func waitShare(_ size: Int) -> Double? { pool(size)?.waitProbability }

  private func pool(_ size: Int) -> ClosedPool? {
    ClosedPool(users: users, servers: size, serviceTime: serviceTime, thinkTime: thinkTime)
  }

  /// M/M/c with a constant timeout, at the arrival rate at which its users go round: N = rate x (think + wait + service).
  /// About: within a factor of two near saturation.
  /// Nobody can give up who never waits that long with unlimited patience, so the smaller of the two counts.
  private func timeoutShare(_ pool: ClosedPool) -> Double? {
    guard let timeout = acquireTimeout, timeout > 0 else { return nil }
    var (low, high) = (0.0, Double(users) / max(thinkTime, serviceTime / 1000))
    var share = 0.0
    for _ in 0..<60 {
      let rate = (low + high) / 2
      guard
        let impatient = ImpatientPool(
          servers: pool.servers, arrivalRate: rate, serviceTime: serviceTime, timeout: timeout)
      else { return nil }
      share = impatient.timeoutProbability
      let round = thinkTime + impatient.meanWait + (1 - share) * serviceTime
      if rate * round > Double(users) { high = rate } else { low = rate }
    }
    return min(share, pool.waitTail(timeout))
  }
}
