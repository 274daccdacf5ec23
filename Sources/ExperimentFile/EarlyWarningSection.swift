import Model
import YAML

/// A ramp into exhaustion: what is armed, and what such an experiment has no use for.
extension ExperimentReader {
  static let unusedByRamps: [String: String] = {
    let keys = ["change", "expects", "pairs", "checks", "rehearse", "rollout", "after", "sweep"]
    let why =
      "has no meaning beside early_warning: one ramp is measured, nothing is changed, and the alert's lead decides"
    return Dictionary(uniqueKeysWithValues: keys.map { ($0, why) })
  }()

  /// `early_warning: { warn_at: 20%, alert_at: 50%, sample: 500ms }`. All of it may be left out.
  mutating func earlyWarning(_ node: Node) -> EarlyWarningSpec? {
    guard let fields = fields(node, "early_warning", known: ["warn_at", "alert_at", "sample"]) else { return nil }
    let count = faults.count
    var spec = EarlyWarningSpec()
    if let node = fields["warn_at"] { spec.warnAt = share(node, "warn_at") ?? spec.warnAt }
    if let node = fields["alert_at"] { spec.alertAt = share(node, "alert_at") ?? spec.alertAt }
    if let node = fields["sample"] { spec.sample = duration(node, "sample", atLeast: .milliseconds(10)) }
    guard faults.count == count else { return nil }
    guard spec.warnAt <= spec.alertAt else {
      return fault(
        (fields["warn_at"] ?? fields["alert_at"] ?? node).mark,
        "warn_at is \(percent(spec.warnAt)), above alert_at, which is \(percent(spec.alertAt)); a warning comes first")
    }
    return spec
  }

  /// What only shows when the rule is seen together with the pool and the load.
  mutating func requireRamp(
    _ spec: EarlyWarningSpec, _ node: Node, baseline: SettingPatch?, load: LoadSpec?, targets: [ExperimentTarget]?,
    toldPool: Bool
  ) {
    if let baseline { requireTimeout(spec, node, PoolSettings(baseline)) }
    if let load {
      switch load.shape {
      case .ramp, .rampingArrivalRate: break
      default:
        report(
          node.mark,
          "early_warning needs a load that grows until a request fails; write a shape of ramp or ramping_arrival_rate")
      }
    }
    guard load != nil, let targets else { return }
    if let other = targets.first(where: { !$0.isPool }) {
      report(node.mark, "early_warning changes nothing; leave out the target \(other.spec.kind), which is no pool")
    }
    let isSeen = pool == .own ? targets.first(where: \.isPool)?.spec == .builtin : toldPool
    guard !isSeen else { return }
    report(
      node.mark,
      "early_warning watches poolops's own pool under statements, or an app's pool over HTTP whose endpoint 'gauges' names"
    )
  }

  private mutating func requireTimeout(_ spec: EarlyWarningSpec, _ node: Node, _ settings: PoolSettings) {
    guard let timeout = settings.acquireTimeout else {
      report(
        node.mark,
        "the pool lets requests wait for ever: none fails by waiting, and nothing is there to lead; set acquire_timeout"
      )
      return
    }
    guard let sample = spec.sample, sample * EarlyWarningSpec.leastSamples > timeout else { return }
    report(
      (node.value(of: "sample") ?? node).mark,
      "with a sample every \(sample.text) no lead is guaranteed before an acquire_timeout of \(timeout.text); "
        + "write at most \((timeout / EarlyWarningSpec.leastSamples).text)")
  }

  /// Above 0 and below 1.
  private mutating func share(_ node: Node, _ name: String) -> Double? {
    let accepts = "a share of acquire_timeout such as 50%, above 0% and below 100%"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard text.hasSuffix("%"), let value = Double(decimalText: String(text.dropLast()).trimmingBlanks), value > 0,
      value < 100
    else { return refuse(node, text, name, accepts) }
    return value / 100
  }

  private func percent(_ share: Double) -> String { "\(decimal(share * 100, places: 3))%" }
}
