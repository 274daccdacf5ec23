import Arguments
import Evidence
import ExperimentFile
import Model
import Report
import Store

struct Diff: PoolopsCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two runs, two groups of runs, or the runs of an execution.",
    discussion: """
        poolops diff run-12 run-13
        poolops diff golden run-13                  (golden: a tag, see 'run tag')
        poolops diff run-12,run-14 run-13,run-15    (two groups, each taken as one)
        poolops diff peak#3                         (its baseline and its retest)
        poolops diff peak                           (its newest execution)

      Only runs of one execution, whose blocks alternated, can show that a metric improved or regressed; blocks of several \
      executions stay paired within their own. Anything else is a plain before and after: figures without findings.

      Exits with 2 when a metric regressed, and with 3 when no metric could be judged. With --fail-on inconclusive one \
      open metric is enough for 3, with --fail-on regression only a regression is no success, with --fail-on never nothing.
      """)
  @Argument(help: ArgumentHelp("Two runs, tags or groups with commas; or one execution.", valueName: "run"))
  var names: [String]
  @Option(help: ArgumentHelp("What makes the command fail.", valueName: "finding")) var failOn: FailOn?
  @Option(help: ArgumentHelp("Differences up to this share count as none.", valueName: "share"))
  var margin: MarginArgument = MarginArgument(share: Margin.standard.relative)
  @Flag(help: "Print a Markdown table, for a pull request.") var markdown = false
  @Flag(help: "Print JUnit XML, for a build server: a test case for each judged metric.") var junit = false
  @OptionGroup var options: GlobalOptions

  enum FailOn: String, CaseIterable, ExpressibleByArgument { case regression, inconclusive, never }

  func validate() throws {
    if names.count > 2 {
      throw ValidationError(
        "Unexpected argument '\(names[2])': two sides are compared, not more; runs of one side stand between commas.")
    }
    let forms = [(options.json, "--json"), (markdown, "--markdown"), (junit, "--junit")].filter(\.0).map(\.1)
    if forms.count > 1 { throw ValidationError("Give '\(forms[0])' or '\(forms[1])', not both.") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    let comparison = try compare(try ResultsStore.reading(project), project)
    world.output(text(comparison, world.style))
    return status(comparison)
  }

  private func text(_ comparison: Comparison, _ style: Style) -> String {
    if junit { return JUnitReport(comparison).text }
    let report = DiffReport(comparison)
    if options.json { return report.json.text }
    return markdown ? report.markdown() : report.text(style)
  }

  private func compare(_ store: ResultsStore, _ project: Project) throws(Failure) -> Comparison {
    let names = RunNames(store)
    let executions = ExecutionNames(store, project, takesTwoRuns: true)
    let (before, after) =
      self.names.count == 1 ? try names.arms(of: self.names[0], executions) : try bothSides(names, store)
    var seen: Set<ExecutionID> = []
    var experiments: [Experiment] = []
    for run in before + after where seen.insert(run.run.execution).inserted {
      experiments += [try names.experiment(of: run.run)].compactMap { $0 }
    }
    return Comparison.compare(
      group: before, with: after, plans: experiments.map(\.pairs), shape: experiments.last?.load.shape,
      margin: Margin(relative: margin.share))
  }

  private func bothSides(
    _ names: RunNames, _ store: ResultsStore
  ) throws(Failure) -> ([MeasuredRun], [MeasuredRun]) {
    let sides = (try names.group(self.names[0]), try names.group(self.names[1]))
    if let both = sides.0.first(where: sides.1.contains) {
      throw Failure(
        .usage, "\(both) is on both sides, and would be compared with itself", hint: "Name different runs on each.")
    }
    return try SideReader.both(store, sides.0, sides.1)
  }

  private func status(_ comparison: Comparison) -> ExitStatus {
    if failOn == .never { return .go }
    if comparison.hasRegression { return .noGo }
    switch failOn {
    case .regression, .never: return .go
    case .inconclusive: return comparison.hasOpenQuestion ? .inconclusive : .go
    case nil: return comparison.isUndecided ? .inconclusive : .go
    }
  }
}

/// `5%` or `0.05`.
struct MarginArgument: ExpressibleByArgument {
  var share: Double
  init(share: Double) { self.share = share }

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(argument: String(argument.dropLast(isPercent ? 1 : 0))) else { return nil }
    share = isPercent ? number / 100 : number
    guard share > 0, share < 1 else { return nil }
  }

  var defaultValueDescription: String { "\(decimal(share * 100, places: 2))%" }
  static var acceptedForm: String? { "a share such as 5% or 0.05, below 100%" }
}

extension Execution {
  /// The experiment as it was when it was measured; nil where this poolops cannot read it any more.
  var experiment: Experiment? {
    try? ExperimentFile.parse(text: experimentText, path: id.experiment + ".yaml").get()
  }
}
