import ExperimentFile
import Model
import Runner
import Staging
import Store

/// The target of an undo, as `recover` needs it.
struct OwedTargets {
  let project: Project
  let maker: TargetMaker
  let store: ResultsStore

  func target(of undo: Undo) throws(Failure) -> any TargetPort {
    undo.target == "builtin" ? builtin(undo) : try recorded(undo)
  }

  /// From the journal alone: an older poolops may have written it, which knew no other target.
  private func builtin(_ undo: Undo) -> any TargetPort {
    let snapshots = undo.changes.flatMap { [$0.before, $0.after] }
    let keys = BuiltinPoolTarget.keys(in: snapshots)
    let pool = BuiltinPoolTarget(envFile: project.path(of: undo.locator), keys: keys)
    let values = PoolValues(keys: keys, baseline: PoolSettings(), change: PoolSettings())
    return StagedTarget(BuiltinTarget(pool, values), in: project)
  }

  /// From the experiment as it was recorded: its file may be gone, or say something else by now.
  private func recorded(_ undo: Undo) throws(Failure) -> any TargetPort {
    let execution = try store.ask { () throws(StoreError) in try store.execution(undo.execution) }
    guard let execution else { throw unknown(undo, "its execution is not recorded") }
    let path = "\(undo.execution.experiment).yaml"
    let experiment: Experiment
    switch ExperimentFile.parse(text: execution.experimentText, path: path) {
    case .success(let found): experiment = found
    case .failure(let faults): throw unknown(undo, "the recorded experiment cannot be read: \(faults)")
    }
    let targets = try maker.targets(of: experiment).map { StagedTarget($0, in: project) }
    guard let target = targets.first(where: { undo.isOf($0) }) else {
      throw unknown(undo, "the recorded experiment leads to another one; are the same environment variables set?")
    }
    return target
  }

  private func unknown(_ undo: Undo, _ reason: String) -> Failure {
    Failure(
      .rollbackUnverified, "the target '\(undo.target)' of \(undo.execution) at \(undo.locator) is not found: \(reason)"
    )
  }
}
