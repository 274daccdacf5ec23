import Arguments
import Evidence
import Model
import Report
import Store

struct SweepShow: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a recorded sweep again: its table, the knee, a chart.",
    discussion: "Exits with 3 where cells are missing, and of a confirmation as it did itself.")
  @Argument(help: ArgumentHelp("An experiment, for its newest sweep, or a sweep such as peak#4.", valueName: "name"))
  var name: String
  @OptionGroup var form: SweepOutput
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if form.markdown, options.json { throw ValidationError("Give '--json' or '--markdown', not both.") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let store = try ResultsStore.reading(project)
    let id = try store.sweepID(named: name, project)
    let report = try store.sweepReport(id)
    try Self.output(report, form, options, world)
    return report.status
  }

  static func output(
    _ report: SweepReport, _ form: SweepOutput, _ options: GlobalOptions, _ world: World
  ) throws(Failure) {
    if options.json {
      world.output(report.json.text)
    } else {
      world.output(form.markdown ? report.markdown() : report.text(world.style))
    }
    guard let file = form.chart else { return }
    guard let chart = report.chart else {
      throw Failure(.inconclusive, "nothing was measured yet: there is no chart to write to \(file)")
    }
    try Files.replace(absolute(file, world), with: chart)
    if !options.quiet { world.note("The chart is in \(file).") }
  }
}

extension ResultsStore {
  /// The sweep that a person named: `peak#4`, or `peak` for its newest.
  /// - Parameter thatConfirms: `false` passes over confirmations where only the experiment was named.
  func sweepID(named name: String, _ project: Project, thatConfirms: Bool = true) throws(Failure) -> ExecutionID {
    let all = try ask { () throws(StoreError) in try sweeps(of: name) }
    if let newest = all.first(where: { thatConfirms || $0.spec.confirms == nil }) { return newest.id }
    return try ExecutionNames(self, project, kinds: [.sweep]).execution(name).id
  }

  /// A stored sweep with the figures of its runs.
  func sweepReport(_ id: ExecutionID) throws(Failure) -> SweepReport {
    let stored = try ask { () throws(StoreError) in (try sweep(id), try execution(id)) }
    guard let sweep = stored.0, let execution = stored.1 else { throw Failure(.unexpected, "\(id) is no sweep") }
    let experiment = execution.experiment
    let metrics = SweepChecks(experiment).metrics
    var runs: [RunID: MeasuredRun] = [:]
    for run in sweep.cells.compactMap(\.run) { runs[run] = try measured(run, metrics: metrics) }
    return SweepReport(
      SweepFindings(sweep, experiment: experiment, runs: runs), of: execution,
      confirmation: KneeConfirmation(sweep, experiment: experiment, runs: runs))
  }
}
