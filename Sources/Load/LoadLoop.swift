internal import EventLoop
internal import Model
internal import Statistics
import Synchronization
internal import Workload

/// The body of a loop's thread.
///
/// Not generic: the methods of a generic class stay generic in the compiled program, and with them everything that they call.
/// The closure was made where the carrier's type is known, which saves 150 instructions a transaction.
final class LoopBody: ThreadBody {
  private struct State: Sendable {
    var outcome: LoadOutcome?
    var fault: LoadError?
    var isFinished = false
  }

  let threadName = "poolops-load"
  private let loop: @Sendable () throws(LoadError) -> LoadOutcome
  private let state = Mutex(State())

  init(_ loop: @escaping @Sendable () throws(LoadError) -> LoadOutcome) { self.loop = loop }

  var isFinished: Bool { state.withLock { $0.isFinished } }

  var result: (LoadOutcome?, LoadError?) { state.withLock { ($0.outcome, $0.fault) } }

  func run() {
    do throws(LoadError) {
      let outcome = try loop()
      state.withLock { $0.outcome = outcome }
    } catch {
      state.withLock { $0.fault = error }
    }
    state.withLock { $0.isFinished = true }
  }
}

/// What a loop does on its thread: builds the engine for the shape there, so that the engine never moves.
struct LoadLoop<Carrier: RequestCarrier & ~Copyable>: Sendable {
  let plan: LoadPlan
  /// When the warm-up begins; the same for all lanes of a load, so that their seconds agree.
  let start: Int64
  let shared: LoadShared
  let connector: Connector<Carrier.Attempt>
  let makeCarrier: @Sendable (LoadPlan) throws(ConnectFault) -> Carrier

  /// The visible list of shapes: a new one is a file under `Workload/Shapes` and a case here.
  func run() throws(LoadError) -> LoadOutcome {
    let schedule = Schedule(start: start, shape: plan.load.shape)
    let random = RandomSource(seed: plan.seed, stream: 1)
    let (start, end, thinkTime) = (schedule.start, schedule.end, plan.load.thinkTime)
    switch plan.load.shape {
    case .constant(let users, _, _), .soak(let users, _, _):
      return try begin(
        ConstantUsers(users: users, thinkTime: thinkTime, start: start, end: end, random: random), schedule)
    case .arrivalRate(let rate, let spacing, _, _):
      return try begin(
        ArrivalSchedule(rate: rate, spacing: spacing, start: start, end: end, random: random), schedule)
    case .ramp(let ramp): return try begin(profile: ramp.profile, schedule)
    case .spike(let spike): return try begin(profile: spike.profile, schedule)
    case .steps(let steps): return try begin(profile: steps.profile, schedule)
    case .rampingArrivalRate(let ramp):
      return try begin(RampingArrivals(ramp, start: start, end: end, random: random), schedule)
    case .iterations(let shape):
      return try begin(
        IteratingUsers(
          users: shape.users, iterations: shape.iterations, thinkTime: thinkTime, start: start,
          measured: schedule.measured, end: end, random: random),
        schedule)
    }
  }

  private func begin(profile: UserProfile, _ schedule: Schedule) throws(LoadError) -> LoadOutcome {
    let users = ChangingUsers(
      profile, thinkTime: plan.load.thinkTime, start: schedule.start, end: schedule.end,
      random: RandomSource(seed: plan.seed, stream: 1))
    return try begin(users, schedule)
  }

  /// Of a flow the shape gives the visits, else the requests themselves.
  private func begin<Source: RequestSource & ~Copyable>(
    _ source: consuming Source, _ schedule: Schedule
  ) throws(LoadError) -> LoadOutcome {
    guard plan.load.isFlow else { return try run(source, schedule) }
    let flow = Flow(
      source, steps: plan.load.transactions, end: schedule.end, random: RandomSource(seed: plan.seed, stream: 4),
      capacity: plan.load.shape.users ?? 64)
    return try run(flow, schedule)
  }

  private func run<Source: RequestSource & ~Copyable>(
    _ source: consuming Source, _ schedule: Schedule
  ) throws(LoadError) -> LoadOutcome {
    let carrier = try carrier()
    do throws(SystemError) {
      let poller = try Poller()
      let alarm = try Alarm()
      var engine = LoadEngine(
        plan: plan, schedule: schedule, source: source, carrier: carrier, poller: poller, alarm: alarm,
        shared: shared, connector: connector)
      return try engine.run()
    } catch {
      throw LoadError(code: .system, message: error.description)
    }
  }

  private func carrier() throws(LoadError) -> Carrier {
    do throws(ConnectFault) { return try makeCarrier(plan) } catch { throw LoadError(error) }
  }
}
