import Model

/// What an app told of its own pool in the measured part of a block.
///
/// These are point samples, one a second: each counts alike, and what happens between two of them is not seen. A mean over a
/// minute is sound all the same; the most in use is the most that was seen.
struct AppPoolFigures {
  private let readings: [ProbeSample]
  private let seconds: Int

  /// A counter must have been read so near to both ends of the measured part, seconds.
  static let slack = 2.5

  /// - Parameter samples: of the whole block, warm-up included, in order of time.
  init(_ samples: [ProbeSample], seconds: Int) {
    readings = samples.filter(\.tellsOfPool)
    self.seconds = seconds
  }

  subscript(metric: Metric) -> Double? {
    switch metric {
    case .poolUtilisation: utilisation
    case .connectionsUsed: mostInUse
    case .waiting: waiting
    case .acquireTimeouts: timeouts
    default: nil
    }
  }

  private var measured: [ProbeSample] { readings.filter { $0.second >= 0 && $0.second <= Double(seconds) + 0.5 } }

  /// Readings in the measured part.
  var count: Int { measured.count }

  var utilisation: Double? {
    mean { values in
      guard let inUse = values[.poolInUse], let most = values[.poolMax], most > 0 else { return nil }
      return inUse / most
    }
  }
  var inUse: Double? { mean { $0[.poolInUse] } }
  var waiting: Double? { mean { $0[.poolWaiting] } }
  var mostInUse: Double? { enough { $0[.poolInUse] }?.max() }
  /// As many connections as the app says that its pool may have.
  var maxSize: Double? { measured.compactMap { $0.values[.poolMax] }.max() }

  /// How many more were counted at the end than at the beginning; nil where that cannot be told.
  var timeouts: Double? {
    guard let start = start, let end = measured.last, end.second >= Double(seconds) - Self.slack,
      end.second > start.second, end.values[.poolTimeouts] != nil
    else { return nil }
    // A counter that comes up on the way had counted nothing before: OpenTelemetry's do.
    var counts = [start.values[.poolTimeouts] ?? 0]
    for reading in readings where reading.second > start.second && reading.second <= end.second {
      if let count = reading.values[.poolTimeouts] { counts.append(count) }
    }
    // One that fell was started anew with its app.
    guard zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }), let first = counts.first, let last = counts.last
    else { return nil }
    return last - first
  }

  /// The reading nearest to the beginning of the measured part.
  private var start: ProbeSample? {
    let near = readings.filter { abs($0.second) <= Self.slack }
    return near.last { $0.second <= 0 } ?? near.first
  }

  private func mean(_ value: ([ProbeGauge: Double]) -> Double?) -> Double? {
    enough(value).map { $0.reduce(0, +) / Double($0.count) }
  }

  /// The values, where they were read in at least half of the measured seconds: else they say little of the block.
  private func enough(_ value: ([ProbeGauge: Double]) -> Double?) -> [Double]? {
    let values = measured.compactMap { value($0.values) }
    return values.isEmpty || values.count * 2 < seconds ? nil : values
  }
}
