import Evidence
import Model
import Monitor
import Report
import Store

/// Gathers what the go/no-go rules are decided from.
struct GoNoGoEvidence {
  private let project: Project
  private let policy: GoNoGoPolicy
  private let library: ExperimentLibrary
  private let world: World
  private let store: ResultsStore

  init(_ project: Project, _ policy: GoNoGoPolicy, _ world: World) throws(Failure) {
    self.project = project
    self.policy = policy
    self.world = world
    library = ExperimentLibrary(project, world)
    store = try ResultsStore.reading(project)
  }

  func input() throws(Failure) -> GoNoGo.Input {
    let (requirements, digests) = try requirements()
    let stored = try store.ask { () throws(StoreError) in
      (try store.executions(of: nil), try store.executions(of: nil, kind: .exhaustion))
    }
    let (executions, ramps) = (stored.0.map(\.withOwnDigest), stored.1.map(\.withOwnDigest))
    let newest = Dictionary((executions + ramps).map { ($0.id.experiment, $0) }) { $0.started < $1.started ? $1 : $0 }
    let required = requirements.compactMap { newest[$0.experiment] }
    return GoNoGo.Input(
      requirements: requirements, newest: newest, judgedAgain: try judgedAgain(required), digests: digests,
      now: world.now(), openUndos: try store.ask { () throws(StoreError) in try store.openChanges() },
      runbook: try runbookState(), code: try codeStates(required),
      attempts: policy.rollbackRehearsed ? executions.map(\.attempt) : nil, maxAge: policy.maxAge,
      manual: try manualItems())
  }

  private func requirements() throws(Failure) -> ([GoNoGo.Requirement], digests: [String: String]) {
    var requirements: [GoNoGo.Requirement] = []
    var digests: [String: String] = [:]
    let all = policy.experiments == nil ? try library.names : []
    for required in policy.experiments ?? all.map({ .init(experiment: $0) }) {
      let entry = try library.entry(required.experiment)
      // A ramp into exhaustion tries an alert and no change: it counts where the policy names it.
      if entry.experiment.isExhaustion, policy.experiments == nil { continue }
      requirements.append(
        .init(
          experiment: required.experiment, expects: entry.experiment.expects,
          maxAge: required.maxAge ?? policy.maxAge, changes: SettingChange.all(of: entry.experiment)))
      digests[required.experiment] = digest(of: entry.text)
    }
    return (requirements, digests)
  }

  private func judgedAgain(_ executions: [Execution]) throws(Failure) -> [ExecutionID: GoNoGo.Rejudgement] {
    var found: [ExecutionID: GoNoGo.Rejudgement] = [:]
    for execution in executions where execution.verdict != nil {
      found[execution.id] = try store.judgedAgain(execution)
    }
    return found
  }

  private func codeStates(_ executions: [Execution]) throws(Failure) -> [ExecutionID: GoNoGo.CodeState] {
    guard !policy.code.isEmpty else { return [:] }
    let code = MeasuredCode(project, policy.code, searchPath: world.variables["PATH"])
    var states: [ExecutionID: GoNoGo.CodeState] = [:]
    for execution in executions {
      guard let id = (execution.runs + execution.rollout).first else { continue }
      guard let run = try store.ask({ () throws(StoreError) in try store.run(id) }) else { continue }
      states[execution.id] = try code.state(of: run)
    }
    return states
  }

  private func runbookState() throws(Failure) -> GoNoGo.RunbookState {
    let shelf = RunbookShelf(project, store)
    var names = policy.runbooks ?? []
    if policy.runbooks == nil { names = try shelf.names }
    guard !names.isEmpty else { return .missing }
    var findings: [String] = []
    for name in names {
      for finding in try shelf.findings(name) { findings.append("\(name): \(finding.region) \(finding.phrase)") }
    }
    return findings.isEmpty ? .current : .disagreeing(findings)
  }

  private func manualItems() throws(Failure) -> [GoNoGo.ManualItem] {
    guard !policy.manual.isEmpty else { return [] }
    let signatures = try store.ask { () throws(StoreError) in try store.newestSignOffs() }
    return policy.manual.map { item in
      GoNoGo.ManualItem(
        id: item.id, text: item.text, subject: digest(of: item.text), maxAge: item.maxAge ?? policy.maxAge,
        signature: signatures.first { $0.item == item.id })
    }
  }
}

extension ResultsStore {
  /// The verdict that the production judgement gives on what an execution measured.
  func judgedAgain(_ execution: Execution) throws(Failure) -> GoNoGo.Rejudgement {
    guard let experiment = execution.experiment else {
      return .impossible("its experiment file is not one that this poolops reads")
    }
    if execution.kind == .exhaustion {
      guard let lead = try lead(of: execution), let run = execution.runs.first else {
        return .impossible("what its alert did is not recorded")
      }
      return .verdict(lead.verdict(of: run))
    }
    // A rollout that failed at a step ends before anything is compared.
    if execution.runs.isEmpty, let rollout = experiment.rollout, let last = execution.rollout.last {
      let step = try self.recorded(last)
      return .verdict(RolloutJudgement.judge(rollout, step: step, size: step.run.step ?? 0))
    }
    var recorded: [Arm: RecordedRun] = [:]
    for id in execution.runs {
      let run = try self.recorded(id)
      recorded[run.run.arm] = run
    }
    guard let baseline = recorded[.baseline], let retest = recorded[.retest] else {
      return .impossible("\(recorded[.baseline] == nil ? "its baseline" : "its retest") is not recorded")
    }
    return .verdict(
      Judgement.judge(experiment, baseline: baseline, retest: retest, wasRehearsed: execution.wasRehearsed))
  }
}

extension Execution {
  /// The digest as the recorded text gives it: a column of its own can say anything.
  fileprivate var withOwnDigest: Execution {
    var execution = self
    execution.experimentDigest = digest(of: experimentText)
    return execution
  }

  fileprivate var attempt: GoNoGo.Attempt {
    GoNoGo.Attempt(execution: self, changes: experiment.map(SettingChange.all) ?? [])
  }
}
