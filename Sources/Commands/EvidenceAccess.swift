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
    guard Files.exists(project.database), let store = try? reading(project) else { return nil }
    let found = try? store.calibrations(of: experiment.name)
    return found?.first { $0.load == experiment.load.summary }
  }

  /// The execution that a person named: `peak#3`, or `peak` for its newest.
  func execution(named text: String) throws(Failure) -> Execution {
    if let id = ExecutionID(text: text) {
      guard let found = try ask({ () throws(StoreError) in try execution(id) }) else {
        throw Failure(.usage, "there is no \(id) in \(path)", hint: "Type 'poolops run list' to see what there is.")
      }
      try found.refuseOtherKinds()
      return found
    }
    guard let newest = try ask({ () throws(StoreError) in try executions(of: text) }).first else {
      throw Failure(
        .inconclusive, "'\(text)' was never carried out", hint: "Type 'poolops experiment run \(text)' to measure it.")
    }
    return newest
  }
}

extension Execution {
  /// A calibration or a sweep is evidence for nothing.
  func refuseOtherKinds() throws(Failure) {
    switch kind {
    case .experiment: return
    case .calibration:
      throw Failure(
        .usage, "\(id) is a calibration, A against A, and no execution of the experiment",
        hint: "Type 'poolops experiment calibrate \(id.experiment) --show' to see its noise.")
    case .exhaustion:
      throw Failure(
        .usage, "\(id) is a ramp into exhaustion: it has one run, and nothing to compare it with",
        hint: runs.first.map { "Type 'poolops run show \($0)' to see what its alert did." })
    case .sweep:
      throw Failure(
        .usage, "\(id) is a sweep, and no execution of the experiment",
        hint: "Type 'poolops sweep show \(id)' to see it, and name two of its runs to compare them.")
    }
  }
}
