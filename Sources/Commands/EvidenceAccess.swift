import Evidence
import Model
import Monitor
import Store

extension ResultsStore {
  /// The comparison of an execution's two runs; nil where one has no finished block.
  func comparison(of execution: Execution, _ experiment: Experiment?) throws(Failure) -> Comparison? {
    let arms = try arms(of: execution)
    guard let baseline = arms[.baseline], let retest = arms[.retest] else { return nil }
    return Comparison.compare(
      group: [baseline], with: [retest], plans: [experiment?.pairs].compactMap { $0 }, shape: experiment?.load.shape)
  }

  /// The runs of an execution that have a finished block.
  func arms(of execution: Execution) throws(Failure) -> [Arm: MeasuredRun] {
    var arms: [Arm: MeasuredRun] = [:]
    for id in execution.runs {
      let run = try measured(id)
      if run.hasFigures { arms[run.run.arm] = run }
    }
    return arms
  }

  /// What a ramp into exhaustion showed; nil of other executions, and where it did not come to its end.
  func lead(of execution: Execution) throws(Failure) -> LeadTimes? {
    guard execution.kind == .exhaustion, let run = execution.runs.first else { return nil }
    return try ask { () throws(StoreError) in try leadTimes(of: run) }
  }

  /// The names of each run, in order.
  func tagNames() throws(Failure) -> [RunID: [String]] {
    let tags = try ask { () throws(StoreError) in try self.tags() }
    return Dictionary(grouping: tags, by: \.run).mapValues { $0.map(\.name) }
  }

  /// The newest calibration under the load that the experiment has now; nil where there is none, or no results that can
  /// be read: a plan can do without.
  static func calibration(for experiment: Experiment, in project: Project) -> Calibration? {
    guard let store = try? reading(project) else { return nil }
    let found = try? store.calibrations(of: experiment.name)
    return found?.first { $0.load == experiment.load.summary }
  }
}
