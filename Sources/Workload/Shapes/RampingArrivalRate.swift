package import Model
package import Statistics

/// The open loop whose rate goes along straight lines.
///
/// The area below the rate is the number of requests that should have come by then. An even schedule has a request
/// where the area is 0, 1, 2 ...; independent clients where it has grown by exponential amounts of mean 1. Each due time
/// is found from the area itself, not from the request before: no drift, however long or steep.
package struct RampingArrivals: RequestSource, ~Copyable {
  /// A straight line. Times in seconds, rates per second.
  struct Line: Hashable, Sendable {
    let begin: Double
    let length: Double
    let rate: Double
    let endRate: Double
    /// Requests before it.
    let before: Double

    var requests: Double { (rate + endRate) / 2 * length }

    /// Seconds after its beginning when `requests` more have come; 0 of a line without any.
    func time(after requests: Double) -> Double {
      guard requests > 0, length > 0 else { return 0 }
      let slope = (endRate - rate) / length
      // The root of the quadratic that does not cancel where the slope is small.
      let reached = max(rate * rate + 2 * slope * requests, 0).squareRoot()
      return min(2 * requests / (rate + reached), length)
    }
  }

  private let lines: [Line]
  private let isEven: Bool
  private let step: Double
  private let first: Double
  private let start: Int64
  private let end: Int64
  private var random: RandomSource
  private var line = 0
  private var given = 0
  /// Of the next request, on the scale of `Line.before`.
  private var area: Double
  private var next: Int64 = 0

  /// - Parameter start: the beginning of the warm-up; `end` the end of the schedule, exclusive.
  package init(_ shape: RampingRateShape, start: Int64, end: Int64, random: RandomSource) {
    lines = Self.lines(shape)
    isEven = shape.spacing == .even
    // Every count-th beat of the whole, or independent clients of which this share has its part.
    step = Double(shape.share.count)
    first = Double(shape.share.index)
    self.start = start
    self.end = end
    self.random = random
    area = isEven ? first : self.random.exponential(mean: step)
    next = due()
  }

  private static func lines(_ shape: RampingRateShape) -> [Line] {
    var lines = [
      Line(begin: 0, length: shape.warmUp.seconds, rate: shape.startRate, endRate: shape.startRate, before: 0)
    ]
    for stage in shape.stages {
      let last = lines[lines.count - 1]
      lines.append(
        Line(
          begin: last.begin + last.length, length: stage.duration.seconds, rate: last.endRate, endRate: stage.rate,
          before: last.before + last.requests))
    }
    return lines
  }

  package var nextDue: Int64 { next }

  package mutating func take(dueAt now: Int64) -> DueRequest? {
    guard next <= now, next != .max else { return nil }
    let request = DueRequest(due: next, user: 0)
    given += 1
    if isEven { area = first + Double(given) * step } else { area += random.exponential(mean: step) }
    next = due()
    return request
  }

  package mutating func finished(user: Int, succeeded: Bool, at now: Int64) {}

  /// When the area is reached; a request on the border of two lines belongs to the later one, after any pause.
  private mutating func due() -> Int64 {
    while line < lines.count, area >= lines[line].before + lines[line].requests { line += 1 }
    guard line < lines.count else { return .max }
    let seconds = lines[line].begin + lines[line].time(after: area - lines[line].before)
    let due = start + Int64((seconds * 1e9).rounded(.down))
    return due < end ? due : .max
  }
}
