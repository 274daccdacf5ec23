import Model
import Statistics

/// How long the requests of a run took, over all of them: as they were felt and as a generator that forgets its own lateness
/// sees them, side by side, and the parts that a request's time is made of. Finished blocks, without warm-up.
package struct RequestTimes: Hashable, Sendable {
  /// One kind of time.
  package struct Row: Hashable, Sendable {
    package var kind: HistogramKind
    package var count: Int
    /// In seconds, in the order of `percentiles`, and the largest.
    package var values: [Double]
    package var largest: Double
    /// As many of the percentiles, from the highest, lie at or beyond a timeout: the true value is larger, and unknown.
    package var censored: Int
    package init(kind: HistogramKind, count: Int, values: [Double], largest: Double, censored: Int = 0) {
      self.kind = kind
      self.count = count
      self.values = values
      self.largest = largest
      self.censored = censored
    }
  }

  package static let percentiles = [50.0, 90, 95, 99, 99.9]
  /// A request is late when poolops acts on it later than this, seconds.
  package static let late = 0.001

  /// Only what was measured.
  package var rows: [Row]
  /// Seconds and requests of warm-up that are in no figure.
  package var warmUpSeconds: Int
  package var warmUpRequests: Int
  /// Share of requests that poolops acted on later than a millisecond after they were due; nil where that was not recorded.
  package var lateShare: Double?
  /// Share of one core that the generator used.
  package var generatorCPU: Double?

  package init(
    rows: [Row], warmUpSeconds: Int, warmUpRequests: Int, lateShare: Double?, generatorCPU: Double?
  ) {
    self.rows = rows
    self.warmUpSeconds = warmUpSeconds
    self.warmUpRequests = warmUpRequests
    self.lateShare = lateShare
    self.generatorCPU = generatorCPU
  }

  /// By the limits of the objections, of which this is one: then no verdict rests on the run.
  package var generatorFellBehind: Bool {
    let slip = self[.slip].flatMap { row in Self.percentiles.firstIndex(of: 99).map { row.values[$0] } }
    return slip ?? 0 > Objections.slipP99 / 1e9 || generatorCPU ?? 0 > Objections.generatorCPU
  }

  package subscript(kind: HistogramKind) -> Row? { rows.first { $0.kind == kind } }

  package init(_ recorded: RecordedRun) {
    let slices = recorded.blocks.filter { $0.block.status == .finished }.flatMap(\.slices)
    let measured = slices.filter { !$0.isWarmUp }
    let warmUp = slices.filter(\.isWarmUp)
    var whole: [HistogramKind: Histogram] = [:]
    for slice in measured {
      // Damaged ones are an objection of the run.
      for (kind, bytes) in slice.histograms { _ = whole[kind, default: Histogram()].merge(encoded: bytes) }
    }
    let failed = measured.reduce(into: [:]) { $0.merge($1.failed, uniquingKeysWith: +) }
    let seconds = Double(measured.count)
    self.init(
      rows: HistogramKind.allCases.compactMap { kind in whole[kind].flatMap { Row(kind, $0, failed) } },
      warmUpSeconds: warmUp.count, warmUpRequests: warmUp.reduce(0) { $0 + $1.completed + $1.failures },
      lateShare: whole[.slip]?.share(above: Int64(Self.late * 1e9)),
      generatorCPU: seconds > 0 ? measured.reduce(0) { $0 + $1.generatorCPU } / seconds : nil)
  }
}

extension RequestTimes.Row {
  /// Nil without values.
  fileprivate init?(_ kind: HistogramKind, _ times: Histogram, _ failed: [ErrorClass: Int]) {
    guard let range = times.range else { return nil }
    let percentiles = RequestTimes.percentiles
    let values = percentiles.compactMap { times.quantile($0 / 100).map { $0 / 1e9 } }
    let cut = failed.reduce(0) { $0 + (kind.isCut(by: $1.key) ? $1.value : 0) }
    // Who waited for a connection in vain is among the waits already.
    let asked = Double(times.count + (kind == .wait ? 0 : cut))
    let censored = percentiles.count { Double(cut) / asked > 1 - $0 / 100 }
    self.init(
      kind: kind, count: times.count, values: values, largest: Double(range.upperBound) / 1e9, censored: censored)
  }
}

extension HistogramKind {
  /// Whether a failure of this class hides how long it would have taken.
  fileprivate func isCut(by error: ErrorClass) -> Bool {
    switch self {
    case .latency, .service: error.isTimeout
    case .wait: error == .acquireTimeout
    case .flow: false
    case .query: error == .statementTimeout || error == .requestTimeout || error == .firstByteTimeout
    case .connect: error == .connectTimeout
    case .slip: false
    }
  }
}
