import Model

/// What a run says of the long term: for each unbroken stretch of load that is long enough, how its quantities moved, and
/// whether connections were replaced.
package struct Endurance: Hashable, Sendable {
  /// One block.
  package struct Stretch: Hashable, Sendable {
    /// Of the block.
    package var position: Int
    package var status: RecordStatus
    /// Measured.
    package var seconds: Int
    /// In the order of `Drift.Quantity`; empty where the stretch is too short to tell.
    package var drifts: [Drift]
    /// Nil where the load has no pool of its own.
    package var recycling: Recycling?
    package init(position: Int, status: RecordStatus, seconds: Int, drifts: [Drift], recycling: Recycling?) {
      self.position = position
      self.status = status
      self.seconds = seconds
      self.drifts = drifts
      self.recycling = recycling
    }

    package var isLongEnough: Bool { seconds >= DriftSeries.leastSeconds }
  }

  package var stretches: [Stretch]

  /// Shorter blocks are no soak, and nothing is said of them.
  private static let leastWorthSaying = 600

  package init(stretches: [Stretch]) { self.stretches = stretches }

  /// Also of a block that was cut off, which is told; nil for a run of short blocks.
  /// - Parameter hasPool: the connections are those of the pool whose settings were tried.
  package init?(_ recorded: RecordedRun, hasPool: Bool = true) {
    stretches = recorded.blocks.compactMap { block in
      let seconds = (block.slices.last?.second ?? -1) + 1
      guard seconds >= Self.leastWorthSaying, block.block.setAside == nil else { return nil }
      let pool = recorded.run.poolUnderLoad
      let series = DriftSeries(block, pool: pool)
      let settings = block.block.effective ?? recorded.run.wanted
      return Stretch(
        position: block.block.position, status: block.block.status, seconds: seconds,
        drifts: series.map { series in Drift.Quantity.allCases.compactMap(series.drift) } ?? [],
        recycling: hasPool && pool == .own ? Recycling(block, settings: settings) : nil)
    }
    if stretches.isEmpty { return nil }
  }
}
