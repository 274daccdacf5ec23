import Arguments
import Evidence
import ExperimentFile
import Model
import Report
import Store

struct Diff: PoolopsCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two runs, or the two runs of an execution.",
    discussion: """
        poolops diff run-12 run-13
        poolops diff peak#3
        poolops diff peak            (its newest execution)

      Exits with 2 on a regression, and with 3 where the evidence is not enough to say.
      """)
  @Argument(help: ArgumentHelp("Two runs, or one execution.", valueName: "run")) var names: [String]
  @Flag(help: "Print a Markdown table, for a pull request.") var markdown = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if names.count > 2 { throw ValidationError("Unexpected argument '\(names[2])': two runs are compared, not more.") }
    if markdown, options.json { throw ValidationError("Give '--json' or '--markdown', not both.") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let store = try ResultsStore.reading(try Project(world, options))
    let comparison = try compare(store)
    let report = DiffReport(comparison)
    if options.json {
      world.output(report.json.text)
    } else {
      world.output(markdown ? report.markdown() : report.text(world.style))
    }
    return status(comparison)
  }

  private func compare(_ store: ResultsStore) throws(Failure) -> Comparison {
    if names.count == 1, RunID(text: names[0]) == nil { return try compareExecution(names[0], store) }
    guard names.count == 2 else {
      throw Failure(.usage, "\(names[0]) is one run; name the run to compare it with, or an execution such as peak#1")
    }
    let ids = (try runID(names[0]), try runID(names[1]))
    guard ids.0 != ids.1 else { throw Failure(.usage, "\(ids.0) would be compared with itself; name two runs") }
    let before = try store.recorded(ids.0)
    let after = try store.recorded(ids.1)
    let experiment = try store.experiment(of: after.run)
    return Comparison.compare(before, after, plan: experiment?.pairs, shape: experiment?.load.shape)
  }

  private func compareExecution(_ name: String, _ store: ResultsStore) throws(Failure) -> Comparison {
    let execution = try store.execution(named: name)
    guard let comparison = try store.comparison(of: execution, execution.experiment) else {
      throw Failure(.inconclusive, "\(execution.id) lacks a finished block in one of its runs: nothing can be compared")
    }
    return comparison
  }

  private func runID(_ text: String) throws(Failure) -> RunID {
    guard let id = RunID(text: text) else { throw Failure(.usage, "'\(text)' is no run; write one such as run-12") }
    return id
  }

  private func status(_ comparison: Comparison) -> ExitStatus {
    if comparison.hasRegression { return .noGo }
    let judged = comparison.rows.filter { $0.finding != .notJudged }
    return judged.allSatisfy { $0.finding == .notEnoughEvidence } ? .inconclusive : .go
  }
}

extension Execution {
  /// The experiment as it was when it was measured; nil where this poolops cannot read it any more.
  var experiment: Experiment? {
    try? ExperimentFile.parse(text: experimentText, path: id.experiment + ".yaml").get()
  }
}

extension ResultsStore {
  fileprivate func experiment(of run: Run) throws(Failure) -> Experiment? {
    try ask { () throws(StoreError) in try execution(run.execution) }?.experiment
  }
}
