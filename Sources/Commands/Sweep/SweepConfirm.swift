import Arguments
import Evidence
import ExperimentFile
import Model
import Report
import Runner
import Store

struct SweepConfirm: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm", abstract: "Measure the knee that a sweep found against the present setting, in pairs.",
    discussion: """
        poolops sweep confirm peak                  (the newest sweep of peak)
        poolops sweep confirm peak#4 --users 100    (its knee at another load)

      Blocks of the baseline's pool size and of the knee alternate in random order, as in an experiment. The same command \
      again goes on with what an interrupted one lacks. Exits with 0 when the knee is confirmed, with 2 when it is not, \
      and with 3 when more pairs are needed to tell.
      """)
  @Argument(help: ArgumentHelp("An experiment, for its newest sweep, or a sweep such as peak#4.", valueName: "name"))
  var name: String
  @Option(help: ArgumentHelp("Whose knee (default: of the highest load).", valueName: "users")) var users: Int?
  @Option(help: ArgumentHelp("The same of a sweep over rates.", valueName: "rate")) var rate: Double?
  @Option(help: ArgumentHelp("Pairs of blocks; 6 are the fewest that can tell.", valueName: "n"))
  var pairs: Int = SweepSpec.confirmingPairs
  @Option(help: ArgumentHelp("Measured part of each block (default: the experiment's).", valueName: "duration"))
  var duration: Duration?
  @Option(help: ArgumentHelp("Load before it (default: the experiment's).", valueName: "duration"))
  var warmUp: Duration?
  @Option(help: ArgumentHelp("Seed of the random order and of the load.", valueName: "n")) var seed: Int?
  @Flag(help: "Begin a new confirmation, also where the same one was interrupted.") var new = false
  @Flag(help: "Count the blocks and the time, and measure nothing.") var dryRun = false
  @Flag(help: "Print Markdown, for a pull request.") var markdown = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if markdown, options.json { throw ValidationError("Give '--json' or '--markdown', not both.") }
    if users != nil, rate != nil { throw ValidationError("Give '--users' or '--rate', not both.") }
    if !(1...500).contains(pairs) {
      throw ValidationError("The value '\(pairs)' is invalid for '--pairs <n>'. Give a number from 1 to 500.")
    }
    if let duration, duration <= .zero { throw ValidationError("The value for '--duration' must be above 0.") }
    if let seed, seed < 0 {
      throw ValidationError("The value '\(seed)' is invalid for '--seed <n>'. Give a number of at least 0.")
    }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let swept = try found(project)
    let library = ExperimentLibrary(project, world)
    let entry = try library.entry(swept.sweep.id.experiment)
    let execution = swept.report.execution
    guard execution.experimentDigest == digest(of: entry.text) else {
      throw Failure(
        .inconclusive, "\(project.shown(entry.path)) is not what it was when \(swept.sweep.id) was measured",
        hint: "Its knee may lie elsewhere now; type 'poolops sweep \(entry.experiment.name) ...' to measure it again.")
    }
    let (knee, level) = try knee(swept.report)
    let present = entry.experiment.settings(of: .baseline).maxSize
    guard knee != present else {
      world.output(
        "The knee of \(swept.sweep.id) at \(level.text) is \(knee) connections, which is the present setting: nothing to confirm.\n"
      )
      return .go
    }
    let shape = entry.experiment.load.shape
    let spec = SweepSpec(
      sizes: [present, knee], levels: [level], warmUp: warmUp ?? shape.warmUp, duration: duration ?? shape.duration,
      repeats: pairs, confirms: swept.sweep.id)
    let start = try SweepStart(entry, project, seed: seed.map(UInt64.init) ?? world.randomSeed())
      .start(new ? .new(spec) : .newOrRest(spec))
    if dryRun {
      let report = SweepPlanReport(entry.experiment, spec, goingOnWith: start.rest)
      world.output(options.json ? report.json.text : report.text(world.style))
      return .go
    }
    let session = SweepSession(entry: entry, project: project, form: SweepOutput(markdown: markdown), options: options)
    return try session.measure(start, in: world)
  }

  private func found(_ project: Project) throws(Failure) -> (sweep: SweepRecord, report: SweepReport) {
    let store = try ResultsStore.reading(project)
    let id = try store.sweepID(named: name, project, thatConfirms: false)
    guard let sweep = try store.ask({ () throws(StoreError) in try store.sweep(id) }) else {
      throw Failure(.unexpected, "\(id) is no sweep")
    }
    if let confirmed = sweep.spec.confirms {
      throw Failure(
        .usage, "\(id) is a confirmation itself, of \(confirmed)", hint: "Type 'poolops sweep show \(id)' to see it.")
    }
    guard sweep.finished != nil else {
      throw Failure(
        .inconclusive, "\(id) lacks cells: its knee is not known yet",
        hint: "Type 'poolops sweep \(id.experiment) --resume' to measure them.")
    }
    return (sweep, try store.sweepReport(id))
  }

  private func knee(_ report: SweepReport) throws(Failure) -> (Int, SweepLevel) {
    let wanted = users.map(SweepLevel.users) ?? rate.map(SweepLevel.rate)
    let levels = report.levels
    if let wanted, !levels.contains(wanted) {
      let list = levels.map(\.text).joined(separator: ", ")
      throw Failure(.usage, "\(report.id) has no cell at \(wanted.text)", hint: "It measured \(list).")
    }
    guard let found = report.knees.last(where: { wanted == nil || $0.level == wanted }) else {
      throw Failure(
        .inconclusive, "\(report.id) found no knee\(wanted.map { " at \($0.text)" } ?? ""): no size keeps the checks",
        hint: "Type 'poolops sweep show \(report.id)' to see what they miss.")
    }
    return (found.size, found.level)
  }
}
