internal import EventLoop
internal import Model
internal import Statistics
import Synchronization

/// What the loop's thread and its owner share. The loop takes the lock once a second.
final class LoadShared: Sendable {
  private struct State: Sendable {
    var finished: [FinishedSlice] = []
    var progress: LoadProgress
    /// Of the last second; its p95 is worked out when somebody asks.
    var latency = Histogram()
  }
  private let state: Mutex<State>
  private let stopFlag = Atomic<Bool>(false)
  let wake: WakeUp
  private let question = Atomic<Bool>(false)
  private let told = Mutex<PoolTelling?>(nil)
  /// Signals that the loop has told of its pool.
  private let telling: WakeUp

  init(total: Duration) throws(SystemError) {
    wake = try WakeUp()
    telling = try WakeUp()
    state = Mutex(State(progress: LoadProgress(total: total)))
  }

  var isStopped: Bool { stopFlag.load(ordering: .relaxed) }

  func stop() {
    stopFlag.store(true, ordering: .relaxed)
    wake.signal()
  }

  var progress: LoadProgress {
    let (progress, latency) = state.withLock { ($0.progress, $0.latency) }
    var complete = progress
    complete.p95 = latency.quantile(0.95).map { $0 / 1e9 }
    return complete
  }

  func publish(_ slice: FinishedSlice, _ progress: LoadProgress) {
    state.withLock {
      $0.finished.append(slice)
      $0.progress = progress
      $0.latency = slice.histograms.first { $0.kind == .latency }?.histogram ?? Histogram()
    }
  }

  // MARK: What the pool tells of itself

  /// Asks the loop for its pool. It answers between two events, so nothing is spent on requests for it.
  func ask() {
    told.withLock { $0 = nil }
    telling.clear()
    question.store(true, ordering: .relaxed)
    wake.signal()
  }

  func takeQuestion() -> Bool { question.exchange(false, ordering: .relaxed) }

  func tell(_ pool: PoolTelling) {
    told.withLock { $0 = pool }
    telling.signal()
  }

  /// - Returns: nil where the loop has not answered by `deadline`.
  func answer(until deadline: Int64) -> PoolTelling? {
    while true {
      if let answer = told.withLock({ $0 }) { return answer }
      let left = deadline - MonotonicClock.now
      guard left > 0 else { return nil }
      _ = waitUntilReady(telling.descriptor, output: false, nanoseconds: left)
    }
  }

  func takeFinished() -> [FinishedSlice] {
    state.withLock { state in
      defer { state.finished = [] }
      return state.finished
    }
  }
}
