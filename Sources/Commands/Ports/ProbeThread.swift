import EventLoop
import Glibc
import Model
import Postgres
import Probes
import Synchronization

/// Reads the probes of one block once a second, on a thread of its own: a server that does not answer holds up neither the
/// guards nor a person who wants to stop.
final class ProbeThread {
  private let loop: ProbeLoop
  private let thread: WorkerThread

  /// - Parameter warmUp: its end is second 0.
  init(warmUp: Duration, _ make: @escaping @Sendable () -> ProbeSet) throws(SystemError) {
    loop = ProbeLoop(warmUp: warmUp, wake: try WakeUp(), make)
    thread = try WorkerThread(loop)
  }

  /// What was read since the last call.
  func take() -> [ProbeSample] { loop.take() }

  /// What the app under load told last of its pool; nil while it tells nothing.
  var appPool: PoolGauges? { loop.appPool }

  /// Reads once more, and ends; returns what is left. A probe that hangs is left to itself.
  func finish() -> [ProbeSample] {
    loop.stop()
    let end = ContinuousClock.now + .milliseconds(300)
    while !loop.hasEnded, ContinuousClock.now < end { usleep(2000) }
    return loop.take()
  }
}

private final class ProbeLoop: ThreadBody {
  private struct State: Sendable {
    var samples: [ProbeSample] = []
    var appPool: PoolGauges?
    var isStopped = false
    var hasEnded = false
  }

  let threadName = "poolops-probe"
  private let warmUp: Duration
  private let start = ContinuousClock.now
  private let wake: WakeUp
  private let make: @Sendable () -> ProbeSet
  private let state = Mutex(State())

  init(warmUp: Duration, wake: WakeUp, _ make: @escaping @Sendable () -> ProbeSet) {
    self.warmUp = warmUp
    self.wake = wake
    self.make = make
  }

  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  var appPool: PoolGauges? { state.withLock { $0.appPool } }

  func take() -> [ProbeSample] {
    state.withLock { state in
      defer { state.samples = [] }
      return state.samples
    }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    wake.signal()
  }

  func run() {
    let probes = make()
    var tick = 0
    repeat {
      read(probes)
      tick = max(tick + 1, Int((ContinuousClock.now - start).seconds))
    } while !waitOrStop(until: start + .seconds(tick))
    read(probes)
    state.withLock { $0.hasEnded = true }
  }

  private func read(_ probes: ProbeSet) {
    let samples = probes.samples(second: (ContinuousClock.now - start - warmUp).seconds)
    state.withLock {
      $0.samples += samples
      $0.appPool = probes.appPool
    }
  }

  /// Whether it was stopped.
  private func waitOrStop(until moment: ContinuousClock.Instant) -> Bool {
    let nanoseconds = Int64((moment - .now).seconds * 1e9)
    if nanoseconds > 0 { _ = waitUntilReady(wake.descriptor, output: false, nanoseconds: nanoseconds) }
    return state.withLock { $0.isStopped }
  }
}
