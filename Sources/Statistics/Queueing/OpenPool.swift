import Glibc

/// M/M/c: independent arrivals, exponential service, c connections, first come first served, unlimited patience.
///
/// Times in seconds, rates per second.
package struct OpenPool: Hashable, Sendable {
  package let servers: Int
  package let arrivalRate: Double
  package let serviceTime: Double
  /// The share of arrivals that wait (Erlang C).
  package let waitProbability: Double

  /// Nil when there is no steady state: the offered load is not below the number of servers.
  package init?(servers: Int, arrivalRate: Double, serviceTime: Double) {
    guard servers > 0, arrivalRate > 0, serviceTime > 0,
      let wait = Erlang.c(servers: servers, load: arrivalRate * serviceTime)
    else { return nil }
    self.servers = servers
    self.arrivalRate = arrivalRate
    self.serviceTime = serviceTime
    waitProbability = wait
  }

  /// In erlangs: connections busy on average.
  package var offeredLoad: Double { arrivalRate * serviceTime }
  package var utilisation: Double { offeredLoad / Double(servers) }
  package var meanWait: Double { waitProbability / drainRate }
  package var meanQueue: Double { arrivalRate * meanWait }
  package var meanResponse: Double { meanWait + serviceTime }

  /// cμ - λ: how fast a queue shrinks.
  private var drainRate: Double { Double(servers) / serviceTime - arrivalRate }

  /// P(wait > t).
  package func waitTail(_ t: Double) -> Double { waitProbability * exp(-drainRate * t) }

  /// 0 when fewer than 1 - q wait at all.
  package func waitQuantile(_ q: Double) -> Double {
    waitProbability <= 1 - q ? 0 : log(waitProbability / (1 - q)) / drainRate
  }

  /// P(wait + service > t).
  package func responseTail(_ t: Double) -> Double {
    let rate = 1 / serviceTime
    let excess = drainRate - rate
    let spread = abs(excess * t) < 1e-12 ? t : -expm1(-excess * t) / excess
    return exp(-rate * t) * (1 + waitProbability * rate * spread)
  }

  package func responseQuantile(_ q: Double) -> Double {
    SpecialFunctions.threshold(startingAt: serviceTime) { responseTail($0) <= 1 - q }
  }

  /// The mean wait for other arrivals and services: Allen and Cunneen's factor (ca² + cs²)/2.
  ///
  /// - Parameters: squared coefficients of variation; 1 is exponential, 0 constant. Within 12 % for services up to 4,
  ///   too high for larger ones.
  package func meanWait(arrivalVariation: Double, serviceVariation: Double) -> Double {
    meanWait * (arrivalVariation + serviceVariation) / 2
  }
}
