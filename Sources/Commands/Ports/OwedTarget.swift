import Model
import Runner
import Staging

/// The target of an undo, as `recover` needs it.
struct OwedTargets {
  let project: Project

  func target(of undo: Undo) throws(Failure) -> any TargetPort {
    guard undo.target == "builtin" else {
      throw Failure(
        .rollbackUnverified, "this poolops does not know the target '\(undo.target)'; a newer one wrote the journal")
    }
    // From the journal alone: the experiment file may be gone, or be one that a newer poolops reads.
    let snapshots = undo.changes.flatMap { [$0.before, $0.after] }
    let keys = BuiltinPoolTarget.keys(in: snapshots)
    let pool = BuiltinPoolTarget(envFile: project.path(of: undo.locator), keys: keys)
    let values = PoolValues(keys: keys, baseline: PoolSettings(), change: PoolSettings())
    return StagedTarget(BuiltinTarget(pool, values), in: project)
  }
}
