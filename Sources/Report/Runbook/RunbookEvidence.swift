import Advice
import Evidence
import Model

/// All that the regions of a runbook are written from. It holds no current time: the same evidence gives the same text.
package struct RunbookEvidence: Sendable {
  /// An execution as the history of decisions tells it.
  package struct Trial: Sendable {
    package var execution: Execution
    package var title: String
    package var changes: [SettingChange]
    /// nil where an arm has no finished block.
    package var comparison: Comparison?
    /// The verdict that its hypothesis predicts.
    package var expects: Decision
    /// Older executions of the same experiment file with the same verdict, not told of one by one.
    package var earlier: Int
    package init(
      execution: Execution, title: String, changes: [SettingChange], comparison: Comparison?, expects: Decision = .go,
      earlier: Int = 0
    ) {
      self.execution = execution
      self.title = title
      self.changes = changes
      self.comparison = comparison
      self.expects = expects
      self.earlier = earlier
    }
  }

  package var experiment: Experiment
  /// The execution that the page rests on; judged.
  package var execution: Execution
  package var comparison: Comparison
  /// nil where the service time was not measured.
  package var sizing: Sizing?
  /// What to tell of, the page's own execution included, oldest first.
  package var trials: [Trial]
  package var names: EnvironmentNames
  /// The verdict that the production judgement gives today on what was measured; nil where it gives none.
  package var judgedAgain: Verdict?
  /// The newest execution that put this very change back and confirmed it.
  package var rehearsal: Execution?
  /// Decisions too old to be in `trials`.
  package var omittedTrials: Int
  /// Of the runs of `execution`, baseline first; for charts.
  package var series: [RunSeries]
  /// Of those of them that have a long block.
  package var endurance: [RunID: Endurance]
  /// The newest sweep of the experiment that lacks nothing.
  package var sweep: SweepReport?
  /// The newest one that confirmed a knee of it in pairs.
  package var confirmation: SweepReport?

  package init(
    experiment: Experiment, execution: Execution, comparison: Comparison, sizing: Sizing?, trials: [Trial],
    names: EnvironmentNames, judgedAgain: Verdict? = nil, rehearsal: Execution? = nil, omittedTrials: Int = 0,
    series: [RunSeries] = [], endurance: [RunID: Endurance] = [:], sweep: SweepReport? = nil,
    confirmation: SweepReport? = nil
  ) {
    self.sweep = sweep
    self.confirmation = confirmation
    self.endurance = endurance
    self.experiment = experiment
    self.execution = execution
    self.comparison = comparison
    self.sizing = sizing
    self.trials = trials
    self.names = names
    self.judgedAgain = judgedAgain
    self.rehearsal = rehearsal
    self.omittedTrials = omittedTrials
    self.series = series
  }

  var before: RunFigures { comparison.before }
  var after: RunFigures { comparison.after }
  var changes: [SettingChange] { SettingChange.all(of: experiment) }

  /// `485 ms (480 to 491 ms) (run-12)`; nil where the run has no such figure.
  func cited(_ metric: Metric, _ run: RunFigures, interval: Bool = true) -> String? {
    guard let figure = run[metric], figure.value.isFinite else { return nil }
    let range = interval && figure.interval != nil ? " (\(Phrases.interval(metric, figure.interval)))" : ""
    return "\(Phrases.figure(metric, figure))\(range) (\(run.run.id))"
  }

  /// Who asks, as the experiment says: `500 users, each thinking 850 ms on average between requests`.
  var load: String { ShapeText(experiment.load).sentence }

  var users: String {
    experiment.load.shape.isSteady ? experiment.load.shape.users.map { "\($0) users" } ?? load : load
  }
}
