import EventLoop
import Load
import Model
import Monitor
import Probes
import Synchronization
import Telemetry

/// Looks at the pool under load as a monitor would, from outside, and feeds the rule that is armed; on a thread of its own.
final class WarningThread {
  private let loop: WarningLoop
  private let thread: WorkerThread

  /// - Parameters:
  ///   - load: whose pool is looked at, and which tells of the first request that failed.
  ///   - app: whose own pool is looked at instead.
  init(_ rule: EarlyWarning.Rule, load: LoadGenerator, app: AppPool?) throws(SystemError) {
    loop = WarningLoop(rule, load: load, app: app, wake: try WakeUp())
    thread = try WorkerThread(loop)
  }

  /// What was found since the last call.
  func take() -> (samples: [WarningSample], failure: FirstFailure?) { loop.take() }

  var level: WarningLevel { loop.level }

  /// Ends at once; returns what is left.
  func finish() -> [WarningSample] {
    loop.stop()
    thread.join()
    return loop.take().samples
  }
}

private final class WarningLoop: ThreadBody {
  private struct State: Sendable {
    var samples: [WarningSample] = []
    var failure: FirstFailure?
    var level = WarningLevel.calm
    var isStopped = false
  }

  let threadName = "poolops-watch"
  private let rule: EarlyWarning.Rule
  private let load: LoadGenerator
  private let app: AppPool?
  private let wake: WakeUp
  private let state = Mutex(State())

  init(_ rule: EarlyWarning.Rule, load: LoadGenerator, app: AppPool?, wake: WakeUp) {
    self.rule = rule
    self.load = load
    self.app = app
    self.wake = wake
  }

  var level: WarningLevel { state.withLock { $0.level } }

  func take() -> (samples: [WarningSample], failure: FirstFailure?) {
    state.withLock { state in
      defer { state.samples = [] }
      return (state.samples, state.failure)
    }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    wake.signal()
  }

  func run() {
    var warning = EarlyWarning(rule)
    // An app is asked on a thread of its own, and what it answered is not to lie about for long.
    let interval = rule.interval.nanoseconds / (app == nil ? 1 : 5)
    var due = MonotonicClock.now
    repeat {
      if let told = load.askPool(within: rule.interval) { look(told, &warning) }
      // What came late does not make the next ones come in a heap.
      due = max(due + interval, MonotonicClock.now)
    } while !waitOrStop(until: due)
  }

  private func look(_ told: PoolTelling, _ warning: inout EarlyWarning) {
    let origin = told.at - Int64(told.second * 1e9)
    var samples: [WarningSample] = []
    if let app {
      for reading in app.take() {
        samples.append(sample(&warning, reading.pool.gauges, taken: second(reading.asked, since: origin), origin))
      }
    } else {
      samples.append(sample(&warning, told.gauges, taken: told.second, origin))
    }
    state.withLock {
      $0.samples += samples
      $0.failure = told.firstFailure
      $0.level = samples.last?.level ?? $0.level
    }
  }

  private func sample(
    _ warning: inout EarlyWarning, _ gauges: PoolGauges, taken: Double, _ origin: Int64
  ) -> WarningSample {
    let outlook = warning.take(PoolObservation(at: taken, gauges: gauges))
    return WarningSample(
      taken: taken, known: Double(MonotonicClock.now - origin) / 1e9, level: outlook.level, age: AgeSource(outlook),
      oldestWait: outlook.age, timeouts: gauges[.timeouts])
  }

  /// A moment on the clock of the app's readings as seconds of the load.
  private func second(_ moment: Double, since origin: Int64) -> Double {
    Double(MonotonicClock.now - origin) / 1e9 - (AppPool.clockSeconds() - moment)
  }

  /// Whether it was stopped.
  private func waitOrStop(until moment: Int64) -> Bool {
    let left = moment - MonotonicClock.now
    if left > 0 { _ = waitUntilReady(wake.descriptor, output: false, nanoseconds: left) }
    return state.withLock { $0.isStopped }
  }
}
