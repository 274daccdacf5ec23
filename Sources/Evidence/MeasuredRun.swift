import Model

/// A run for a comparison, reduced block by block: the recordings of an hour need not be in memory together.
package struct MeasuredRun: Sendable {
  var measurement: Measurement
  package var run: Run { measurement.run }

  /// - Parameter metrics: that the comparison will ask for, beyond those of `RunFigures.tableMetrics`.
  package init(_ run: Run, metrics: [Metric] = []) {
    measurement = Measurement(run, metrics: RunFigures.tableMetrics + metrics)
  }

  /// The next block of the run.
  package mutating func take(_ block: RecordedRun.RecordedBlock) { measurement.take(block) }

  /// Whether any block finished.
  package var hasFigures: Bool { !measurement.blocks.isEmpty }
}
