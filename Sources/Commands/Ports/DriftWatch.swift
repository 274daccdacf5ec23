import EventLoop
import Model
import Runner
import Staging
import Synchronization

/// Looks at the targets every few seconds while a load is on: whether each holds what it was given, and runs with it.
///
/// A look that fails tells nothing: an app or a server under load may be late to answer, and the guards see to that.
final class DriftWatch: WatchPort {
  /// One look costs the targets a query or a file read each: nothing that can be measured beside a load.
  static let interval = Duration.seconds(2)

  private let maker: TargetMaker
  private let interval: Duration
  private var loop: WatchLoop?
  private var thread: WorkerThread?

  init(_ maker: TargetMaker, interval: Duration = DriftWatch.interval) {
    self.maker = maker
    self.interval = interval
  }

  func begin(_ arm: Arm, of experiment: Experiment) throws(Failure) {
    end()
    do throws(SystemError) {
      let loop = WatchLoop(maker, experiment, arm, interval: interval, wake: try WakeUp())
      thread = try WorkerThread(loop)
      self.loop = loop
    } catch {
      throw Failure(.unexpected, "the targets cannot be watched: \(error)")
    }
  }

  func drift() -> String? { loop?.drift }

  func lastLook() -> String? {
    loop?.stop(looking: true)
    thread?.join()
    return loop?.drift
  }

  /// A look that is under way is left to itself; it changes nothing.
  func end() {
    loop?.stop(looking: false)
    loop = nil
    thread = nil
  }
}

private final class WatchLoop: ThreadBody {
  private struct State: Sendable {
    var drift: String?
    var isStopped = false
    var looksOnceMore = false
  }

  let threadName = "poolops-watch"
  private let maker: TargetMaker
  private let experiment: Experiment
  private let arm: Arm
  private let interval: Duration
  private let wake: WakeUp
  private let state = Mutex(State())

  init(_ maker: TargetMaker, _ experiment: Experiment, _ arm: Arm, interval: Duration, wake: WakeUp) {
    self.maker = maker
    self.experiment = experiment
    self.arm = arm
    self.interval = interval
    self.wake = wake
  }

  var drift: String? { state.withLock { $0.drift } }

  func stop(looking: Bool) {
    state.withLock {
      $0.isStopped = true
      $0.looksOnceMore = looking
    }
    wake.signal()
  }

  func run() {
    guard let targets = try? maker.targets(of: experiment) else { return }
    while !waitOrStop(), drift == nil { look(at: targets) }
    if state.withLock({ $0.looksOnceMore && $0.drift == nil }) { look(at: targets) }
  }

  /// Whether it was stopped.
  private func waitOrStop() -> Bool {
    _ = waitUntilReady(wake.descriptor, output: false, nanoseconds: Int64(interval.seconds * 1e9))
    return state.withLock { $0.isStopped }
  }

  private func look(at targets: [any ChangeTarget]) {
    for target in targets {
      guard let found = try? change(in: target) ?? value(of: target) else { continue }
      return state.withLock { $0.drift = found }
    }
  }

  /// What the target holds, beside what it was given: planning the same again must change nothing.
  private func change(in target: any ChangeTarget) throws(StagingError) -> String? {
    let found = try target.snapshot()
    let given = try target.planned(arm, over: found)
    guard found != given else { return nil }
    let place = maker.project.locator(of: target.locator)
    guard let found else { return "\(place) is gone while the load was on" }
    let (now, then) = (found.split(separator: "\n"), given.split(separator: "\n"))
    let added = now.filter { !then.contains($0) }.joined(separator: ", ")
    let lost = then.filter { !now.contains($0) }.joined(separator: ", ")
    return "\(place) was changed by somebody else while the load was on: it holds \(added.isEmpty ? "nothing" : added)"
      + " in place of \(lost.isEmpty ? "nothing" : lost)"
  }

  private func value(of target: any ChangeTarget) throws(StagingError) -> String? {
    let differences = try target.verify(arm, within: .zero).differences
    guard !differences.isEmpty else { return nil }
    return "\(maker.project.locator(of: target.locator)) runs with other values since: \(differences.sentence)"
  }
}
