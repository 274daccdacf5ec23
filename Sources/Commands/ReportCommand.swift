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
        poolops report run-12 run-13             (any two runs, or tags)

      The page is one file that loads nothing and needs no scripts: send it, print it, attach it to a ticket.
      """)
  @Argument(help: ArgumentHelp("An execution (default: the newest of all), or two runs.", valueName: "name"))
  var names: [String] = []
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write it (default: such as peak-3.html, here).", valueName: "file"))
  var output: String?
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if names.count > 2 { throw ValidationError("Unexpected argument '\(names[2])': a page shows two runs, not more.") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let store = try ResultsStore.reading(project)
    let page = names.count == 2 ? try ofRuns(store) : try ofExecution(store, project)
    let path = absolute(output ?? "\(page.name).html", world)
    do throws(Failure) { try Files.replace(path, with: page.text) } catch {
      throw Failure(error.status, error.message, hint: "Name another place with --output.")
    }
    let size = page.text.utf8.count
    let facts: [(String, JSONValue)] = [("file", .string(path)), ("bytes", .integer(size))]
    world.output(
      options.json
        ? JSONValue.members(page.facts + facts).text
        : "\(path): \(page.words), \((size + 1023) / 1024) KiB\n")
    return .go
  }

  private struct Page {
    /// Of the file, without its ending.
    var name: String
    var words: String
    var facts: [(String, JSONValue)]
    var text: String
  }

  private func ofExecution(_ store: ResultsStore, _ project: Project) throws(Failure) -> Page {
    let chosen = try chosen(ExecutionNames(store, project, kinds: [.experiment, .exhaustion], takesTwoRuns: true))
    let decision = chosen.verdict?.decision.rawValue
    return Page(
      name: "\(chosen.id.experiment)-\(chosen.id.number)", words: "\(chosen.id), \(decision ?? "not judged")",
      facts: [("execution", .string("\(chosen.id)")), ("decision", JSONValue(decision))],
      text: try store.page(of: chosen).text)
  }

  private func chosen(_ executions: ExecutionNames) throws(Failure) -> Execution {
    if let name = names.first { return try executions.execution(name) }
    guard let newest = try executions.newestOfAll() else {
      throw Failure(
        .inconclusive, "no execution is recorded yet", hint: "Type 'poolops experiment run NAME' to measure.")
    }
    return newest
  }

  private func ofRuns(_ store: ResultsStore) throws(Failure) -> Page {
    let runNames = RunNames(store)
    var sides: [RecordedRun] = []
    for name in names {
      let group = try runNames.group(name)
      guard group.count == 1 else {
        throw Failure(.usage, "a page shows two runs; '\(name)' names more", hint: "Type 'poolops diff' for groups.")
      }
      sides += try store.finishedWithAll(group).map(\.withoutPasswords)
    }
    let (before, after) = (sides[0], sides[1])
    guard before.run.id != after.run.id else {
      throw Failure(.usage, "\(before.run.id) would be compared with itself; name two runs")
    }
    let experiment = try runNames.experiment(of: after.run)
    let comparison = Comparison.compare(before, after, plan: experiment?.pairs, shape: experiment?.load.shape)
    return Page(
      name: "\(before.run.id)-\(after.run.id)", words: "\(before.run.id) and \(after.run.id)",
      facts: [("before", .string("\(before.run.id)")), ("after", .string("\(after.run.id)"))],
      text: ComparisonPage(
        comparison, before: RunSeries(before), after: RunSeries(after), checks: experiment?.checks ?? []
      ).text)
  }
}

extension ResultsStore {
  /// Baseline first.
  private func recordedRuns(of execution: Execution) throws(Failure) -> [RecordedRun] {
    var recorded: [RecordedRun] = []
    for id in execution.runs { recorded.append(try self.recorded(id).withoutPasswords) }
    return recorded.sorted {
      ($0.run.arm == .baseline ? 0 : 1, $0.run.id) < ($1.run.arm == .baseline ? 0 : 1, $1.run.id)
    }
  }

  /// For charts, and what they say of the long term.
  func courses(of execution: Execution) throws(Failure) -> (series: [RunSeries], endurance: [RunID: Endurance]) {
    let recorded = try recordedRuns(of: execution)
    let hasPool = execution.experiment?.hasPool ?? true
    let said = recorded.compactMap { run in Endurance(run, hasPool: hasPool).map { (run.run.id, $0) } }
    return (recorded.map(RunSeries.init), Dictionary(uniqueKeysWithValues: said))
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
      series: recorded.map(RunSeries.init),
      endurance: recorded.compactMap { run in
        Endurance(run, hasPool: experiment?.hasPool ?? true).map { (run.run.id, $0) }
      }, lead: try lead(of: execution))
  }
}

extension RecordedRun {
  fileprivate var withoutPasswords: RecordedRun {
    var copy = self
    copy.run.environment = run.environment.mapValues(withoutPassword)
    return copy
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
