import Ecosystems
import Model

/// The built-in pool's env file under the two arms of an experiment.
package final class BuiltinChange: ChangeTarget {
  package let kind = "builtin"
  private let target: BuiltinPoolTarget
  private let settings: (Arm) -> PoolSettings

  /// - Parameter settings: what each arm wants, complete.
  package init(_ target: BuiltinPoolTarget, settings: @escaping (Arm) -> PoolSettings) {
    self.target = target
    self.settings = settings
  }

  package var locator: String { target.locator }

  package func preflight() throws(StagingError) { _ = try target.effectiveSettings() }

  package func snapshot() throws(StagingError) -> String? { try target.snapshot() }

  package func planned(_ arm: Arm, over snapshot: String?) throws(StagingError) -> String {
    target.planned(settings(arm), over: snapshot)
  }

  package func apply(_ arm: Arm) throws(StagingError) { try target.apply(settings(arm)) }

  /// The pool takes the file when it starts, so the file is where it works; also settings that are not tuned count.
  package func verify(_ arm: Arm, within patience: Duration) throws(StagingError) -> InForce {
    let (wanted, found) = (settings(arm), try target.effectiveSettings())
    let values = SettingKey.allCases.map { key in
      InForce.Value(
        name: key.rawValue, wanted: wanted[key].text(for: key), found: found[key].text(for: key), source: locator)
    }
    return InForce(values: values, settings: found)
  }

  package func revert(to snapshot: String?) throws(StagingError) { try target.restore(snapshot) }

  package func confirm(_ snapshot: String?, within patience: Duration) throws(StagingError) -> InForce {
    InForce(values: target.values(wanted: snapshot, found: try target.snapshot()))
  }
}
