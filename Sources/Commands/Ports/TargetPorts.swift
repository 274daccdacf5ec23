import Model
import Runner
import Staging

/// Makes the targets of an experiment, each time anew: a value, so that any thread can have its own.
struct TargetMaker: Sendable {
  let project: Project

  /// In the order in which they are changed.
  func targets(of experiment: Experiment) throws(StagingError) -> [any ChangeTarget] { [builtin(experiment)] }

  private func builtin(_ experiment: Experiment) -> any ChangeTarget {
    BuiltinTarget(pool(of: experiment), PoolValues(experiment))
  }

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
