import Glibc

/// M/M/c//N, the machine-repair model: N users think, then need one of c connections. Nobody gives up.
///
/// Exponential think and service times, in seconds; rates per second.
package struct ClosedPool: Sendable {
  package let users: Int
  package let servers: Int
  package let serviceTime: Double
  package let thinkTime: Double
  /// Requests completed per second.
  package let throughput: Double
  /// Share of time that a connection is busy.
  package let utilisation: Double
  /// Users waiting or served, on average.
  package let meanInside: Double
  /// Users waiting, on average.
  package let meanQueue: Double
  /// How many others an arriving user finds inside: those of the same pool with one user less.
  private let seen: [Double]

  /// Nil unless there are users, servers and a positive service time.
  package init?(users: Int, servers: Int, serviceTime: Double, thinkTime: Double) {
    guard users > 0, servers > 0, serviceTime > 0, thinkTime >= 0 else { return nil }
    let ratio = serviceTime / thinkTime
    let inside = Self.distribution(users: users, servers: servers, ratio: ratio)
    seen = Self.distribution(users: users - 1, servers: servers, ratio: ratio)
    let busy = Self.mean(inside) { min($0, servers) }
    self.users = users
    self.servers = servers
    self.serviceTime = serviceTime
    self.thinkTime = thinkTime
    throughput = busy / serviceTime
    utilisation = busy / Double(servers)
    meanInside = Self.mean(inside) { $0 }
    meanQueue = Self.mean(inside) { max($0 - servers, 0) }
  }

  package var meanWait: Double { meanQueue / throughput }
  package var meanResponse: Double { meanWait + serviceTime }
  package var waitProbability: Double { seen.dropFirst(servers).reduce(0, +) }

  /// P(n inside), n = 0...users, of the birth-death chain; by logarithms, as the weights span hundreds of decades.
  private static func distribution(users: Int, servers: Int, ratio: Double) -> [Double] {
    // Without thinking everybody is always inside.
    guard ratio.isFinite else { return [Double](repeating: 0, count: users) + [1] }
    var logs = [0.0]
    for n in stride(from: 1, through: users, by: 1) {
      logs.append(logs[n - 1] + log(Double(users - n + 1) * ratio / Double(min(n, servers))))
    }
    let largest = logs.max() ?? 0
    let weights = logs.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  private static func mean(_ distribution: [Double], _ value: (Int) -> Int) -> Double {
    distribution.indices.reduce(0) { $0 + distribution[$1] * Double(value($1)) }
  }

  /// P(wait > t): whoever finds k >= c inside waits for k - c + 1 completions.
  package func waitTail(_ t: Double) -> Double {
    let completions = Double(servers) * t / serviceTime
    var fewer = 0.0
    var tail = 0.0
    for found in seen.indices.dropFirst(servers) {
      fewer += poisson(found - servers, completions)
      tail += seen[found] * fewer
    }
    return tail
  }

  private func poisson(_ count: Int, _ mean: Double) -> Double {
    guard mean > 0 else { return count == 0 ? 1 : 0 }
    return exp(Double(count) * log(mean) - mean - SpecialFunctions.logGamma(Double(count) + 1))
  }

  /// 0 when fewer than 1 - q wait at all.
  package func waitQuantile(_ q: Double) -> Double {
    guard waitProbability > 1 - q else { return 0 }
    return SpecialFunctions.threshold(startingAt: serviceTime) { waitTail($0) <= 1 - q }
  }

  /// P(wait + service > t), within 1e-16.
  package func responseTail(_ t: Double) -> Double {
    let served = seen.prefix(servers).reduce(0, +) * exp(-t / serviceTime)
    return seen.indices.dropFirst(servers).reduce(served) { tail, found in
      seen[found] < 1e-20 ? tail : tail + seen[found] * responseTail(t, completions: found - servers + 1)
    }
  }

  /// P(Erlang(m, c/S) + Exponential(1/S) > t).
  private func responseTail(_ t: Double, completions: Int) -> Double {
    let m = Double(completions)
    let c = Double(servers)
    let x = t / serviceTime
    guard servers > 1 else { return SpecialFunctions.regularizedGammaQ(m + 1, x) }
    let waiting = SpecialFunctions.regularizedGammaQ(m, c * x)
    let served = SpecialFunctions.logRegularizedGammaP(m, (c - 1) * x)
    return waiting + exp(m * log(c / (c - 1)) - x + served)
  }

  package func responseQuantile(_ q: Double) -> Double {
    SpecialFunctions.threshold(startingAt: serviceTime) { responseTail($0) <= 1 - q }
  }

  /// The share of requests that time out when the pool is saturated: the fluid limit 1 - (c/S)(Z + T)/N, at least 0.
  ///
  /// Accurate deep in overload only; near saturation simulate.
  package func saturatedTimeoutShare(timeout: Double) -> Double {
    max(0, 1 - Double(servers) / serviceTime * (thinkTime + timeout) / Double(users))
  }
}
