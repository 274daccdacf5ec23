import Evidence
import Model
import Store

/// What people call runs: `run-12`, a tag, several between commas, or an execution, of which it takes the arms.
struct RunNames {
  private let store: ResultsStore

  init(_ store: ResultsStore) { self.store = store }

  /// A single run.
  func run(_ name: String) throws(Failure) -> RunID {
    if let id = RunID(text: name) { return id }
    if let tagged = try store.ask({ () throws(StoreError) in try store.run(tagged: name) }) { return tagged }
    if let execution = try execution(name) { throw execution.isNoRun }
    throw try unknown(name)
  }

  /// The runs of one side, in the order named.
  func group(_ text: String) throws(Failure) -> [RunID] {
    var runs: [RunID] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      let run = try self.run(String(name), whole: text)
      guard !runs.contains(run) else { throw Failure(.usage, "\(run) is named twice in '\(text)'") }
      runs.append(run)
    }
    return runs
  }

  private func run(_ name: String, whole: String) throws(Failure) -> RunID {
    guard !name.isEmpty else {
      throw Failure(.usage, "a run is missing in '\(whole)'", hint: "Write such as run-12,run-14, without blanks.")
    }
    return try run(name)
  }

  private func execution(_ name: String) throws(Failure) -> Execution? {
    try store.ask { () throws(StoreError) in
      if let id = ExecutionID(text: name) { return try store.execution(id) }
      return try store.newestExecution(of: name, kinds: ExecutionKind.allCases)
    }
  }

  private func unknown(_ name: String) throws(Failure) -> Failure {
    let tags = try store.ask { () throws(StoreError) in try store.tags() }.map(\.name)
    let near = nearest(to: name, in: tags).map { "; did you mean '\($0)'?" } ?? ""
    return Failure(
      .usage, "there is no run or tag '\(name)' in \(store.path)\(near)",
      hint: "Type 'poolops run list' to see what there is.")
  }

  /// Baselines and retests of the executions named: `peak#3`, `peak` for its newest, `peak#3,peak#4` for both together.
  func arms(of text: String, _ executions: ExecutionNames) throws(Failure) -> ([MeasuredRun], [MeasuredRun]) {
    var arms: [Arm: [MeasuredRun]] = [:]
    var seen: [ExecutionID] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      let execution = try executions.execution(name)
      guard !seen.contains(execution.id) else { throw Failure(.usage, "\(execution.id) is named twice in '\(text)'") }
      seen.append(execution.id)
      for (arm, run) in try store.arms(of: execution) { arms[arm, default: []].append(run) }
      guard Arm.allCases.allSatisfy({ arms[$0]?.count == seen.count }) else {
        throw Failure(
          .inconclusive, "\(execution.id) lacks a finished block in one of its runs: nothing can be compared")
      }
    }
    return (arms[.baseline] ?? [], arms[.retest] ?? [])
  }

  /// The experiment that the run was made by, as it was then; of a sweep that of its cell, whose rounds are looked at once.
  func experiment(of run: Run) throws(Failure) -> Experiment? {
    let found = try store.ask { () throws(StoreError) in
      (try store.execution(run.execution), try store.sweep(run.execution))
    }
    guard let experiment = found.0?.experiment, let sweep = found.1 else { return found.0?.experiment }
    guard let cell = sweep.cells.first(where: { $0.run == run.id }) else { return nil }
    var own = experiment.cell(size: cell.size, level: cell.level, of: sweep.spec)
    own.pairs = PairsSpec(count: sweep.spec.repeats, stopping: .planned)
    return own
  }
}
