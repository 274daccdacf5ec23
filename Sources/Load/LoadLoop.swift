internal import EventLoop
internal import Model
internal import Statistics
import Synchronization
internal import Workload

/// The body of the loop's thread: builds the engine for the shape there, so that the engine never moves.
final class LoadLoop<Carrier: RequestCarrier & ~Copyable>: LoopBody {
  private struct State: Sendable {
    var outcome: LoadOutcome?
    var fault: LoadError?
    var isFinished = false
  }

  let threadName = "poolops-load"
  private let plan: LoadPlan
  private let start: Int64
  private let shared: LoadShared
  private let connector: Connector<Carrier.Attempt>
  private let makeCarrier: @Sendable (LoadPlan) -> Carrier
  private let state = Mutex(State())

  /// - Parameter start: when the warm-up begins; the same for all lanes of a load, so that their seconds agree.
  init(
    plan: LoadPlan, start: Int64, shared: LoadShared, connector: Connector<Carrier.Attempt>,
    carrying makeCarrier: @escaping @Sendable (LoadPlan) -> Carrier
  ) {
    self.plan = plan
    self.start = start
    self.shared = shared
    self.connector = connector
    self.makeCarrier = makeCarrier
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
    let schedule = Schedule(start: start, shape: plan.load.shape)
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
      plan: plan, schedule: schedule, source: source, carrier: makeCarrier(plan), poller: poller, alarm: alarm,
      shared: shared, connector: connector)
    return try engine.run()
  }
}
