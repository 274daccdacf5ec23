/// L = X W: how many are inside is throughput times the time inside. Holds for every stable system, whatever its queues.
package enum LittlesLaw {
  /// Connections busy on average: rate (per second) times hold time (seconds).
  package static func busy(rate: Double, holdTime: Double) -> Double { rate * holdTime }

  /// X R / N - 1; beyond ±5 % a measurement contradicts itself. Nil without anybody inside.
  package static func residual(throughput: Double, meanResponse: Double, meanInside: Double) -> Double? {
    meanInside > 0 ? throughput * meanResponse / meanInside - 1 : nil
  }

  /// The highest throughput that `inside` users can have when a share 1 - q of requests takes at least `quantile`.
  ///
  /// A report above it is impossible: the mean response is at least (1 - q) times the q-quantile.
  package static func throughputBound(inside: Double, quantile: Double, q: Double) -> Double {
    inside / ((1 - q) * quantile)
  }
}
