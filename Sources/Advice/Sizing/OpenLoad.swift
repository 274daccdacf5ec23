import Statistics

/// Requests that come whether or not earlier ones are answered: M/M/c, with a constant acquire timeout where there is one.
package struct OpenLoad: PoolModel, Hashable {
  /// Requests per second.
  package let rate: Double
  /// Mean time that a request holds a connection, seconds.
  package let serviceTime: Double
  /// Seconds; nil for none.
  package let acquireTimeout: Double?

  /// Nil unless rate and service time are positive.
  package init?(rate: Double, serviceTime: Double, acquireTimeout: Double?) {
    guard rate > 0, serviceTime > 0, rate.isFinite, serviceTime.isFinite else { return nil }
    self.rate = rate
    self.serviceTime = serviceTime
    self.acquireTimeout = acquireTimeout
  }

  package var busy: Double { LittlesLaw.busy(rate: rate, holdTime: serviceTime) }
  /// Busy connections are Poisson: ten deviations and some above the mean are never seen.
  package var mostUseful: Int { Int(busy / SizeForecast.mostUtilisation + 10 * busy.squareRoot()) + 20 }

  package func forecast(_ size: Int) -> SizeForecast? {
    guard size > 0 else { return nil }
    let pool = pool(size)
    let impatient = impatient(size)
    let capacity = Double(size) / serviceTime
    let served = impatient.map { rate * (1 - $0.timeoutProbability) } ?? min(rate, capacity)
    return SizeForecast(
      size: size, utilisation: impatient?.utilisation ?? min(1, rate / capacity), throughput: served,
      waitShare: impatient?.waitProbability ?? pool?.waitProbability ?? 1,
      meanWait: pool?.meanWait ?? .infinity, waitP95: pool?.waitQuantile(0.95) ?? .infinity,
      responseP95: pool?.responseQuantile(0.95) ?? .infinity, longWaitShare: pool?.waitTail(serviceTime / 2) ?? 1,
      timeoutShare: impatient?.timeoutProbability)
  }

  package func suffices(_ size: Int) -> Bool {
    guard let pool = pool(size) else { return false }
    return keepsLimits(
      utilisation: pool.utilisation, longWaits: pool.waitTail(serviceTime / 2),
      timeouts: impatient(size)?.timeoutProbability)
  }

  package func waitShare(_ size: Int) -> Double? { pool(size)?.waitProbability }

  /// Nil where the queue of patient requests would grow for ever.
  private func pool(_ size: Int) -> OpenPool? {
    OpenPool(servers: size, arrivalRate: rate, serviceTime: serviceTime)
  }

  private func impatient(_ size: Int) -> ImpatientPool? {
    acquireTimeout.flatMap {
      ImpatientPool(servers: size, arrivalRate: rate, serviceTime: serviceTime, timeout: $0)
    }
  }
}
