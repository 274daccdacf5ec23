internal import Model

/// The moments of a load, on the monotonic clock.
struct Schedule: Sendable {
  /// The warm-up begins.
  let start: Int64
  /// The measured part begins.
  let measured: Int64
  /// Everything ends; no request falls due from here on.
  let end: Int64

  init(start: Int64, shape: LoadShape) {
    self.start = start
    measured = start + shape.warmUp.nanoseconds
    end = measured + shape.duration.nanoseconds
  }

  /// The second that `time` falls into, counted from the measured part.
  func second(of time: Int64) -> Int {
    let offset = time - measured
    let second = offset / 1_000_000_000
    return Int(offset % 1_000_000_000 < 0 ? second - 1 : second)
  }

  /// Seconds from the beginning of the measured part to `time`.
  func offset(of time: Int64) -> Double { Double(time - measured) / 1e9 }

  /// When the second that `time` falls into is over.
  func secondEnd(after time: Int64) -> Int64 { min(measured + Int64(second(of: time) + 1) * 1_000_000_000, end) }
}
