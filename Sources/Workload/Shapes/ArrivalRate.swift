package import Model
package import Statistics

/// The open loop: requests fall due by a schedule that knows nothing of the answers.
///
/// However late the driver or the server is, each request keeps its scheduled time, and none is left out.
package struct ArrivalSchedule: RequestSource, ~Copyable {
  private let gap: Double
  private let spacing: ArrivalSpacing
  private let start: Int64
  private let end: Int64
  private var random: RandomSource
  /// Requests given so far.
  private var given = 0
  /// Nanoseconds from `start` to the next request.
  private var offset: Double

  /// - Parameter rate: requests per second, above 0.
  package init(rate: Double, spacing: ArrivalSpacing, start: Int64, end: Int64, random: RandomSource) {
    precondition(rate > 0, "a rate is above 0")
    gap = 1e9 / rate
    self.spacing = spacing
    self.start = start
    self.end = end
    self.random = random
    offset = spacing == .even ? 0 : self.random.exponential(mean: gap)
  }

  package var nextDue: Int64 {
    let due = start + Int64(offset)
    return due < end ? due : .max
  }

  package mutating func take(dueAt now: Int64) -> DueRequest? {
    let due = start + Int64(offset)
    guard due <= now, due < end else { return nil }
    given += 1
    switch spacing {
    // From the count, not by adding up: no drift in long runs.
    case .even: offset = Double(given) * gap
    case .poisson: offset += random.exponential(mean: gap)
    }
    return DueRequest(due: due, user: 0)
  }

  package mutating func finished(user: Int, succeeded: Bool, at now: Int64) {}
}
