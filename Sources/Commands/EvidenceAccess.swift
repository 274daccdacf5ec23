import Evidence
import Model
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

  /// The names of each run, in order.
  func tagNames() throws(Failure) -> [RunID: [String]] {
    let tags = try ask { () throws(StoreError) in try self.tags() }
    return Dictionary(grouping: tags, by: \.run).mapValues { $0.map(\.name) }
  }

  /// The execution that a person named: `peak#3`, or `peak` for its newest.
  func execution(named text: String) throws(Failure) -> Execution {
    if let id = ExecutionID(text: text) {
      guard let found = try ask({ () throws(StoreError) in try execution(id) }) else {
        throw Failure(.usage, "there is no \(id) in \(path)", hint: "Type 'poolops run list' to see what there is.")
      }
      return found
    }
    guard let newest = try ask({ () throws(StoreError) in try executions(of: text) }).first else {
      throw Failure(
        .inconclusive, "'\(text)' was never carried out", hint: "Type 'poolops experiment run \(text)' to measure it.")
    }
    return newest
  }
}
