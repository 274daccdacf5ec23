import EventLoop
import Glibc
import HTTP
import Model
import Monitor
import Report
import Synchronization

/// Sends what changes to one place over HTTP, on a thread of its own: nobody waits for it. What was not taken is sent again,
/// after a pause that grows.
final class AlertDelivery: MonitorListener {
  private let thread: DeliveryThread
  private let wakeUp: WakeUp

  /// How long what is left is tried at the end.
  private static let farewell = Duration.seconds(3)

  /// - Parameter say: hears why something could not be delivered, once each time that it begins to fail.
  init(_ destination: any AlertDestination, say: @escaping @Sendable (String) -> Void) throws(SystemError) {
    wakeUp = try WakeUp()
    thread = DeliveryThread(destination, wakeUp, say)
    _ = try WorkerThread(thread)
  }

  deinit { thread.stop() }

  func take(_ moment: MonitorMoment) { thread.take(moment) }

  func close() {
    thread.finish()
    let end = MonotonicClock.now + Self.farewell.nanoseconds
    while !thread.hasEnded, MonotonicClock.now < end { usleep(5000) }
    thread.stop()
  }
}

/// What a place is to be told, and how.
protocol AlertDestination: Sendable {
  /// For messages; nothing that is secret.
  var name: String { get }
  /// The requests that tell it of `moment`; empty where there is nothing new.
  func messages(_ moment: MonitorMoment) -> [DeliveryMessage]
}

/// One request, sent until it is taken.
struct DeliveryMessage: Sendable {
  var url: String
  var body: [UInt8]
  /// Whether a later message says all that this one does.
  var isSuperseded: Bool
}

private final class DeliveryThread: ThreadBody {
  private struct State {
    var queue: [DeliveryMessage] = []
    var lost = 0
    var isFinishing = false
    var isStopped = false
    var hasEnded = false
  }

  let threadName = "poolops-alerts"
  private let destination: any AlertDestination
  private let wakeUp: WakeUp
  private let say: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// Of one request.
  private static let timeout = Duration.seconds(5)
  private static let pauses: [Int64] = [1, 2, 4, 8, 15, 30].map { $0 * 1_000_000_000 }
  private static let mostKept = 200

  init(_ destination: any AlertDestination, _ wakeUp: WakeUp, _ say: @escaping @Sendable (String) -> Void) {
    self.destination = destination
    self.wakeUp = wakeUp
    self.say = say
  }

  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  func take(_ moment: MonitorMoment) {
    let messages = destination.messages(moment)
    guard !messages.isEmpty else { return }
    state.withLock { state in
      state.queue.removeAll { $0.isSuperseded }
      state.queue += messages
      let surplus = state.queue.count - Self.mostKept
      guard surplus > 0 else { return }
      state.queue.removeFirst(surplus)
      state.lost += surplus
    }
    wakeUp.signal()
  }

  func finish() {
    state.withLock { $0.isFinishing = true }
    wakeUp.signal()
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp.signal()
  }

  func run() {
    var failures = 0
    while let message = next() {
      if let fault = send(message) {
        if failures == 0 { say("\(destination.name) cannot be told: \(fault); it is tried again") }
        failures += 1
        put(back: message)
        wait(nanoseconds: Self.pauses[min(failures, Self.pauses.count) - 1])
      } else {
        if failures > 0 { say("\(destination.name) is told again" + lost()) }
        failures = 0
      }
    }
    state.withLock { $0.hasEnded = true }
  }

  /// Waits for something to send; nil at the end.
  private func next() -> DeliveryMessage? {
    while true {
      wakeUp.clear()
      let (message, isOver) = state.withLock { state -> (DeliveryMessage?, Bool) in
        if state.isStopped { return (nil, true) }
        if state.queue.isEmpty { return (nil, state.isFinishing) }
        return (state.queue.removeFirst(), false)
      }
      if message != nil || isOver { return message }
      _ = waitUntilReady(wakeUp.descriptor, output: false, nanoseconds: 1_000_000_000)
    }
  }

  private func put(back message: DeliveryMessage) {
    state.withLock { state in
      if message.isSuperseded, !state.queue.isEmpty { return }
      state.queue.insert(message, at: 0)
    }
  }

  private func lost() -> String {
    let lost = state.withLock { state in
      defer { state.lost = 0 }
      return state.lost
    }
    return lost == 0 ? "" : "; \(lost) changes meanwhile are lost"
  }

  private func wait(nanoseconds: Int64) {
    let start = MonotonicClock.now
    while true {
      let (isFinishing, isStopped) = state.withLock { ($0.isFinishing, $0.isStopped) }
      // At the end there is no time left for patience.
      let limit = isFinishing ? min(nanoseconds, 300_000_000) : nanoseconds
      if isStopped || MonotonicClock.now - start >= limit { return }
      usleep(20_000)
    }
  }

  /// nil when it was taken, else why not.
  private func send(_ message: DeliveryMessage) -> String? {
    do throws(HTTPFault) {
      var client = try HTTPClient(userAgent: "poolops/\(Poolops.version)")
      let answer = try client.fetch(
        message.url, method: "POST", headers: [("Content-Type", "application/json")], body: message.body,
        timeout: Self.timeout, bodyLimit: 1 << 16)
      return (200..<300).contains(answer.status) ? nil : "it answers with status \(answer.status)"
    } catch { return error.message }
  }
}
