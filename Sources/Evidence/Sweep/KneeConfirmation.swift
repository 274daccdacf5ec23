import Model

/// What pairs of blocks under the present pool size and under a knee say of the knee.
package struct KneeConfirmation: Hashable, Sendable {
  package enum Answer: String, Hashable, Sendable {
    /// Something improved, and nothing regressed.
    case better
    /// Nothing differs beyond the margin.
    case equal
    case worse
    /// Not enough was measured to tell.
    case open
  }

  package var level: SweepLevel
  package var present: Int
  package var knee: Int
  /// nil as long as one side has no finished block.
  package var comparison: Comparison?

  /// nil of a sweep that confirms nothing.
  /// - Parameter experiment: as it was when the confirmation began.
  package init?(_ sweep: SweepRecord, experiment: Experiment?, runs: [RunID: MeasuredRun]) {
    guard sweep.spec.confirms != nil, let level = sweep.spec.levels.last, let experiment else { return nil }
    let present = experiment.settings(of: .baseline).maxSize
    guard let knee = sweep.spec.sizes.first(where: { $0 != present }) else { return nil }
    self.level = level
    self.present = present
    self.knee = knee
    func run(_ size: Int) -> MeasuredRun? {
      sweep.cells.first { $0.size == size && $0.cutOff.isEmpty }?.run.flatMap { runs[$0] }.flatMap {
        $0.hasFigures ? $0 : nil
      }
    }
    guard let before = run(present), let after = run(knee) else { return }
    comparison = Comparison.compare(
      group: [before], with: [after], plans: [PairsSpec(count: sweep.spec.repeats, stopping: .planned)],
      shape: sweep.spec.load(experiment.load, at: level).shape)
  }

  /// What a pool size is for: answers, soon, and without failures.
  package static let metrics: [Metric] = [.goodput, .latency(95), .errorRate]

  package var rows: [ComparisonRow] {
    Self.metrics.compactMap { metric in comparison?.judgedRows.first { $0.metric == metric } }
  }

  package var answer: Answer {
    guard let comparison, comparison.refusals.isEmpty, comparison.design != .beforeAfter else { return .open }
    let findings = rows.map(\.finding)
    if findings.contains(.regressed) { return .worse }
    if findings.contains(.improved) { return .better }
    return findings.isEmpty || findings.contains(.inconclusive) ? .open : .equal
  }

  /// Whether the knee is to take the place of the present size.
  package var isConfirmed: Bool { answer == .better || answer == .equal && knee < present }
}
