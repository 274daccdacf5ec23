import Glibc

/// M/M/c with a constant acquire timeout: whoever has waited `timeout` gives up. Stable under any load.
///
/// Baccelli and Hebuterne 1981; Zeltyn and Mandelbaum 2005. Times in seconds, rates per second.
package struct ImpatientPool: Hashable, Sendable {
  /// The share of arrivals that give up.
  package let timeoutProbability: Double
  /// The share of arrivals that do not get a connection at once.
  package let waitProbability: Double
  /// Over all arrivals, those that give up included.
  package let meanWait: Double
  /// Share of time that a connection is busy.
  package let utilisation: Double

  /// Nil unless all are positive.
  package init?(servers: Int, arrivalRate: Double, serviceTime: Double, timeout: Double) {
    guard servers > 0, arrivalRate > 0, serviceTime > 0, timeout > 0 else { return nil }
    let load = arrivalRate * serviceTime
    let capacity = Double(servers) / serviceTime
    let growth = (arrivalRate - capacity) * timeout
    // Everything is scaled by e^-growth when the queue grows, so that nothing overflows.
    let scale = exp(-max(growth, 0))
    let full = exp(min(growth, 0))
    let spent = scale / Erlang.b(servers: servers - 1, load: load)
    let queued = timeout * Self.moment(0, growth, scale) + full / capacity
    let total = spent + arrivalRate * queued
    let waited = timeout * timeout * Self.moment(1, growth, scale) + timeout * full / capacity
    timeoutProbability = arrivalRate / capacity * full / total
    waitProbability = arrivalRate * queued / total
    meanWait = arrivalRate * waited / total
    utilisation = load * (1 - timeoutProbability) / Double(servers)
  }

  /// ∫ x^order e^(growth x) dx over 0...1, times `scale`.
  private static func moment(_ order: Double, _ growth: Double, _ scale: Double) -> Double {
    guard abs(growth) >= 0.5 else { return scale * series(order, growth) }
    let zeroth = growth > 0 ? -expm1(-growth) / growth : expm1(growth) / growth
    return order == 0 ? zeroth : (exp(min(growth, 0)) - zeroth) / growth
  }

  /// Σ growth^k / (k! (k + order + 1)), where the closed form would cancel.
  private static func series(_ order: Double, _ growth: Double) -> Double {
    var term = 1.0
    var sum = 0.0
    for k in 0..<24 {
      sum += term / (Double(k) + order + 1)
      term *= growth / Double(k + 1)
    }
    return sum
  }
}
