import Model
import Statistics
import Store

/// Results as an execution leaves them, written through the store and made by a rule: no server and no time is needed.
struct SyntheticResults {
  var experiment = "tiny"
  var kind = ExecutionKind.experiment
  var pairs = 2
  var seconds = 6
  /// Ended by a stage that failed, before anything could be compared.
  var isCutOff = false
  var outcome = ExecutionOutcome.kept
  var note = "retest settings written"
  static let start: Int64 = 1_795_300_000_000_000

  private func at(_ second: Int) -> Timestamp { Timestamp(microseconds: Self.start + Int64(second) * 1_000_000) }

  @discardableResult
  func record(in project: TestProject, _ text: String) throws -> ExecutionID {
    let store = try ResultsStore.open(path: project.database, mode: .readWrite)
    defer { store.close() }
    let id = try store.beginExecution(
      experiment: experiment, text: text, digest: "ab12", seed: 7, kind: kind, at: at(0))
    try stage(store, id, .preflight, 0, "staging is ready")
    var runs: [Arm: RunID] = [:]
    for (index, arm) in [Arm.baseline, .retest].enumerated() {
      var wanted = PoolSettings()
      wanted.maxSize = index == 0 ? 2 : 8
      runs[arm] = try store.beginRun(
        id, arm: arm, wanted: wanted, environment: ["cores": "2", "load": "<b>eight</b> users"], at: at(0))
    }
    var position = 0
    for pair in 0..<pairs {
      for arm in [Arm.baseline, .retest] {
        guard let run = runs[arm] else { continue }
        try stage(store, id, .apply, position * seconds, note)
        try block(store, run, arm, pair: pair, position: position)
        position += 1
      }
    }
    for run in runs.values { try store.finishRun(run, status: isCutOff ? .aborted : .finished, at: at(99)) }
    if isCutOff {
      try stage(store, id, .retest, position * seconds, "guard tripped: error_rate > 50% for 1s", .failed)
    } else {
      try store.recordVerdict(
        id,
        Verdict(
          decision: .go, rules: [RuleOutcome(rule: "p(95) < 50ms", status: .passed, evidence: "12 ms (run-2)")],
          reason: "run-2 keeps its check."))
    }
    try store.finishExecution(id, outcome: isCutOff ? .failed : outcome, at: at(100))
    return id
  }

  private func stage(
    _ store: ResultsStore, _ id: ExecutionID, _ stage: Stage, _ second: Int, _ note: String,
    _ outcome: StageOutcome = .passed
  ) throws {
    _ = try store.recordStage(
      id, StageRecord(stage: stage, outcome: outcome, started: at(second), ended: at(second), note: note))
  }

  private func block(_ store: ResultsStore, _ run: RunID, _ arm: Arm, pair: Int, position: Int) throws {
    let id = try store.beginBlock(run: run, pair: pair, position: position, at: at(position * seconds))
    let slow = arm == .baseline ? 4.0 : 1.0
    let slices = (-1..<seconds - 1).map { second in
      var slice = Slice(second: second)
      slice.due = 60
      slice.completed = arm == .baseline ? 58 : 60
      slice.failed = arm == .baseline ? [.acquireTimeout: 2] : [:]
      slice.active = Gauge(mean: 1.5, max: 2)
      slice.waiting = Gauge(mean: slow, max: 9)
      let times = (1...slice.completed).map { Int64(Double($0) * slow * 200_000) }
      slice.histograms = [.latency: Histogram(times).encoded(), .query: Histogram(times).encoded()]
      return slice
    }
    let samples = (0..<seconds).map { second in
      ProbeSample(
        second: Double(second),
        values: [.serverCPUSeconds: Double(second) / 5, .machineTotalSeconds: Double(second) * 2])
    }
    try store.append(slices: slices, samples: samples, toBlock: id)
    try store.finishBlock(
      id, status: isCutOff ? .aborted : .finished, effective: nil, inFlightAtEnd: 0, at: at((position + 1) * seconds))
  }
}
