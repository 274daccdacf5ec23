import Model
import Statistics

/// How one quantity moved over an unbroken stretch of load: its slope with an interval, and what that says.
package struct Drift: Hashable, Sendable {
  package enum Quantity: String, CaseIterable, Hashable, Sendable {
    /// p95 of latency: the median of its windows of 5 s or longer.
    case latency
    /// Mean private memory of a backend of the load.
    case backendMemory = "backend_memory"
    /// Connections that the pool has open.
    case connections
    /// Backends of the load on the server.
    case sessions
    /// Share of finished requests that failed.
    case errors
    /// Resident memory of poolops itself.
    case generatorMemory = "generator_memory"

    /// With whose unit its values are written.
    package var metric: Metric {
      switch self {
      case .latency: .latency(95)
      case .backendMemory, .generatorMemory: .backendMemory
      case .connections, .sessions: .connectionsUsed
      case .errors: .errorRate
      }
    }
  }

  /// The words are fixed: people and programs match them.
  package enum Verdict: String, CaseIterable, Hashable, Sendable {
    /// The whole interval of the change over the stretch lies within the margin.
    case steady
    case drifts
    /// Two levels, parted by one moment: a restart, a failover, a cache that was filled.
    case jumped
    /// It is not where it was, and whether gradually or at one moment is not told.
    case changed
    case cannotTell = "cannot tell"
  }

  package var quantity: Quantity
  package var verdict: Verdict
  /// In the first and in the last part of the stretch, in the quantity's unit.
  package var first: Double
  package var last: Double
  /// Change per hour: a share of the level, or where zero is common in the quantity's unit; nil where too little is known.
  package var perHour: Double?
  /// 95 %, whatever the neighbouring parts have in common; nil where it jumped, and where too little is known.
  package var interval: ClosedRange<Double>?
  package var isRelative: Bool
  package var jump: Jump?
  /// Equal parts of the stretch that each gave a value.
  package var parts: Int
  /// Why it cannot be told; empty otherwise.
  package var note: String

  package struct Jump: Hashable, Sendable {
    /// Seconds into the stretch, to the length of a part.
    package var second: Int
    /// A share of the level before, or in the quantity's unit.
    package var change: Double
    package init(second: Int, change: Double) {
      self.second = second
      self.change = change
    }
  }

  package init(
    _ quantity: Quantity, _ verdict: Verdict, first: Double, last: Double, perHour: Double? = nil,
    interval: ClosedRange<Double>? = nil, isRelative: Bool = true, jump: Jump? = nil, parts: Int, note: String = ""
  ) {
    self.quantity = quantity
    self.verdict = verdict
    self.first = first
    self.last = last
    self.perHour = perHour
    self.interval = interval
    self.isRelative = isRelative
    self.parts = parts
    self.note = note
    self.jump = jump
  }
}

extension Drift {
  /// From one value of each part; nil where no part has one.
  /// - Parameters:
  ///   - values: nil for a part in which nothing was measured.
  ///   - seconds: of the whole stretch.
  init?(_ quantity: Quantity, _ values: [Double?], seconds: Int, margin: Margin = .standard) {
    let known = values.compactMap { $0 }
    guard let first = known.first, let last = known.last else { return nil }
    let isRelative = quantity.isRelative && known.allSatisfy { $0 > 0 }
    self.init(quantity, .cannotTell, first: first, last: last, isRelative: isRelative, parts: known.count)
    guard known.count == values.count else {
      note = "no data in \(values.count - known.count) of \(values.count) parts"
      return
    }
    guard let trend = Trend(isRelative ? known.map(logarithm) : known) else {
      note = known.allSatisfy(\.isFinite) ? "too short" : "cut off by timeouts"
      return
    }
    judge(trend, known, seconds: seconds, limit: limit(margin, known))
  }

  /// What counts as no change over the whole stretch, on the scale of the trend.
  private func limit(_ margin: Margin, _ values: [Double]) -> Double {
    if isRelative { return logarithm(1 + margin.relative) }
    if quantity == .errors { return margin.failures }
    // Half a connection more or less is none.
    return max(margin.relative * (Summary.median(values) ?? 0).magnitude, 0.5)
  }

  private mutating func judge(_ trend: Trend, _ values: [Double], seconds: Int, limit: Double) {
    let count = Double(values.count)
    let partsPerHour = count * 3600 / Double(seconds)
    let whole = trend.interval.lowerBound * count...trend.interval.upperBound * count
    perHour = shown(trend.slope * partsPerHour)
    interval = shown(trend.interval.lowerBound * partsPerHour)...shown(trend.interval.upperBound * partsPerHour)
    if let jump = trend.jump, jump.size.magnitude > limit {
      self.jump = Jump(second: jump.index * seconds / values.count, change: shown(jump.size))
      verdict = .jumped
      (perHour, interval) = (nil, nil)
    } else if whole.lowerBound > -limit, whole.upperBound < limit {
      verdict = .steady
    } else if !whole.contains(0) {
      verdict = trend.isGradual ? .drifts : .changed
    } else {
      note = Self.outlook(trend.slope * count, whole, limit: limit, seconds: seconds)
    }
  }

  private func shown(_ change: Double) -> Double { isRelative ? exponential(change) - 1 : change }

  /// How long a stretch would probably tell: what is not known of the whole change shrinks with the root of the length.
  private static func outlook(
    _ change: Double, _ whole: ClosedRange<Double>, limit: Double, seconds: Int
  ) -> String {
    let half = (whole.upperBound - whole.lowerBound) / 2
    let target = max(change.magnitude, (limit - change.magnitude).magnitude)
    let hours = Double(seconds) / 3600 * (half / target) * (half / target)
    return hours <= 24 ? "about \(decimal(max(hours, 0.5), places: 1)) h would tell" : "more than a day would be needed"
  }
}

extension Drift.Quantity {
  fileprivate var isRelative: Bool {
    switch self {
    case .latency, .backendMemory, .generatorMemory: true
    case .connections, .sessions, .errors: false
    }
  }
}
