internal import EventLoop
internal import Model
import Synchronization

/// A load under way: one lane for each thread.
struct RunningLoad: Sendable {
  let lanes: [LoadLane]
  private var merge: SliceMerge

  /// Starts all lanes, or none.
  init<Carrier: RequestCarrier & ~Copyable>(
    _ plan: LoadPlan, connecting begin: @escaping @Sendable () -> Carrier.Attempt,
    carrying makeCarrier: @escaping @Sendable (LoadPlan) throws(ConnectFault) -> Carrier
  ) throws(LoadError) {
    var started: [LoadLane] = []
    do throws(SystemError) {
      let begun = MonotonicClock.now
      for index in 0..<plan.load.threads {
        let part = plan.part(index, of: plan.load.threads)
        started.append(try LoadLane(part, start: begun, connecting: begin, carrying: makeCarrier))
      }
    } catch {
      for lane in started {
        lane.shared.stop()
        lane.join()
      }
      throw LoadError(code: .system, message: error.description)
    }
    lanes = started
    merge = SliceMerge(lanes: started.count)
  }

  var isFinished: Bool { lanes.allSatisfy(\.loop.isFinished) }

  func stop() { for lane in lanes { lane.shared.stop() } }

  mutating func takeSlices() -> [Slice] {
    if lanes.count == 1 { return lanes[0].shared.takeFinished().map { $0.encoded() } }
    for (index, lane) in lanes.enumerated() { merge.add(lane.shared.takeFinished(), of: index) }
    return merge.take(all: isFinished).map { $0.encoded() }
  }

  var progress: LoadProgress { LoadProgress(merging: lanes.map(\.shared.progress)) }
}

/// One thread's part of a load: its loop, and the thread that opens its connections.
final class LoadLane: Sendable {
  let shared: LoadShared
  let loop: LoopBody
  private let loopThread: WorkerThread
  private let connectorThread: WorkerThread
  private let stopConnector: @Sendable () -> Void

  init<Carrier: RequestCarrier & ~Copyable>(
    _ plan: LoadPlan, start: Int64, connecting begin: @escaping @Sendable () -> Carrier.Attempt,
    carrying makeCarrier: @escaping @Sendable (LoadPlan) throws(ConnectFault) -> Carrier
  ) throws(SystemError) {
    shared = try LoadShared(total: plan.load.shape.warmUp + plan.load.shape.duration)
    let connector = try Connector(outcomeWake: shared.wake, begin: begin)
    connectorThread = try WorkerThread(connector)
    stopConnector = { connector.stop() }
    let work = LoadLoop(plan: plan, start: start, shared: shared, connector: connector, makeCarrier: makeCarrier)
    loop = LoopBody { () throws(LoadError) in try work.run() }
    do throws(SystemError) {
      loopThread = try WorkerThread(loop)
    } catch {
      connector.stop()
      connectorThread.join()
      throw error
    }
  }

  /// Waits for the end of the load and of its connections.
  func join() {
    loopThread.join()
    stopConnector()
    connectorThread.join()
  }
}
