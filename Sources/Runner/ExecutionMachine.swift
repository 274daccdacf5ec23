import Model

/// Which act of an execution follows which. It decides; the driver acts and tells it what came of it.
///
/// Rollback is reached from every state in which staging may have been touched, whatever went wrong there.
package struct ExecutionMachine: Sendable {
  /// What the driver is to do next.
  package enum Step: Hashable, Sendable {
    case preflight
    /// Apply the change, put it back, and read back that it is.
    case rehearse
    /// Apply the step of this index, put a short load on, and check it.
    case rollOut(step: Int)
    /// Write the arm's settings to the target (journal first) and read them back. Skipped writing where they are in force.
    case apply(Arm)
    case measure(PlannedBlock)
    /// Compare and decide over the pairs measured so far.
    case judge(pairs: Int)
    /// Put back what the target held before the execution.
    case rollback
    /// Read the target once more: it holds the kept change, or what it held before.
    case confirm(ExecutionOutcome)
    case end(ExecutionOutcome)
  }

  /// What came of the step.
  package enum Event: Hashable, Sendable {
    case start
    case done
    /// The step failed, a guard tripped, or a person interrupted. `touched`: the target may have been changed.
    case failed(touched: Bool)
    case judged(Decision)
  }

  /// Where the execution is.
  private enum State: Hashable {
    /// Nothing happened. To `preflight`.
    case new
    /// Looking only. To `rehearsing`, or what follows it, or `ended`.
    case preflight
    /// To `rollingOut`, or `applying` the first block's arm, or `rollingBack`.
    case rehearsing
    /// On the way to the change. To `rollingOut` the next step, `applying` the first block's arm, or `rollingBack`.
    case rollingOut(step: Int)
    /// Making the arm of block `index` effective. To `measuring`, or `rollingBack`.
    case applying(index: Int)
    /// Load is on. To `applying` of the next block, `judging` when a look is due, or `rollingBack`.
    case measuring(index: Int)
    /// To `applying` (not decided yet), `keeping`, `confirming` or `rollingBack`.
    case judging(measured: Int)
    /// GO, but the last block was a baseline: the change is applied once more. To `confirming`, or `rollingBack`.
    case keeping
    /// To `confirming`, whether or not all could be put back.
    case rollingBack(outcome: ExecutionOutcome)
    /// To `ended`, as unverified where something is not back; or to `rollingBack` when a change that should be kept is not in force.
    case confirming(outcome: ExecutionOutcome)
    case ended
  }

  private let schedule: Schedule
  private let looks: Set<Int>
  private let after: AfterSpec
  private let rehearses: Bool
  /// Number of steps of the rollout.
  private let steps: Int
  private var state = State.new

  /// - Parameter looks: numbers of pairs after which to judge before the planned end.
  package init(_ experiment: Experiment, schedule: Schedule, looks: Set<Int>) {
    self.schedule = schedule
    self.looks = looks
    after = experiment.after
    rehearses = experiment.rehearse
    steps = experiment.rollout?.steps.count ?? 0
  }

  package mutating func next(after event: Event) -> Step {
    if case .failed(let touched) = event { return failed(touched: touched) }
    switch (state, event) {
    case (.new, .start):
      state = .preflight
      return .preflight
    case (.preflight, .done) where rehearses:
      state = .rehearsing
      return .rehearse
    case (.preflight, .done), (.rehearsing, .done): return rollOut(step: 0)
    case (.rollingOut(let step), .judged(.go)): return rollOut(step: step + 1)
    case (.rollingOut, .judged): return rollback(.rolledBack)
    case (.applying(let index), .done):
      state = .measuring(index: index)
      return .measure(schedule.blocks[index])
    case (.measuring(let index), .done): return measured(index + 1)
    case (.judging(let measured), .judged(let decision)): return judged(decision, measured: measured)
    case (.keeping, .done): return confirm(.kept)
    case (.rollingBack(let outcome), .done): return confirm(outcome)
    case (.confirming(let outcome), .done): return end(outcome)
    default: preconditionFailure("\(event) cannot come in \(state)")
    }
  }

  private mutating func rollOut(step: Int) -> Step {
    guard step < steps else { return apply(index: 0) }
    state = .rollingOut(step: step)
    return .rollOut(step: step)
  }

  private mutating func apply(index: Int) -> Step {
    state = .applying(index: index)
    return .apply(schedule.blocks[index].arm)
  }

  private mutating func measured(_ count: Int) -> Step {
    let pairs = Schedule.pairs(after: count)
    let isLook = count % 2 == 0 && looks.contains(pairs)
    guard isLook || count == schedule.blocks.count else { return apply(index: count) }
    state = .judging(measured: count)
    return .judge(pairs: pairs)
  }

  private mutating func judged(_ decision: Decision, measured: Int) -> Step {
    if decision == .inconclusive, measured < schedule.blocks.count { return apply(index: measured) }
    guard after.action(for: decision) == .keep else { return rollback(.rolledBack) }
    guard schedule.blocks[measured - 1].arm != .retest else { return confirm(.kept) }
    state = .keeping
    return .apply(.retest)
  }

  private mutating func failed(touched: Bool) -> Step {
    switch state {
    // Each target is read once more: what could be put back is closed, and what could not stays owed.
    case .rollingBack(let outcome): return confirm(outcome)
    case .confirming(let outcome) where outcome != .kept: return end(.rollbackUnverified)
    default: return touched ? rollback(.failed) : end(.failed)
    }
  }

  private mutating func rollback(_ outcome: ExecutionOutcome) -> Step {
    state = .rollingBack(outcome: outcome)
    return .rollback
  }

  private mutating func confirm(_ outcome: ExecutionOutcome) -> Step {
    state = .confirming(outcome: outcome)
    return .confirm(outcome)
  }

  private mutating func end(_ outcome: ExecutionOutcome) -> Step {
    state = .ended
    return .end(outcome)
  }
}
