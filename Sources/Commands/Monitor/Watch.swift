import EventLoop
import Glibc
import Model
import Monitor
import Probes
import Synchronization

/// Reads each source once an interval, each on a thread of its own, and hands out what is watched to whoever asks: views, the
/// exporter, the recorder. A source that hangs holds up nobody.
///
/// Ends with `stop` or with its last reference; a thread that waits for an answer ends after it.
final class Watch: Sendable {
  private let hub: WatchHub
  private let wakeUps: [WakeUp]

  /// Begins to read.
  init(_ sources: [WatchedSource], _ settings: MonitorMachine.Settings = .init()) throws(SystemError) {
    hub = WatchHub(MonitorMachine(sources.map { ($0.name, $0.kind) }, settings))
    var wakeUps: [WakeUp] = []
    do throws(SystemError) {
      for source in sources {
        let wakeUp = try WakeUp()
        wakeUps.append(wakeUp)
        _ = try WorkerThread(WatchThread(source, hub, wakeUp, interval: settings.interval))
      }
    } catch {
      hub.stop()
      for wakeUp in wakeUps { wakeUp.signal() }
      throw error
    }
    self.wakeUps = wakeUps
  }

  deinit { stop() }

  /// What is known now. Never waits.
  var snapshot: MonitorSnapshot { hub.snapshot }

  /// Whether every source has told something, or why it does not.
  var hasHeardAll: Bool { hub.hasHeardAll }

  func stop() {
    hub.stop()
    for wakeUp in wakeUps { wakeUp.signal() }
  }
}

/// What the threads of a watch share.
private final class WatchHub: Sendable {
  private struct State {
    var machine: MonitorMachine
    var isStopped = false
  }

  private let state: Mutex<State>
  private let start = MonotonicClock.now

  init(_ machine: MonitorMachine) { state = Mutex(State(machine: machine)) }

  var isStopped: Bool { state.withLock { $0.isStopped } }
  func stop() { state.withLock { $0.isStopped = true } }
  var hasHeardAll: Bool { state.withLock { $0.machine.hasHeardAll } }

  var snapshot: MonitorSnapshot {
    let (now, wall) = (seconds, Timestamp(microseconds: WallClock.now / 1000))
    return state.withLock { $0.machine.snapshot(now: now, wall: wall) }
  }

  func take(_ said: Result<SourceReading, SourceFault>, of name: String) {
    let (now, wall) = (seconds, Timestamp(microseconds: WallClock.now / 1000))
    state.withLock { state in
      if !state.isStopped { state.machine.take(said, of: name, now: now, wall: wall) }
    }
  }

  private var seconds: Double { Double(MonotonicClock.now - start) / 1e9 }
}

/// Reads one source.
private final class WatchThread: ThreadBody {
  let threadName = "poolops-watch"
  private let source: WatchedSource
  private let hub: WatchHub
  private let wakeUp: WakeUp
  private let interval: Int64

  init(_ source: WatchedSource, _ hub: WatchHub, _ wakeUp: WakeUp, interval: Duration) {
    self.source = source
    self.hub = hub
    self.wakeUp = wakeUp
    self.interval = max(1_000_000, interval.nanoseconds)
  }

  func run() {
    let reader = source.open()
    var due = MonotonicClock.now
    while !hub.isStopped {
      do throws(SourceFault) { hub.take(.success(try reader.read()), of: source.name) } catch {
        hub.take(.failure(error), of: source.name)
      }
      // What came late does not make the next ones come in a heap.
      due = max(due + interval, MonotonicClock.now)
      wait(until: due)
    }
  }

  private func wait(until due: Int64) {
    while !hub.isStopped {
      let left = due - MonotonicClock.now
      guard left > 0 else { return }
      _ = waitUntilReady(wakeUp.descriptor, output: false, nanoseconds: left)
    }
  }
}
