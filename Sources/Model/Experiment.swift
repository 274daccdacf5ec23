/// What an experiment file says: what is tuned, under which load, and what decides.
package struct Experiment: Hashable, Sendable {
  /// The file's name without `.yaml`: `peak`.
  package var name: String
  package var title: String
  package var hypothesis: String
  package var staging: StagingSpec
  /// In the order in which they are changed; they are put back in the opposite one. Exactly one is the pool.
  package var targets: [ExperimentTarget]
  package var baseline: SettingPatch
  package var change: SettingPatch
  package var load: LoadSpec
  package var pairs: PairsSpec
  package var guards: [Guard]
  package var checks: [Condition]
  package var after: AfterSpec
  /// What the hypothesis predicts. `no_go` marks an experiment that is kept as proof against an alternative.
  package var expects: Decision
  /// Where the app under load tells of its own pool; nil: nowhere.
  package var gauges: PoolEndpoint?
  /// Whether the change is applied and put back once before any load is on.
  package var rehearse: Bool
  package var rollout: RolloutSpec?
  /// What `poolops sweep` measures unless the command line says otherwise; nil where the file says nothing.
  package var sweep: SweepOutline?
  /// Makes the experiment a ramp into exhaustion with the alert armed: it changes nothing, and is judged by the alert's lead.
  package var earlyWarning: EarlyWarningSpec?

  package init(
    name: String, title: String, hypothesis: String, staging: StagingSpec, target: TargetSpec,
    baseline: SettingPatch, change: SettingPatch, load: LoadSpec, pairs: PairsSpec,
    guards: [Guard], checks: [Condition], after: AfterSpec, expects: Decision = .go, rehearse: Bool = true,
    rollout: RolloutSpec? = nil, sweep: SweepOutline? = nil
  ) {
    self.name = name
    self.title = title
    self.hypothesis = hypothesis
    self.staging = staging
    targets = [ExperimentTarget(target)]
    self.baseline = baseline
    self.change = change
    self.load = load
    self.pairs = pairs
    self.guards = guards
    self.checks = checks
    self.after = after
    self.expects = expects
    self.rehearse = rehearse
    self.rollout = rollout
    self.sweep = sweep
  }

  /// The target that is the pool.
  package var target: TargetSpec { targets.first(where: \.isPool)?.spec ?? .builtin }

  /// The guards that watch: those of the file, and the hard stop unless the file judges errors itself.
  ///
  /// A ramp into exhaustion looks for the first failure, and ends by itself a moment after it.
  package var guardsInForce: [Guard] {
    isExhaustion || guards.contains { $0.condition.metric == .errorRate } ? guards : guards + [.hardStop]
  }

  /// The pool's settings under one arm: defaults, then the baseline, then (for the retest) the change.
  package func settings(of arm: Arm) -> PoolSettings {
    PoolSettings(arm == .baseline ? baseline : baseline.overlaid(with: change))
  }
}

/// Where the load runs.
package enum StagingSpec: Hashable, Sendable {
  /// A private cluster that poolops starts itself. `settings` are PostgreSQL's own names and values.
  case embedded(datasetScale: Int, settings: [String: String])
  /// A database that carries the staging mark; its URL is read from this environment variable, so that no secret stands in the file.
  case urlFromEnvironment(variable: String)
}

/// How blocks of baseline and retest alternate.
package struct PairsSpec: Hashable, Sendable {
  /// When the evidence may end the execution before the planned count.
  package enum Stopping: String, CaseIterable, Hashable, Sendable {
    /// Never.
    case planned = "false"
    /// At 8, 12, 16 and 20 pairs, each look a little surer than a single one would have to be.
    case looks = "true"
    /// After every pair: intervals that hold at all times at once, and are wider for it.
    case anyTime = "any_time"
  }

  /// Pairs of blocks; 1 is the plain before and after, and labelled so.
  package var count: Int
  package var stopping: Stopping
  /// Seed of the random order and of the load; nil draws one. It is stored either way.
  package var seed: UInt64?

  package init(count: Int = 8, stopEarly: Bool = true, seed: UInt64? = nil) {
    self.init(count: count, stopping: stopEarly ? .looks : .planned, seed: seed)
  }

  package init(count: Int, stopping: Stopping, seed: UInt64? = nil) {
    self.count = count
    self.stopping = stopping
    self.seed = seed
  }

  package var stopEarly: Bool {
    get { stopping != .planned }
    set { stopping = newValue ? .looks : .planned }
  }

  /// How many blocks may be measured again where the machine was disturbed: a quarter of them. Where more would have to be is no
  /// place to measure at.
  package var blocksAgain: Int { (2 * count + 3) / 4 }
}

/// What happens to the change after each verdict.
package struct AfterSpec: Hashable, Sendable {
  package enum Action: String, CaseIterable, Hashable, Sendable { case keep, rollback }
  package var go: Action
  package var noGo: Action
  package var inconclusive: Action
  package init(go: Action = .keep, noGo: Action = .rollback, inconclusive: Action = .rollback) {
    self.go = go
    self.noGo = noGo
    self.inconclusive = inconclusive
  }

  package func action(for decision: Decision) -> Action {
    switch decision {
    case .go: go
    case .noGo: noGo
    case .inconclusive: inconclusive
    }
  }
}

/// Which of the two configurations a run or block was measured under.
package enum Arm: String, CaseIterable, Hashable, Sendable {
  case baseline
  case retest
}
