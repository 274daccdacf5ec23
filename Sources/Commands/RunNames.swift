import Evidence
import Model
import Store

/// What people call runs: `run-12`, a tag, several between commas, or an execution, of which it takes the arms.
struct RunNames {
  private let store: ResultsStore

  init(_ store: ResultsStore) { self.store = store }

  var path: String { store.path }

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
    if let id = RunID(text: name) { return id }
    if let tagged = try store.ask({ () throws(StoreError) in try store.run(tagged: name) }) { return tagged }
    if let execution = try execution(name) {
      let runs = execution.runs.map(\.description).joined(separator: " and ")
      throw Failure(
        .usage, "\(execution.id) is an execution, not a run",
        hint: "Name one of its runs (\(runs)), or compare them with 'poolops diff \(name)'.")
    }
    throw unknown(name, "run or tag", among: try tagNames)
  }

  /// Only runs that came to their end can be compared.
  func measured(_ ids: [RunID]) throws(Failure) -> [MeasuredRun] {
    var runs: [MeasuredRun] = []
    for id in ids {
      let run = try store.measured(id)
      guard run.run.status == .finished else { throw try unfinished(run.run) }
      runs.append(run)
    }
    return runs
  }

  /// The same, with all that was recorded of them.
  func recorded(_ ids: [RunID]) throws(Failure) -> [RecordedRun] {
    var runs: [RecordedRun] = []
    for id in ids {
      let run = try store.recorded(id)
      guard run.run.status == .finished else { throw try unfinished(run.run) }
      runs.append(run)
    }
    return runs
  }

  private func unfinished(_ run: Run) throws(Failure) -> Failure {
    let what = run.status == .aborted ? "was aborted" : "has not ended"
    let others = try store.ask { () throws(StoreError) in try store.runs() }.filter {
      $0.execution.experiment == run.execution.experiment && $0.arm == run.arm && $0.kind == run.kind
        && $0.status == .finished
    }
    let hint = others.first.map {
      "The newest finished \(run.arm.rawValue) of \(run.execution.experiment) is \($0.id)."
    }
    return Failure(
      .inconclusive, "\(run.id) \(what): nothing can be concluded from it",
      hint: hint ?? "Type 'poolops experiment run \(run.execution.experiment)' to measure it to the end.")
  }

  /// Baselines and retests of the executions named: `peak#3`, `peak` for its newest, `peak#3,peak#4` for both together.
  func arms(of text: String) throws(Failure) -> ([MeasuredRun], [MeasuredRun]) {
    var arms: [Arm: [MeasuredRun]] = [:]
    var seen: [ExecutionID] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      let execution = try namedExecution(name, whole: text)
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

  private func namedExecution(_ name: String, whole: String) throws(Failure) -> Execution {
    if let found = try execution(name) { return found }
    let tagged = try store.ask { () throws(StoreError) in try store.run(tagged: name) }
    if let id = RunID(text: name) ?? tagged { throw try alone(id, name) }
    throw unknown(name, "execution", among: try experimentNames)
  }

  private func alone(_ id: RunID, _ name: String) throws(Failure) -> Failure {
    guard let run = try store.ask({ () throws(StoreError) in try store.run(id) }) else {
      return try store.missing(id)
    }
    return Failure(
      .usage, "\(name) is one run; name the run to compare it with, or an execution",
      hint: "'poolops diff \(run.execution)' compares the two of its execution.")
  }

  /// nil where there is none of this name.
  private func execution(_ name: String) throws(Failure) -> Execution? {
    guard let id = ExecutionID(text: name) else {
      return try store.ask { () throws(StoreError) in try store.newestExecution(of: name) }
    }
    let found = try store.ask { () throws(StoreError) in try store.execution(id) }
    try found?.refuseOtherKinds()
    return found
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

  private var tagNames: [String] {
    get throws(Failure) { try store.ask { () throws(StoreError) in try store.tags() }.map(\.name) }
  }

  private var experimentNames: [String] {
    get throws(Failure) { try store.ask { () throws(StoreError) in try store.experimentNames() } }
  }

  private func unknown(_ name: String, _ kind: String, among known: [String]) -> Failure {
    guard !known.contains(name) else {
      return Failure(
        .usage, "'\(name)' has no execution of two runs that could be compared",
        hint: "Type 'poolops run list' to see what there is.")
    }
    let near = nearest(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
    return Failure(
      .usage, "there is no \(kind) '\(name)' in \(store.path)\(near)",
      hint: "Type 'poolops run list' to see what there is.")
  }
}
