import Model

/// Which act of a sweep follows which. It decides; the driver acts and tells it what came of it.
///
/// Staging is put back from every state in which it may have been touched, whatever went wrong there.
package struct SweepMachine: Sendable {
  /// What the driver is to do next.
  package enum Step: Hashable, Sendable {
    case preflight
    /// Begin to be recorded, or go on where the record ends.
    case begin
    /// Make the pool of the next block effective: journal first, then write and read back.
    case apply(SweepBlock)
    case measure(SweepBlock)
    /// Put back what the target held before the sweep.
    case rollback
    case confirm(ExecutionOutcome)
    case end(ExecutionOutcome)
  }

  /// What came of the step.
  package enum Event: Hashable, Sendable {
    case start
    /// - next: the block that is to be measured now; nil when there is none. After `begin` and `measure`.
    case done(next: SweepBlock?)
    /// The step failed, or a person interrupted. `touched`: the target may have been changed.
    case failed(touched: Bool)
  }

  private enum State: Hashable {
    /// Nothing happened. To `looking`.
    case new
    /// Looking only. To `beginning`, or `ended`.
    case looking
    /// To `applying`, or `rollingBack` where nothing is missing.
    case beginning
    /// To `measuring`, or `rollingBack`.
    case applying(SweepBlock)
    /// Load is on. To `applying` of the next block, or `rollingBack`.
    case measuring
    /// To `confirming`, or `ended` as unverified.
    case rollingBack(ExecutionOutcome)
    /// To `ended`.
    case confirming(ExecutionOutcome)
    case ended
  }

  private var state = State.new

  package init() {}

  package mutating func next(after event: Event) -> Step {
    switch (state, event) {
    case (_, .failed(let touched)): return failed(touched: touched)
    case (.new, .start):
      state = .looking
      return .preflight
    case (.looking, .done):
      state = .beginning
      return .begin
    case (.beginning, .done(let block)), (.measuring, .done(let block)):
      guard let block else { return rollback(.rolledBack) }
      state = .applying(block)
      return .apply(block)
    case (.applying(let block), .done):
      state = .measuring
      return .measure(block)
    case (.rollingBack(let outcome), .done):
      state = .confirming(outcome)
      return .confirm(outcome)
    case (.confirming(let outcome), .done): return end(outcome)
    default: preconditionFailure("\(event) cannot come in \(state)")
    }
  }

  private mutating func failed(touched: Bool) -> Step {
    switch state {
    case .rollingBack, .confirming: end(.rollbackUnverified)
    default: touched ? rollback(.failed) : end(.failed)
    }
  }

  private mutating func rollback(_ outcome: ExecutionOutcome) -> Step {
    state = .rollingBack(outcome)
    return .rollback
  }

  private mutating func end(_ outcome: ExecutionOutcome) -> Step {
    state = .ended
    return .end(outcome)
  }
}
