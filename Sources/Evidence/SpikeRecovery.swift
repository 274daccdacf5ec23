import Model
import Statistics

/// How a block came back to its former state after a spike.
///
/// What is usual is what the warm-up showed, when only the base was there: back is the first second from which on, until the
/// end, p95 stays within twice the usual one and not more requests wait than did. The first second of the warm-up is left
/// out, since connections are opened in it. Without a base only the waiting tells.
package struct SpikeRecovery: Hashable, Sendable {
  /// Of the block, among all of its execution.
  package var position: Int
  /// The p95 that is usual, seconds; nil without a base.
  package var usualP95: Double?
  /// The largest p95 of any second after the warm-up, seconds, timeouts left out; nil where nothing was answered.
  package var worstP95: Double?
  /// The most requests that waited for a connection at once.
  package var mostWaiting: Int
  /// Seconds from the end of the fall; nil when it was not over at the end of the block.
  package var seconds: Int?

  package init(position: Int, usualP95: Double?, worstP95: Double?, mostWaiting: Int, seconds: Int?) {
    self.position = position
    self.usualP95 = usualP95
    self.worstP95 = worstP95
    self.mostWaiting = mostWaiting
    self.seconds = seconds
  }

  static let tolerance = 2.0

  /// Of each finished block; empty where the load is no spike, or has no recovery to look at.
  package static func all(of recorded: RecordedRun, _ shape: LoadShape?) -> [SpikeRecovery] {
    guard case .spike(let spike) = shape, spike.recovery > .zero else { return [] }
    let fallen = Int((spike.rise + spike.hold + spike.fall).seconds.rounded(.up))
    return recorded.blocks.filter { $0.block.status == .finished }.map { SpikeRecovery($0, fallen: fallen) }
  }

  /// - Parameter fallen: the second in which only the base is left.
  private init(_ block: RecordedRun.RecordedBlock, fallen: Int) {
    let usual = block.slices.filter(\.isWarmUp).dropFirst()
    let measured = block.slices.filter { !$0.isWarmUp }
    let usualP95 = Summary.median(usual.compactMap(\.p95))
    let usualWaiting = max(usual.map(\.waiting.mean).max() ?? 0, 0.5)
    let disturbed = measured.last { slice in
      slice.waiting.mean > usualWaiting || slice.failures > 0
        || (usualP95.map { usual in slice.p95.map { $0 > usual * Self.tolerance } ?? (slice.due > 0) } ?? false)
    }
    let end = (measured.last?.second ?? -1) + 1
    let back = max(disturbed.map { $0.second + 1 } ?? 0, fallen)
    self.init(
      position: block.block.position, usualP95: usualP95, worstP95: measured.compactMap(\.p95).max(),
      mostWaiting: measured.map(\.waiting.max).max() ?? 0, seconds: back < end ? back - fallen : nil)
  }
}

extension Slice {
  fileprivate var p95: Double? {
    histograms[.latency].flatMap { Histogram(encoded: $0) }.flatMap { $0.quantile(0.95) }.map { $0 / 1e9 }
  }
}
