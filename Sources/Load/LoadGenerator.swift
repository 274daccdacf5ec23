internal import EventLoop
package import Model
import Synchronization

/// Puts a load on a server or an app: start it, take its slices once a second or so, join it.
///
/// Safe to use from any thread. A generator runs once.
package final class LoadGenerator: Sendable {
  let plan: LoadPlan
  private let running = Mutex<RunningLoad?>(nil)

  package init(_ plan: LoadPlan) { self.plan = plan }

  /// Opens one connection to see that the server can be had, closes it, and starts the load on threads of its own.
  ///
  /// Throws when that connection fails, so a wrong password or an unreachable server is told at once.
  package func start() throws(LoadError) {
    let started: RunningLoad
    switch plan.load.carrier {
    case .sql: started = try startSQL()
    case .http(let http): started = try startHTTP(http)
    }
    running.withLock { $0 = started }
  }

  /// Standard streams, the poller, wake-ups and the program's own files beside the connections.
  func requireDescriptors(_ connections: Int) throws(LoadError) {
    let wanted = connections + 128
    let limit = raiseDescriptorLimit(to: wanted)
    guard limit < wanted else { return }
    throw LoadError(
      code: .system,
      message: "\(connections) connections need \(wanted) open files, and this machine allows \(limit); "
        + "raise the hard limit of open files (ulimit -Hn)")
  }

  /// The seconds that were finished since the last call, in order; those of the warm-up have a negative `second`.
  package func takeSlices() -> [Slice] { running.withLock { $0?.takeSlices() ?? [] } }

  package var progress: LoadProgress {
    running.withLock { $0?.progress } ?? LoadProgress(total: plan.load.shape.warmUp + plan.load.shape.duration)
  }

  /// Whether `join` would return at once; false before `start`.
  package var isFinished: Bool { running.withLock { $0?.isFinished ?? false } }

  /// None before `start`.
  var lanes: [LoadLane] { running.withLock { $0?.lanes } ?? [] }

  /// Ends the load early. Requests in flight are abandoned: their statements are cancelled on the server.
  package func stop() { running.withLock { $0?.stop() } }

  /// Waits for the end of the load and of its connections.
  package func join() -> LoadReport {
    let lanes = lanes
    precondition(!lanes.isEmpty, "the load was not started")
    for lane in lanes { lane.join() }
    let results = lanes.map(\.loop.result)
    return LoadReport(
      slices: takeSlices(),
      totals: results.reduce(into: LoadTotals()) { sum, result in if let outcome = result.0 { sum.add(outcome.totals) }
      },
      effective: plan.settings, isComplete: results.allSatisfy { $0.0?.isComplete ?? false },
      fault: results.lazy.compactMap(\.1).first,
      firstFailure: results.map { $0.0?.firstFailure }.reduce(nil, FirstFailure.earlier))
  }
}
