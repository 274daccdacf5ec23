import Ecosystems
import Model
import YAML

/// Whether the pool can say what it is to be set to.
extension ExperimentReader {
  /// Every tuned setting must come out of the pool's own words as it went in, under both arms.
  mutating func requireWords(
    for arms: (baseline: SettingPatch, change: SettingPatch), of targets: [ExperimentTarget], baseline: Node?,
    change: Node?
  ) {
    guard let pool = targets.first(where: \.isPool)?.spec else { return }
    let all = arms.baseline.overlaid(with: arms.change)
    for key in all.keys {
      for (patch, node) in [(arms.baseline, baseline), (arms.change, change)] {
        // A key of the change alone has its default under the baseline.
        let value = patch[key] ?? (arms.baseline[key] == nil ? PoolSettings()[key] : nil)
        guard let value, let reason = refusal(of: value, key, by: pool) else { continue }
        let mark = node?.mark(ofKey: key.rawValue) ?? change?.mark(ofKey: key.rawValue) ?? .start
        report(mark, "\(key.rawValue) \(value.text(for: key)) cannot be given to the target: \(reason)")
        break
      }
    }
  }

  private func refusal(of value: SettingValue, _ key: SettingKey, by pool: TargetSpec) -> String? {
    switch pool {
    case .builtin, .command, .postgreSQL: return nil
    case .app(let spec):
      switch spec.place(of: key).flatMap({ $0.written(value, for: key) }) {
      case .success: return nil
      case .failure(let fault): return fault.reason
      }
    case .pgBouncer:
      return Ecosystem.named("pgbouncer")?.write([key: value]).losses.first?.text
    }
  }
}

extension Node {
  /// Where the value of a key of this map stands; the map's own place when it has no such key.
  fileprivate func mark(ofKey key: String) -> Mark? {
    guard case .map(let entries) = content else { return mark }
    for entry in entries {
      if case .scalar(key, _) = entry.key.content { return entry.value.mark }
    }
    return nil
  }
}
