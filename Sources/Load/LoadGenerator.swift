internal import EventLoop
package import Model
internal import Postgres
internal import Statistics
import Synchronization
internal import Workload

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

/// Puts a load on a server: start it, take its slices once a second or so, join it.
///
/// Safe to use from any thread. A generator runs once.
package final class LoadGenerator: Sendable {
  private struct Running: Sendable {
    var shared: LoadShared
    var loop: LoadLoop
    var loopThread: WorkerThread
    var connector: Connector
    var connectorThread: WorkerThread
  }

  private let plan: LoadPlan
  private let running = Mutex<Running?>(nil)

  package init(_ plan: LoadPlan) { self.plan = plan }

  /// Opens one connection to see that the server can be had, closes it, and starts the load on a thread of its own.
  ///
  /// Throws when that connection fails, so a wrong password or an unreachable server is told at once.
  package func start() throws(LoadError) {
    let session = LoadSession(
      statementTimeout: plan.load.statementTimeout, statementCache: plan.settings.statementCache,
      statements: plan.load.transactions.count, usesLibpq: plan.usesLibpq)
    do throws(LoadFault) {
      try tryConnecting(to: plan.server, session, timeout: plan.settings.connectTimeout)
    } catch {
      throw LoadError(code: .cannotConnect(error.whileConnecting), message: error.message)
    }
    // Standard streams, the poller, wake-ups and the program's own files beside the pool.
    raiseDescriptorLimit(to: plan.settings.maxSize + 128)
    do throws(SystemError) {
      let started = try launch(session)
      running.withLock { $0 = started }
    } catch {
      throw LoadError(code: .system, message: error.description)
    }
  }

  private func launch(_ session: LoadSession) throws(SystemError) -> Running {
    let shared = try LoadShared(total: plan.load.shape.warmUp + plan.load.shape.duration)
    let connector = try Connector(server: plan.server, session: session, outcomeWake: shared.wake)
    let connectorThread = try WorkerThread(connector)
    let loop = LoadLoop(plan: plan, shared: shared, connector: connector)
    do throws(SystemError) {
      return Running(
        shared: shared, loop: loop, loopThread: try WorkerThread(loop), connector: connector,
        connectorThread: connectorThread)
    } catch {
      connector.stop()
      connectorThread.join()
      throw error
    }
  }

  /// The seconds that were finished since the last call, in order; those of the warm-up have a negative `second`.
  package func takeSlices() -> [Slice] {
    let shared = running.withLock { $0?.shared }
    return shared?.takeFinished().map { $0.encoded() } ?? []
  }

  package var progress: LoadProgress {
    running.withLock { $0?.shared }?.progress
      ?? LoadProgress(total: plan.load.shape.warmUp + plan.load.shape.duration)
  }

  /// Whether `join` would return at once; false before `start`.
  package var isFinished: Bool { running.withLock { $0?.loop }?.isFinished ?? false }

  /// Ends the load early. Requests in flight are abandoned: their statements are cancelled on the server.
  package func stop() { running.withLock { $0?.shared }?.stop() }

  /// Waits for the end of the load and of its connections.
  package func join() -> LoadReport {
    guard let running = running.withLock({ $0 }) else { preconditionFailure("the load was not started") }
    running.loopThread.join()
    running.connector.stop()
    running.connectorThread.join()
    let (outcome, fault) = running.loop.result
    return LoadReport(
      slices: takeSlices(), totals: outcome?.totals ?? LoadTotals(), effective: outcome?.effective ?? plan.settings,
      isComplete: outcome?.isComplete ?? false, fault: fault)
  }
}

/// The body of the loop's thread: builds the engine for the shape there, so that the engine never moves.
final class LoadLoop: ThreadBody {
  private struct State: Sendable {
    var outcome: LoadOutcome?
    var fault: LoadError?
    var isFinished = false
  }

  let threadName = "poolops-load"
  private let plan: LoadPlan
  private let shared: LoadShared
  private let connector: Connector
  private let state = Mutex(State())

  init(plan: LoadPlan, shared: LoadShared, connector: Connector) {
    self.plan = plan
    self.shared = shared
    self.connector = connector
  }

  var isFinished: Bool { state.withLock { $0.isFinished } }

  var result: (LoadOutcome?, LoadError?) { state.withLock { ($0.outcome, $0.fault) } }

  func run() {
    do throws(SystemError) {
      let outcome = try runShape()
      state.withLock { $0.outcome = outcome }
    } catch {
      state.withLock { $0.fault = LoadError(code: .system, message: error.description) }
    }
    state.withLock { $0.isFinished = true }
  }

  /// The visible list of shapes: a new one is a file under `Workload/Shapes` and a case here.
  private func runShape() throws(SystemError) -> LoadOutcome {
    let schedule = Schedule(start: MonotonicClock.now, shape: plan.load.shape)
    let random = RandomSource(seed: plan.seed, stream: 1)
    switch plan.load.shape {
    case .constant(let users, _, _):
      return try run(
        ConstantUsers(
          users: users, thinkTime: plan.load.thinkTime, start: schedule.start, end: schedule.end, random: random),
        schedule)
    case .arrivalRate(let rate, let spacing, _, _):
      return try run(
        ArrivalSchedule(rate: rate, spacing: spacing, start: schedule.start, end: schedule.end, random: random),
        schedule)
    }
  }

  private func run<Source: RequestSource & ~Copyable>(
    _ source: consuming Source, _ schedule: Schedule
  ) throws(SystemError) -> LoadOutcome {
    let poller = try Poller()
    let alarm = try Alarm()
    var engine = LoadEngine(
      plan: plan, schedule: schedule, source: source, poller: poller, alarm: alarm, shared: shared,
      connector: connector)
    return try engine.run()
  }
}
