import Evidence
import Model
import Monitor

/// How an execution ended, for the command that started it.
package struct ExecutionResult: Sendable {
  /// nil when the preflight refused, so that nothing was recorded.
  package var id: ExecutionID?
  package var outcome: ExecutionOutcome
  package var runs: [Arm: RunID]
  package var verdict: Verdict?
  /// Why it was not judged.
  package var failure: Failure?

  package var status: ExitStatus {
    switch (outcome, verdict?.decision) {
    case (.kept, .go), (.rolledBack, .go): .go
    case (.kept, .noGo), (.rolledBack, .noGo): .noGo
    case (.kept, .inconclusive), (.rolledBack, .inconclusive): .inconclusive
    case (.rollbackUnverified, _): .rollbackUnverified
    case (.failed, _) where failure?.status == .interrupted || failure?.status == .terminated:
      failure?.status ?? .interrupted
    case (.failed, _): id == nil ? failure?.status ?? .unexpected : .rolledBack
    default: .unexpected
    }
  }
}

/// Everything that the runner acts through.
package struct RunnerPorts {
  package var staging: any StagingPort
  package var watch: any WatchPort
  package var load: any LoadPort
  package var record: any RecordPort
  package var observer: any Observer
  package var interrupts: any InterruptPort
  package init(
    staging: any StagingPort, watch: any WatchPort, load: any LoadPort, record: any RecordPort,
    observer: any Observer, interrupts: any InterruptPort
  ) {
    self.staging = staging
    self.watch = watch
    self.load = load
    self.record = record
    self.observer = observer
    self.interrupts = interrupts
  }
}

/// Carries out one execution: asks the machine for the next step, acts through the ports, reports what came of it.
package struct ExperimentRunner {
  /// Verdict over the pairs measured so far; `wasRehearsed`: the change was put back once and confirmed.
  package typealias Judge = (_ baseline: RecordedRun, _ retest: RecordedRun, _ wasRehearsed: Bool) -> Verdict

  let experiment: Experiment
  let source: ExperimentSource
  let ports: RunnerPorts
  let judge: Judge
  private var machine: ExecutionMachine
  let schedule: Schedule

  var id: ExecutionID?
  var environment: [String: String] = [:]
  var runs: [Arm: RunID] = [:]
  var wasRehearsed = false
  /// The pool's settings as the last verify read them back.
  var inForce: PoolSettings?
  var verdict: Verdict?
  /// Of a ramp into exhaustion.
  var lead: LeadTimes?
  /// How many blocks may still be measured again.
  var again: Int
  private var failure: Failure?

  /// - Parameter looks: numbers of pairs after which the verdict may end the execution early.
  package init(
    experiment: Experiment, source: ExperimentSource, looks: Set<Int>, ports: RunnerPorts, judge: @escaping Judge
  ) {
    self.experiment = experiment
    self.source = source
    self.ports = ports
    self.judge = judge
    schedule =
      experiment.isExhaustion ? .ramp : Schedule(pairs: experiment.pairs.count, seed: source.seed)
    again = experiment.pairs.blocksAgain
    machine = ExecutionMachine(experiment, schedule: schedule, looks: looks)
  }

  package mutating func carryOut() -> ExecutionResult {
    var event = ExecutionMachine.Event.start
    while true {
      let step = machine.next(after: event)
      if case .end(let outcome) = step { return finish(outcome) }
      do throws(Failure) {
        event = try act(step)
      } catch {
        event = .failed(touched: note(error, during: step))
      }
    }
  }

  private mutating func act(_ step: ExecutionMachine.Step) throws(Failure) -> ExecutionMachine.Event {
    switch step {
    case .preflight: try preflight()
    case .rehearse: try rehearse()
    case .rollOut(let step): return .judged(try rollOut(step: step))
    case .apply(let arm): try apply(Aim(experiment, arm))
    case .measure(let block): try experiment.isExhaustion ? exhaust(block) : measure(block)
    case .judge(let pairs): return .judged(try experiment.isExhaustion ? decideLead() : decide(pairs: pairs))
    case .rollback: try control.rollback()
    case .confirm(let outcome): try confirm(outcome)
    case .end: break
    }
    return .done
  }

  /// Keeps the first failure, which is the cause; returns whether the target may have been changed.
  private mutating func note(_ error: Failure, during step: ExecutionMachine.Step) -> Bool {
    if failure == nil { failure = error }
    guard let id else { return false }
    try? ports.record.recordEvent(id, kind: "failure", text: "\(step): \(error.message)")
    return control.mayOwe
  }

  private mutating func finish(_ outcome: ExecutionOutcome) -> ExecutionResult {
    if let id {
      for run in runs.values {
        try? ports.record.finishRun(run, status: verdict == nil ? .aborted : .finished)
      }
      try? ports.record.finishExecution(id, outcome: outcome)
    }
    return ExecutionResult(id: id, outcome: outcome, runs: runs, verdict: verdict, failure: failure)
  }

  var stages: Stages { Stages(ports, of: id) }

  var control: ChangeControl {
    guard let id else { preconditionFailure("nothing is changed before the execution began") }
    return ChangeControl(ports, of: id, experiment)
  }
}

/// Where the experiment came from, as recorded with the execution.
package struct ExperimentSource: Hashable, Sendable {
  package var text: String
  /// SHA-256 of `text`, hexadecimal.
  package var digest: String
  package var seed: UInt64
  package init(text: String, digest: String, seed: UInt64) {
    self.text = text
    self.digest = digest
    self.seed = seed
  }
}
