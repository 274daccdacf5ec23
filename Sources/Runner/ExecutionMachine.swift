import Model

/// Which act of an execution follows which. It decides; the driver acts and tells it what came of it.
///
/// Rollback is reached from every state in which staging may have been touched, whatever went wrong there.
package struct ExecutionMachine: Sendable {
  /// What the driver is to do next.
  package enum Step: Hashable, Sendable {
    case preflight
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
    /// Looking only. To `applying` the first block's arm, or `ended`.
    case preflight
    /// Making the arm of block `index` effective. To `measuring`, or `rollingBack`.
    case applying(index: Int)
    /// Load is on. To `applying` of the next block, `judging` when a look is due, or `rollingBack`.
    case measuring(index: Int)
    /// To `applying` (not decided yet), `keeping`, `confirming` or `rollingBack`.
    case judging(measured: Int)
    /// GO, but the last block was a baseline: the change is applied once more. To `confirming`, or `rollingBack`.
    case keeping
    /// To `confirming`, or `ended` as unverified.
    case rollingBack(outcome: ExecutionOutcome)
    /// To `ended`; or to `rollingBack` when a change that should be kept is not in force.
    case confirming(outcome: ExecutionOutcome)
    case ended
  }

  private let schedule: Schedule
  private let looks: Set<Int>
  private let after: AfterSpec
  private var state = State.new

  /// - Parameter looks: numbers of pairs after which to judge before the planned end.
  package init(schedule: Schedule, looks: Set<Int>, after: AfterSpec) {
    self.schedule = schedule
    self.looks = looks
    self.after = after
  }

  package mutating func next(after event: Event) -> Step {
    if case .failed(let touched) = event { return failed(touched: touched) }
    switch (state, event) {
    case (.new, .start):
      state = .preflight
      return .preflight
    case (.preflight, .done): return apply(index: 0)
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
    case .rollingBack: return end(.rollbackUnverified)
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
