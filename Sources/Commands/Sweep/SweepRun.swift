import Arguments
import Model
import Report

struct SweepRun: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Measure the cells of a sweep on staging, in random order; each is a run.",
    discussion: """
        poolops sweep peak --pool 10,20,30,50 --users 50,100,500 --duration 10s --warm-up 2s
        poolops sweep peak --find-knee              (it looks for the sizes itself)
        poolops sweep peak --resume                 (goes on where an interrupted one ended)
        poolops sweep show peak                     (its table again)
        poolops sweep confirm peak                  (the knee against the present setting, in pairs)

      Over an experiment's load and staging, with its baseline's other settings. The same command again goes on with what \
      an interrupted sweep lacks. Ctrl-C puts staging back and ends with 130. A sweep is evidence for nothing: it says \
      where to look.
      """)
  @Argument(help: ArgumentHelp("The experiment, by name or path.", valueName: "name")) var name: String
  @OptionGroup var chosen: SweepOptions
  @Flag(help: "Look for the knee: a ladder of doublings under the highest load, then bisection.") var findKnee = false
  @Flag(help: "Go on with the newest sweep that lacks cells.") var resume = false
  @Flag(help: "Begin a new sweep, also where the same one was interrupted.") var new = false
  @Flag(help: "Count the cells and the time, and measure nothing.") var dryRun = false
  @OptionGroup var form: SweepOutput
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if form.markdown, options.json { throw ValidationError("Give '--json' or '--markdown', not both.") }
    if resume, new { throw ValidationError("Give '--resume' or '--new', not both.") }
    let given = chosen.given + (findKnee ? ["--find-knee"] : [])
    if resume, let first = given.first {
      throw ValidationError("'--resume' goes on with what was begun; leave out '\(first)'.")
    }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let entry = try ExperimentLibrary(project, world).entry(name)
    try entry.requireComparison(to: "sweep")
    let start = try SweepStart(entry, project, seed: seed(entry, world)).start(wish(entry.experiment))
    if dryRun {
      let report = SweepPlanReport(entry.experiment, start.spec, goingOnWith: start.rest)
      world.output(options.json ? report.json.text : report.text(world.style))
      return .go
    }
    return try SweepSession(entry: entry, project: project, form: form, options: options).measure(start, in: world)
  }

  private func seed(_ entry: ExperimentLibrary.Entry, _ world: World) -> UInt64 {
    chosen.seed.map(UInt64.init) ?? world.randomSeed()
  }

  private func wish(_ experiment: Experiment) throws(Failure) -> SweepStart.Wish {
    if resume { return .goOn }
    let outline = (experiment.sweep ?? SweepOutline()).overlaid(with: chosen.outline)
    let spec = try outline.spec(findKnee ? .knee : .grid, for: experiment)
    return new ? .new(spec) : .newOrRest(spec)
  }
}
