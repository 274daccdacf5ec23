import Arguments
import Evidence
import Model
import Report
import Store

struct GoNoGoCommand: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "go-no-go", abstract: "Say whether the recorded evidence allows the change to go to production.",
    discussion: """
      Every experiment of the project must have the verdict that it expects, from evidence that is not too old, \
      measured with the present experiment file; no undo may be owed; the runbook must agree. \
      Exits with 0 for GO, 2 for NO-GO, 3 for INCONCLUSIVE.
      """)
  @Option(help: ArgumentHelp("How old evidence may be, in days.", valueName: "days")) var maxAge: Int = 30
  @Flag(help: "Print a Markdown table, for a pull request.") var markdown = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    guard (1...36_500).contains(maxAge) else {
      throw ValidationError("The value '\(maxAge)' is invalid for '--max-age <days>'. Give a number from 1 to 36500.")
    }
    if markdown, options.json { throw ValidationError("Give '--json' or '--markdown', not both.") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let verdict = GoNoGo.decide(try input(project, world))
    let report = GoNoGoReport(decision: verdict.decision, rules: verdict.rules, next: next(verdict.decision))
    if options.json {
      world.output(report.json.text)
    } else {
      world.output(markdown ? report.markdown() : report.text(world.style))
    }
    return ExitStatus(verdict.decision)
  }

  private func input(_ project: Project, _ world: World) throws(Failure) -> GoNoGo.Input {
    let library = ExperimentLibrary(project, world)
    var requirements: [GoNoGo.Requirement] = []
    var digests: [String: String] = [:]
    for name in library.names {
      let entry = try library.entry(name)
      requirements.append(.init(experiment: name, expects: entry.experiment.expects))
      digests[name] = digest(of: entry.text)
    }
    let store = try ResultsStore.reading(project)
    let executions = try store.ask { () throws(StoreError) in try store.executions(of: nil) }
    return GoNoGo.Input(
      requirements: requirements,
      newest: Dictionary(executions.map { ($0.id.experiment, $0) }) { newest, _ in newest }, digests: digests,
      now: world.now(), maxAge: .seconds(86_400 * maxAge),
      openUndos: try store.ask { () throws(StoreError) in try store.openChanges() },
      runbook: try runbookState(project, store))
  }

  private func runbookState(_ project: Project, _ store: ResultsStore) throws(Failure) -> GoNoGo.RunbookState {
    let shelf = RunbookShelf(project, store)
    guard !shelf.names.isEmpty else { return .missing }
    var regions: [String] = []
    for name in shelf.names { regions += try shelf.findings(name).map(\.region) }
    return regions.isEmpty ? .current : .disagreeing(regions)
  }

  private func next(_ decision: Decision) -> String {
    switch decision {
    case .go: "follow the runbook"
    case .noGo: "poolops diff NAME, for the experiment that failed"
    case .inconclusive: "do what the undecided rules say"
    }
  }
}

extension ExitStatus {
  init(_ decision: Decision) {
    switch decision {
    case .go: self = .go
    case .noGo: self = .noGo
    case .inconclusive: self = .inconclusive
    }
  }
}
