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

  init(total: Duration) throws(SystemError) {
    wake = try WakeUp()
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

  func takeFinished() -> [FinishedSlice] {
    state.withLock { state in
      defer { state.finished = [] }
      return state.finished
    }
  }
}
