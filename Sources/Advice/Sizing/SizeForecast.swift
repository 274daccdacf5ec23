/// What a queueing model says of one pool size.
package struct SizeForecast: Hashable, Sendable {
  package var size: Int
  /// Share of time that a connection is busy, 0...1.
  package var utilisation: Double
  /// Requests served per second.
  package var throughput: Double
  /// Share of requests that do not get a connection at once.
  package var waitShare: Double
  /// Seconds, if nobody gave up; infinite where the queue would then grow for ever.
  package var meanWait: Double
  package var waitP95: Double
  package var responseP95: Double
  /// Share of requests that wait longer than half of a mean service time.
  package var longWaitShare: Double
  /// Share of requests that give up at the acquire timeout; nil without one.
  package var timeoutShare: Double?

  /// Above this share of busy connections small bursts make queues: the field's usual target.
  package static let mostUtilisation = 0.80
  /// At most this share of requests may wait longer than half of a mean service time.
  package static let mostLongWaits = 0.01
  /// At most this share may give up; at 0.1 % a percentile of 99.9 would still see it.
  package static let mostTimeouts = 0.0001
  /// Where so few wait at all, more connections change nothing that could be measured.
  package static let nobodyWaits = 0.0001
}

/// A load that a pool of any size can be asked about.
package protocol PoolModel: Sendable {
  /// Connections busy on average if nobody ever waited.
  var busy: Double { get }
  /// More connections than this are never busy at once.
  var mostUseful: Int { get }
  func forecast(_ size: Int) -> SizeForecast?
  /// Whether the three limits are kept; cheaper than a forecast.
  func suffices(_ size: Int) -> Bool
  /// Share of requests that do not get a connection at once.
  func waitShare(_ size: Int) -> Double?
}

extension PoolModel {
  /// The smallest size that keeps all three limits; nil when none does.
  package var fewest: Int? { smallest(suffices) }

  /// The smallest size at which practically nobody waits: more gain nothing.
  package var mostWorthwhile: Int { smallest { (waitShare($0) ?? 1) <= SizeForecast.nobodyWaits } ?? mostUseful }

  /// By bisection: everything asked for here eases with every connection.
  private func smallest(_ keeps: (Int) -> Bool) -> Int? {
    guard keeps(mostUseful) else { return nil }
    var (below, above) = (0, mostUseful)
    while above - below > 1 {
      let middle = below + (above - below) / 2
      if keeps(middle) { above = middle } else { below = middle }
    }
    return above
  }

  func keepsLimits(utilisation: Double, longWaits: Double, timeouts: Double?) -> Bool {
    utilisation < SizeForecast.mostUtilisation && longWaits <= SizeForecast.mostLongWaits
      && (timeouts ?? 0) <= SizeForecast.mostTimeouts
  }
}
