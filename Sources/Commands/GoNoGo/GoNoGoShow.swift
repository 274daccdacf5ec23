import Arguments
import Evidence
import Model
import Report
import Store

struct GoNoGoShow: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List every rule with its evidence, and the verdict.",
    discussion: """
      The rules stand in runbooks/go-no-go.yaml. Without that file: every experiment of the project must have the \
      verdict that it expects, from evidence of at most 30 days, measured with the present experiment file; no undo \
      may be owed; the runbooks must agree. Verdicts are made anew from what was measured. \
      Exits with 0 for GO, 2 for NO-GO, 3 for INCONCLUSIVE.
      """)
  @Option(help: ArgumentHelp("How old evidence may be, in days (default: the policy's).", valueName: "days"))
  var maxAge: Int?
  @Flag(help: "Print a Markdown checklist, for a pull request.") var markdown = false
  @OptionGroup var options: GlobalOptions

  func validate() throws {
    if let maxAge, !(1...36_500).contains(maxAge) {
      throw ValidationError("The value '\(maxAge)' is invalid for '--max-age <days>'. Give a number from 1 to 36500.")
    }
    if markdown, options.json { throw ValidationError("Give '--json' or '--markdown', not both.") }
  }

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    var policy = try project.policy()
    if let maxAge { policy.rules.maxAge = .seconds(86_400 * maxAge) }
    let verdict = GoNoGo.decide(try GoNoGoEvidence(project, policy.rules, world).input())
    let report = GoNoGoReport(
      decision: verdict.decision, rules: verdict.rules, policy: policy.path, next: next(verdict.decision))
    if options.json {
      world.output(report.json.text)
    } else {
      world.output(markdown ? report.markdown() : report.text(world.style))
    }
    return ExitStatus(verdict.decision)
  }

  private func next(_ decision: Decision) -> String {
    switch decision {
    case .go: "follow the runbook"
    case .noGo: "poolops diff NAME, for the experiment that failed"
    case .inconclusive: "do what the undecided rules say"
    }
  }
}
