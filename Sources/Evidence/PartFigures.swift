import Model
import Statistics

/// One transaction of a mixed load, or one step of a flow, over the measured parts of finished blocks.
package struct PartFigures: Hashable, Sendable {
  package var name: String
  package var completed: Int
  package var failed: Int
  /// From when each was due, of those that succeeded; nanoseconds.
  package var latency: Histogram

  package init(name: String, completed: Int, failed: Int, latency: Histogram) {
    self.name = name
    self.completed = completed
    self.failed = failed
    self.latency = latency
  }

  package var finished: Int { completed + failed }
  package var failureShare: Double? { finished > 0 ? Double(failed) / Double(finished) : nil }

  /// Seconds; nil where none succeeded. Of all of them together, not the median over windows that the run's own figures are.
  package func latency(_ percentile: Double) -> Double? { latency.quantile(percentile / 100).map { $0 / 1e9 } }

  static func all(_ slices: [Slice]) -> [PartFigures] { merged(slices.map { $0.parts.map(PartFigures.init) }) }

  /// The same names together, in the order in which they first come.
  static func merged(_ lists: [[PartFigures]]) -> [PartFigures] {
    var order: [String] = []
    var found: [String: (completed: Int, failed: Int, latencies: [Histogram])] = [:]
    for part in lists.joined() {
      if found[part.name] == nil { order.append(part.name) }
      found[part.name, default: (0, 0, [])].completed += part.completed
      found[part.name, default: (0, 0, [])].failed += part.failed
      found[part.name, default: (0, 0, [])].latencies.append(part.latency)
    }
    return order.compactMap { name in
      found[name].map {
        PartFigures(
          name: name, completed: $0.completed, failed: $0.failed, latency: Histogram.merged($0.latencies))
      }
    }
  }

  private init(_ part: TransactionPart) {
    self.init(
      name: part.name, completed: part.completed, failed: part.failed,
      latency: part.latency.flatMap { Histogram(encoded: $0) } ?? Histogram())
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
