import Model
import YAML

extension ExperimentReader {
  private static let keys = [
    "version", "title", "hypothesis", "staging", "target", "targets", "baseline", "change", "expects", "load", "gauges",
    "pairs", "guards", "checks", "rehearse", "rollout", "after", "sweep", "early_warning",
  ]
  private static let required = ["version", "title", "hypothesis", "baseline", "change", "load", "checks"]

  /// The experiment's name from its file's: letters, digits, `.`, `_` and `-`, for it becomes part of names and commands.
  mutating func name(_ path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    let suffix = [".yaml", ".yml"].first { file.hasSuffix($0) }
    let name = String(file.dropLast(suffix?.count ?? 0))
    let signs: Set<Character> = [".", "_", "-"]
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || signs.contains($0) }
    if !isPlain || name.first.map({ !$0.isLetter && !$0.isNumber }) ?? true {
      report(
        .start,
        "the file's name \(quoted(name)) names the experiment; use letters, digits, '.', '_' and '-', as in peak.yaml")
    }
    return name
  }

  mutating func experiment(_ root: Node, name: String) -> Experiment? {
    guard case .map(let entries) = root.content, isVersion1(entries) else {
      if faults.isEmpty {
        report(root.mark, "an experiment is made of 'key: value' lines; it begins with 'version: 1'")
      }
      return nil
    }
    if let warning = root.value(of: "early_warning") { return exhaustion(root, warning, name: name) }
    guard let fields = fields(root, "the experiment", known: Self.keys, required: Self.required) else { return nil }
    let title = fields["title"].flatMap { line($0, "title") }
    let hypothesis = fields["hypothesis"].flatMap { line($0, "hypothesis") }
    let staging = fields["staging"].map { self.staging($0) } ?? .embedded(datasetScale: 10, settings: [:])
    let targets = self.targets(root.mark, one: fields["target"], several: fields["targets"])
    let othersChange = targets?.contains { !$0.isPool } ?? false
    let arms = self.arms(baseline: fields["baseline"], change: fields["change"], othersChange: othersChange)
    if let targets, let arms {
      requireWords(for: arms, of: targets, baseline: fields["baseline"], change: fields["change"])
    }
    let expects = fields["expects"].map { self.expects($0) } ?? .go
    let load = fields["load"].flatMap { self.load($0) }
    if let load { pool = PoolUnderLoad(targets?.first(where: \.isPool)?.spec ?? .builtin, load) }
    if let arms, let load, let node = fields["load"]?.value(of: "threads") { tellThreads(load, arms, node) }
    let gauges = fields["gauges"].flatMap { self.gauges($0, of: load) }
    let pairs = fields["pairs"].map { self.pairs($0) } ?? PairsSpec()
    let guards = fields["guards"].map { self.guards($0, of: load, toldPool: fields["gauges"] != nil) } ?? []
    let checks = fields["checks"].flatMap { self.checks($0, of: load, toldPool: fields["gauges"] != nil) }
    let rehearse = fields["rehearse"].map { isTrue($0, "rehearse") } ?? true
    let rollout = fields["rollout"].flatMap {
      self.rollout($0, arms: arms, load: load, checks: checks ?? [], toldPool: fields["gauges"] != nil)
    }
    let after = fields["after"].map { self.after($0) } ?? AfterSpec()
    let sweep = fields["sweep"].map { self.sweep($0) } ?? SweepOutline()
    guard let title, let hypothesis, let staging, let targets, let arms, let expects, let load, let pairs, let guards,
      let checks, let rehearse, let after, let sweep
    else { return nil }
    var experiment = Experiment(
      name: name, title: title, hypothesis: hypothesis, staging: staging, target: .builtin, baseline: arms.baseline,
      change: arms.change, load: load, pairs: pairs, guards: guards, checks: checks, after: after, expects: expects)
    experiment.targets = targets
    experiment.gauges = gauges
    experiment.rehearse = rehearse
    experiment.rollout = rollout
    experiment.sweep = sweep.isEmpty ? nil : sweep
    return experiment
  }

  /// A ramp until a request fails. It changes nothing: both arms are the baseline's, and only that one is measured.
  private mutating func exhaustion(_ root: Node, _ warning: Node, name: String) -> Experiment? {
    let misplaced = Self.unusedByRamps
    guard
      let fields = fields(
        root, "the experiment", known: Self.keys.filter { misplaced[$0] == nil },
        required: Self.required.filter { misplaced[$0] == nil }, misplaced: misplaced)
    else { return nil }
    let title = fields["title"].flatMap { line($0, "title") }
    let hypothesis = fields["hypothesis"].flatMap { line($0, "hypothesis") }
    let staging = fields["staging"].map { self.staging($0) } ?? .embedded(datasetScale: 10, settings: [:])
    let targets = self.targets(root.mark, one: fields["target"], several: fields["targets"])
    let baseline = fields["baseline"].flatMap { self.baseline($0) }
    if let targets, let baseline {
      requireWords(for: (baseline, SettingPatch()), of: targets, baseline: fields["baseline"], change: nil)
    }
    let load = fields["load"].flatMap { self.load($0) }
    if let load { pool = PoolUnderLoad(targets?.first(where: \.isPool)?.spec ?? .builtin, load) }
    if let baseline, let load, let node = fields["load"]?.value(of: "threads") {
      tellThreads(load, (baseline, SettingPatch()), node)
    }
    let gauges = fields["gauges"].flatMap { self.gauges($0, of: load) }
    let guards = fields["guards"].map { self.guards($0, of: load, toldPool: fields["gauges"] != nil) } ?? []
    let spec = earlyWarning(warning)
    if let spec {
      requireRamp(
        spec, warning, baseline: baseline, load: load, targets: targets, toldPool: fields["gauges"] != nil)
    }
    guard let title, let hypothesis, let staging, let targets, let baseline, let load, let guards, let spec else {
      return nil
    }
    var experiment = Experiment(
      name: name, title: title, hypothesis: hypothesis, staging: staging, target: .builtin, baseline: baseline,
      change: SettingPatch(), load: load, pairs: PairsSpec(count: 1, stopping: .planned), guards: guards, checks: [],
      after: AfterSpec(go: .rollback, noGo: .rollback, inconclusive: .rollback), rehearse: false)
    experiment.targets = targets
    experiment.gauges = gauges
    experiment.earlyWarning = spec
    return experiment
  }

  /// Each thread has a pool of its own, which is a part of the whole; an app's is whole whatever asks it.
  private mutating func tellThreads(
    _ load: LoadSpec, _ arms: (baseline: SettingPatch, change: SettingPatch), _ node: Node
  ) {
    let threads = load.threads
    let sizes = [PoolSettings(arms.baseline).maxSize, PoolSettings(arms.baseline.overlaid(with: arms.change)).maxSize]
    guard pool == .own, let least = sizes.min(), threads > least else { return }
    report(node.mark, "\(threads) threads cannot share a pool of max_size \(least); write at most \(least)")
  }

  /// A file of another version may differ in everything: then this is the only fault.
  mutating func isVersion1(_ entries: [Node.Entry]) -> Bool {
    for entry in entries {
      guard case .scalar("version", _) = entry.key.content else { continue }
      guard let text = scalar(entry.value, "version", accepts: "1") else { return false }
      guard text == "1" else {
        report(entry.value.mark, "\(quoted(text)) is no version that this poolops reads; write 1")
        return false
      }
    }
    return true
  }

  /// A text for people; a folded one may have come from several lines.
  private mutating func line(_ node: Node, _ name: String) -> String? {
    guard let text = scalar(node, name, accepts: "a sentence") else { return nil }
    let trimmed = text.trimmingBlanks
    guard !trimmed.isEmpty else { return fault(node.mark, "\(name) is empty; write a sentence") }
    return trimmed
  }

  private mutating func expects(_ node: Node) -> Decision? {
    let words: [(word: String, decision: Decision)] = [("go", .go), ("no_go", .noGo), ("inconclusive", .inconclusive)]
    guard let word = word(node, "expects", of: words.map(\.word)) else { return nil }
    return words.first { $0.word == word }?.decision
  }
}

extension String {
  var trimmingBlanks: String {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
