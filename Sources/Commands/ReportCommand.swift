import Arguments
import Evidence
import Model
import Report
import Store

struct ReportCommand: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write an execution as one HTML page: verdict, figures, charts, record.",
    discussion: """
        poolops report                           (the newest execution of all)
        poolops report peak#3
        poolops report peak --output peak.html   (its newest execution)

      The page is one file that loads nothing and needs no scripts: send it, print it, attach it to a ticket.
      """)
  @Argument(help: ArgumentHelp("An execution (default: the newest of all).", valueName: "execution"))
  var execution: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write it (default: such as peak-3.html, here).", valueName: "file"))
  var output: String?
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let store = try ResultsStore.reading(project)
    let chosen = try store.reported(execution)
    let page = try store.page(of: chosen).text
    let path = absolute(output ?? "\(chosen.id.experiment)-\(chosen.id.number).html", world)
    try Files.replace(path, with: page)
    say(chosen, path, page.utf8.count, world)
    return .go
  }

  private func say(_ execution: Execution, _ path: String, _ size: Int, _ world: World) {
    if options.json {
      let json: JSONValue = [
        "execution": .string("\(execution.id)"), "decision": JSONValue(execution.verdict?.decision.rawValue),
        "file": .string(path), "bytes": .integer(size),
      ]
      world.output(json.text)
    } else {
      let decision = execution.verdict?.decision.rawValue ?? "not judged"
      world.output("\(path): \(execution.id), \(decision), \((size + 1023) / 1024) KiB\n")
    }
  }
}

extension ResultsStore {
  /// The execution that a person named, or the newest of all.
  fileprivate func reported(_ name: String?) throws(Failure) -> Execution {
    let all = try ask { () throws(StoreError) in try executions(of: nil) }
    guard let newest = all.first else {
      throw Failure(
        .inconclusive, "no execution is recorded in \(path)", hint: "Type 'poolops experiment run NAME' to measure.")
    }
    guard let name else { return newest }
    if ExecutionID(text: name) == nil, all.contains(where: { $0.id.experiment == name }) {
      return try execution(named: name)
    }
    if let id = ExecutionID(text: name), let found = all.first(where: { $0.id == id }) { return found }
    let known = all.map { "\($0.id)" } + all.map(\.id.experiment)
    let guess = nearest(to: name, in: known).map { "Did you mean '\($0)'? " } ?? ""
    let newestFew = all.prefix(5).map { "\($0.id)" }.joined(separator: ", ")
    throw Failure(.usage, "there is no execution '\(name)' in \(path)", hint: "\(guess)The newest are \(newestFew).")
  }

  /// Baseline first.
  private func recordedRuns(of execution: Execution) throws(Failure) -> [RecordedRun] {
    var recorded: [RecordedRun] = []
    for id in execution.runs {
      var run = try self.recorded(id)
      run.run.environment = run.run.environment.mapValues(withoutPassword)
      recorded.append(run)
    }
    return recorded.sorted {
      ($0.run.arm == .baseline ? 0 : 1, $0.run.id) < ($1.run.arm == .baseline ? 0 : 1, $1.run.id)
    }
  }

  /// For charts.
  func series(of execution: Execution) throws(Failure) -> [RunSeries] {
    try recordedRuns(of: execution).map(RunSeries.init)
  }

  /// The page, from each run read once.
  func page(of execution: Execution) throws(Failure) -> ExecutionPage {
    var experiment = execution.experiment
    if let words = experiment.map({ ($0.title, $0.hypothesis) }) {
      experiment?.title = withoutPassword(words.0)
      experiment?.hypothesis = withoutPassword(words.1)
    }
    let shape = experiment?.load.shape
    let recorded = try recordedRuns(of: execution)
    let measured = recorded.filter { run in run.blocks.contains { $0.block.status == .finished } }
    let before = measured.last { $0.run.arm == .baseline }
    let after = measured.last { $0.run.arm == .retest }
    let comparison = before.flatMap { before in
      after.map { Comparison.compare(before, $0, plan: experiment?.pairs, shape: shape) }
    }
    return ExecutionPage(
      execution.withoutPasswords, experiment: experiment, comparison: comparison,
      runs: comparison.map { [$0.before, $0.after] } ?? recorded.map { RunFigures.of($0, shape: shape) },
      series: recorded.map(RunSeries.init))
  }
}

extension Execution {
  /// Notes come from servers and from people: what looks like a connection string must not leave with the page.
  fileprivate var withoutPasswords: Execution {
    var copy = self
    copy.experimentText = experimentText.split(separator: "\n", omittingEmptySubsequences: false)
      .map { withoutPassword(String($0)) }.joined(separator: "\n")
    for index in stages.indices { copy.stages[index].note = withoutPassword(stages[index].note) }
    guard let verdict else { return copy }
    copy.verdict?.reason = withoutPassword(verdict.reason)
    for index in verdict.rules.indices {
      copy.verdict?.rules[index].evidence = withoutPassword(verdict.rules[index].evidence)
    }
    return copy
  }
}
