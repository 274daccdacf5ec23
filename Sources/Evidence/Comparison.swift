import Model

/// How two runs were laid out against each other, which decides what may be concluded.
package enum Design: Hashable, Sendable {
  /// Blocks of one execution alternated in random order; exact by randomisation.
  case pairedBlocks(pairs: Int)
  /// One after the other, or from different executions: drift of the machine is not separated from the change.
  case beforeAfter
}

/// Up to which size a difference counts as none.
package struct Margin: Hashable, Sendable {
  /// As a share of the value before.
  package var relative: Double
  /// Of failures, as a difference of rates: 0.002 is 0.2 percentage points.
  package var failures: Double
  package init(relative: Double = 0.05, failures: Double = 0.002) {
    self.relative = relative
    self.failures = failures
  }

  /// 5 %, and 0.2 percentage points of failures.
  package static let standard = Margin()
}

/// The word for one metric's difference. The words are fixed: people and programs match them.
package enum Finding: String, CaseIterable, Hashable, Sendable {
  case improved
  case regressed
  case noDifference = "no difference beyond the margin"
  /// The note says why, and how much longer to measure.
  case inconclusive
  /// The metric has no good direction, or is compared by eye only.
  case notJudged = "-"
}

package struct ComparisonRow: Hashable, Sendable {
  package var metric: Metric
  package var before: Figure?
  package var after: Figure?
  /// after - before, in the metric's base unit.
  package var change: Double?
  /// Change as a share of before: -0.70 is 70 % less. From the paired estimate where there is one.
  package var relative: Double?
  /// 95 % interval of `relative` (of `change` for shares and counts that can be zero: see `intervalIsAbsolute`).
  package var interval: ClosedRange<Double>?
  package var intervalIsAbsolute: Bool
  package var finding: Finding
  /// What the finding lacks, or rests on: "needs 6 pairs, has 2".
  package var note: String
  package init(
    metric: Metric, before: Figure?, after: Figure?, change: Double?, relative: Double?,
    interval: ClosedRange<Double>?, intervalIsAbsolute: Bool = false, finding: Finding, note: String = ""
  ) {
    self.metric = metric
    self.before = before
    self.after = after
    self.change = change
    self.relative = relative
    self.interval = interval
    self.intervalIsAbsolute = intervalIsAbsolute
    self.finding = finding
    self.note = note
  }
}

package struct Difference: Hashable, Sendable {
  package var name: String
  package var before: String
  package var after: String
  package init(name: String, before: String, after: String) {
    self.name = name
    self.before = before
    self.after = after
  }
}

package struct Comparison: Hashable, Sendable {
  package var before: RunFigures
  package var after: RunFigures
  package var design: Design
  /// Settings that differ (effective where known), in order of `SettingKey`.
  package var settings: [Difference]
  /// What else differs besides the settings: versions, machine, dataset, load, duration. Not empty: not comparable.
  package var otherDifferences: [Difference]
  package var rows: [ComparisonRow]
  /// Why nothing may be concluded, as sentences; then every judged row is inconclusive.
  package var refusals: [String]
  package var margin: Margin
  package init(
    before: RunFigures, after: RunFigures, design: Design, settings: [Difference], otherDifferences: [Difference],
    rows: [ComparisonRow], refusals: [String] = [], margin: Margin = .standard
  ) {
    self.refusals = refusals
    self.margin = margin
    self.before = before
    self.after = after
    self.design = design
    self.settings = settings
    self.otherDifferences = otherDifferences
    self.rows = rows
  }

  /// Whether any judged metric regressed.
  package var hasRegression: Bool { rows.contains { $0.finding == .regressed } }

  /// The rows that are about good and bad; what neither side measured is no question.
  package var judgedRows: [ComparisonRow] {
    rows.filter { $0.finding != .notJudged && ($0.before != nil || $0.after != nil) }
  }

  /// Whether any metric that should have been judged could not be.
  package var hasOpenQuestion: Bool { judgedRows.contains { $0.finding == .inconclusive } }

  /// Whether no metric could be judged.
  package var isUndecided: Bool { judgedRows.allSatisfy { $0.finding == .inconclusive } }

  /// The executions that the runs are of: more than one for groups.
  package var executions: [ExecutionID] {
    (before.runs + after.runs).reduce(into: []) { found, run in
      if !found.contains(run.execution) { found.append(run.execution) }
    }
  }
}
