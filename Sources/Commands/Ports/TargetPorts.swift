import Glibc
import Model
import Postgres
import Runner
import Staging

/// Makes the targets of an experiment, each time anew: a value, so that any thread can have its own.
struct TargetMaker: Sendable {
  let project: Project
  /// The environment of poolops.
  let variables: [String: String]
  let fetch: any Fetching

  init(project: Project, in world: World) {
    self.project = project
    variables = world.variables
    fetch = world.fetch
  }

  /// In the order in which they are changed.
  func targets(of experiment: Experiment) throws(Failure) -> [any ChangeTarget] {
    let surroundings = try self.surroundings(of: experiment)
    return try attempt { () throws(StagingError) in try Targets.make(of: experiment, in: surroundings) }
  }

  func surroundings(of experiment: Experiment) throws(Failure) -> TargetSurroundings {
    let staging = experiment.staging
    return TargetSurroundings(
      root: project.root, variables: variables, fetch: fetch, production: try project.production(),
      staging: { [self] () throws(StagingError) in try connection(of: staging) })
  }

  /// Of a role that may ask what the targets need; the embedded cluster is started where it is down.
  private func connection(of staging: StagingSpec) throws(StagingError) -> ConnectionInfo {
    switch staging {
    case .embedded(let scale, let settings):
      try started(scale, settings).admin
    case .urlFromEnvironment(let variable): try StagingGuard.connection(fromVariable: variable, in: variables)
    }
  }

  /// A restart may have outlived the poolops that asked for it, and be under way just now.
  private func started(_ scale: Int, _ settings: [String: String]) throws(StagingError) -> RunningCluster {
    var attempts = 5
    while true {
      do throws(StagingError) {
        return try EmbeddedCluster(root: project.root).up(scale: scale, settings: settings) { _ in }
      } catch {
        attempts -= 1
        guard error.code == .startFailed, attempts > 0 else { throw error }
        usleep(1_000_000)
      }
    }
  }

  /// poolops's own pool, where it is the one that is tuned.
  func pool(of experiment: Experiment) -> BuiltinPoolTarget {
    BuiltinPoolTarget(
      envFile: BuiltinPoolTarget.envFile(root: project.root),
      keys: experiment.baseline.overlaid(with: experiment.change).keys)
  }
}

/// A target as the runner speaks to it: faults as failures, and places as the journal names them.
final class StagedTarget: TargetPort {
  private let target: any ChangeTarget
  let locator: String

  init(_ target: any ChangeTarget, in project: Project) {
    self.target = target
    locator = project.locator(of: target.locator)
  }

  var kind: String { target.kind }

  func preflight() throws(Failure) { try attempt { () throws(StagingError) in try target.preflight() } }
  func snapshot() throws(Failure) -> String? { try attempt { () throws(StagingError) in try target.snapshot() } }
  func planned(_ arm: Arm, over snapshot: String?) throws(Failure) -> String {
    try attempt { () throws(StagingError) in try target.planned(arm, over: snapshot) }
  }
  func apply(_ arm: Arm) throws(Failure) { try attempt { () throws(StagingError) in try target.apply(arm) } }
  func verify(_ arm: Arm, within patience: Duration) throws(Failure) -> InForce {
    try attempt { () throws(StagingError) in try target.verify(arm, within: patience) }
  }
  func revert(to snapshot: String?) throws(Failure) {
    try attempt { () throws(StagingError) in try target.revert(to: snapshot) }
  }
  func confirm(_ snapshot: String?, within patience: Duration) throws(Failure) -> InForce {
    try attempt { () throws(StagingError) in try target.confirm(snapshot, within: patience) }
  }
  func takeNotes() -> [String] { target.takeNotes() }
}

/// Runs `body` and words its fault for the command.
func attempt<Value>(_ body: () throws(StagingError) -> Value) throws(Failure) -> Value {
  do throws(StagingError) { return try body() } catch { throw error.failure }
}
