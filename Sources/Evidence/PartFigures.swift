import Model
import Statistics

/// One transaction of a mixed load, or one step of a flow, over the measured parts of finished blocks.
package struct PartFigures: Hashable, Sendable {
  package var name: String
  package var completed: Int
  package var failed: Int
  /// From when each was due, of those that succeeded, seconds; nil where none did. Of all of them together, not the median over
  /// windows that the run's own figures are.
  package var p50: Double?
  package var p95: Double?

  package init(name: String, completed: Int, failed: Int, p50: Double?, p95: Double?) {
    self.name = name
    self.completed = completed
    self.failed = failed
    self.p50 = p50
    self.p95 = p95
  }

  init(_ part: PartTotals) {
    let quantile = { (q: Double) in part.latency.quantile(q).map { $0 / 1e9 } }
    self.init(
      name: part.name, completed: part.completed, failed: part.failed, p50: quantile(0.5), p95: quantile(0.95))
  }

  package var finished: Int { completed + failed }
  package var failureShare: Double? { finished > 0 ? Double(failed) / Double(finished) : nil }
}

/// A transaction over any number of seconds.
struct PartTotals: Hashable, Sendable {
  var name: String
  var completed: Int
  var failed: Int
  /// Nanoseconds.
  var latency: Histogram

  static func all(_ slices: [Slice]) -> [PartTotals] {
    merged(
      slices.map { slice in
        slice.parts.map { part in
          PartTotals(
            name: part.name, completed: part.completed, failed: part.failed,
            latency: part.latency.flatMap { Histogram(encoded: $0) } ?? Histogram())
        }
      })
  }

  /// The same names together, in the order in which they first come.
  static func merged(_ lists: [[PartTotals]]) -> [PartTotals] {
    var order: [String] = []
    var found: [String: [PartTotals]] = [:]
    for part in lists.joined() {
      if found[part.name] == nil { order.append(part.name) }
      found[part.name, default: []].append(part)
    }
    return order.map { name in
      let parts = found[name] ?? []
      return PartTotals(
        name: name, completed: parts.reduce(0) { $0 + $1.completed }, failed: parts.reduce(0) { $0 + $1.failed },
        latency: Histogram.merged(parts.map(\.latency)))
    }
  }
}

/// The visits of a flow over the measured parts of finished blocks: started + underWayAtStart = completed + failed + underWay.
package struct FlowFigures: Hashable, Sendable {
  package var counts: FlowCounts
  package var underWayAtStart: Int

  package init(counts: FlowCounts, underWayAtStart: Int) {
    self.counts = counts
    self.underWayAtStart = underWayAtStart
  }

  /// Not ended when the measured parts were over.
  package var underWay: Int { underWayAtStart + counts.started - counts.ended }

  /// nil where the load is no flow.
  init?(_ blocks: [BlockFigures]) {
    let counts = blocks.compactMap(\.flows)
    guard !counts.isEmpty else { return nil }
    self.init(
      counts: counts.reduce(FlowCounts(), +), underWayAtStart: blocks.reduce(0) { $0 + $1.flowsUnderWayAtStart })
  }
}
