import Arguments
import Model
import Report
import Runner
import Staging
import Store

struct ExperimentRecover: PoolopsCommand {
  static let configuration = CommandConfiguration(
    commandName: "recover", abstract: "Put staging back after an execution that died, from the journal alone.",
    discussion: """
      Compares before it restores: a value that somebody changed since is left alone and named. Safe to repeat. \
      Exits with 0 when nothing is owed any more, with 5 when something is.
      """)
  @Flag(help: "Restore also where somebody changed the value since.") var force = false
  @OptionGroup var options: GlobalOptions

  func run(in world: World) throws(Failure) -> ExitStatus {
    let project = try Project(world, options)
    // In an empty file the journal may have been: then nobody knows what is owed.
    guard try ResultsStore.readingIfThere(project) != nil else {
      world.output(options.json ? "[]\n" : "Nothing is owed: there is no results file yet.\n")
      return .go
    }
    let findings = try recover(project, world)
    world.output(options.json ? json(findings).text : text(findings))
    return findings.allSatisfy(\.isBack) ? .go : .rollbackUnverified
  }

  private func recover(_ project: Project, _ world: World) throws(Failure) -> [Recovery.Finding] {
    let store = try ResultsStore.writing(project)
    defer { store.close() }
    let lock: StagingLock
    do throws(StagingError) {
      lock = try StagingLock(folder: EmbeddedCluster(root: project.root).folder)
    } catch {
      throw error.failure
    }
    return try withExtendedLifetime(lock) { () throws(Failure) in
      let targets = OwedTargets(project: project, maker: TargetMaker(project: project, in: world), store: store)
      return try Recovery(record: StoreRecord(store, now: world.now), force: force) { undo throws(Failure) in
        try targets.target(of: undo)
      }.carryOut()
    }
  }

  private func text(_ findings: [Recovery.Finding]) -> String {
    guard !findings.isEmpty else { return "Nothing is owed: staging is as it was.\n" }
    return findings.map { "\($0.execution): \(sentence($0))\n" }.joined()
  }

  private func sentence(_ finding: Recovery.Finding) -> String {
    switch finding.result {
    case .restored: "\(finding.locator) put back, and read back to confirm it"
    case .alreadyBack: "\(finding.locator) holds what it held before; the journal is closed"
    case .nothingOwed: "died, and owes no undo; marked as aborted"
    case .failed(let failure): "\(finding.locator) could not be put back: \(failure.message)"
    case .conflict(let expected, let found):
      """
      \(finding.locator) was changed by somebody else since, and was left alone.
        poolops wrote: \(oneLine(expected))
        it holds now:  \(oneLine(found))
      Type 'poolops experiment recover --force' to put back what was there before poolops.
      """
    }
  }

  private func oneLine(_ text: String?) -> String {
    text.map { $0.split(separator: "\n").joined(separator: "  ") } ?? "(no such file)"
  }

  private func json(_ findings: [Recovery.Finding]) -> JSONValue {
    .array(
      findings.map { finding in
        [
          "execution": .string("\(finding.execution)"), "locator": .string(finding.locator),
          "back": .bool(finding.isBack), "message": .string(sentence(finding)),
        ]
      })
  }
}
