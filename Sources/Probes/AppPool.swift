import EventLoop
internal import Glibc
import Model
import Synchronization
import Telemetry

/// Tells of a pool when it is asked.
package protocol PoolTeller: Sendable {
  /// The pool at this moment. Keeps to a time limit, whatever the other side does.
  func tell() throws(PageFault) -> PoolReading
}

/// Asks an app, or the console of its pooler, for the pool's gauges again and again, on a thread of its own: who answers late, or
/// never, holds up nobody. Who is gone is told as gone, with the reason, and comes back by itself.
package final class AppPool: Sendable {
  /// What was told, when it was asked for and when it came: seconds on `AppPool.clockSeconds`.
  package struct Reading: Hashable, Sendable {
    package var asked: Double
    package var at: Double
    package var pool: PoolReading
  }

  private let asker: Asker

  /// - Parameters:
  ///   - token: a bearer token; never shown.
  ///   - interval: from one question to the next.
  package convenience init(
    _ endpoint: PoolEndpoint, source: some PageSource, token: String? = nil, every interval: Duration = .seconds(1)
  ) throws(SystemError) {
    try self.init(EndpointTeller(endpoint, source: source, token: token), every: interval)
  }

  package init(_ teller: some PoolTeller, every interval: Duration = .seconds(1)) throws(SystemError) {
    asker = Asker(teller, interval: interval.seconds, wakeUp: try WakeUp())
    _ = try WorkerThread(asker)
  }

  /// The thread ends by itself, after the answer that it waits for.
  deinit { asker.stop() }

  /// What was told since the last call, oldest first.
  package func take() -> [Reading] { asker.take() }

  /// Why the app tells nothing at the moment; nil while it does.
  package var fault: String? { asker.fault }

  private static let origin = ContinuousClock.now
  package static func clockSeconds() -> Double { (ContinuousClock.now - origin).seconds }
}

private final class Asker: ThreadBody {
  private struct State {
    /// Not taken yet; the newest ones.
    var readings: [AppPool.Reading] = []
    var fault: String? = "it has not answered yet"
    var isStopped = false
  }

  let threadName = "app-pool"
  private let teller: any PoolTeller
  private let wakeUp: WakeUp
  private let state = Mutex(State())

  /// Seconds from one question to the next.
  private let interval: Double
  private static let mostKept = 60

  init(_ teller: any PoolTeller, interval: Double, wakeUp: WakeUp) {
    self.teller = teller
    self.interval = interval
    self.wakeUp = wakeUp
  }

  var fault: String? { state.withLock { $0.fault } }

  func take() -> [AppPool.Reading] {
    state.withLock { state in
      defer { state.readings = [] }
      return state.readings
    }
  }

  func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp.signal()
  }

  func run() {
    var due = AppPool.clockSeconds()
    while !state.withLock({ $0.isStopped }) {
      ask()
      // What came late does not make the next ones come in a heap.
      due = max(due + interval, AppPool.clockSeconds())
      wait(until: due)
    }
  }

  private func ask() {
    let asked = AppPool.clockSeconds()
    do throws(PageFault) {
      let pool = try teller.tell()
      let at = AppPool.clockSeconds()
      state.withLock { state in
        state.fault = nil
        state.readings.append(AppPool.Reading(asked: asked, at: at, pool: pool))
        if state.readings.count > Self.mostKept { state.readings.removeFirst() }
      }
    } catch {
      state.withLock { $0.fault = error.description }
    }
  }

  private func wait(until due: Double) {
    let left = due - AppPool.clockSeconds()
    guard left > 0 else { return }
    var signal = pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&signal, 1, Int32((left * 1000).rounded(.up)))
  }
}

/// The endpoint of an app.
private struct EndpointTeller: PoolTeller {
  private let endpoint: PoolEndpoint
  private let reader: PoolReader
  private let source: any PageSource
  private let headers: [(name: String, value: String)]

  init(_ endpoint: PoolEndpoint, source: any PageSource, token: String?) {
    self.endpoint = endpoint
    self.source = source
    reader = PoolReader(endpoint)
    headers = [("Accept", endpoint.format.accepted)] + (token.map { [("Authorization", "Bearer \($0)")] } ?? [])
  }

  func tell() throws(PageFault) -> PoolReading {
    let page = try source.page(
      endpoint.url, headers: headers, timeout: endpoint.timeout, limit: PrometheusText.maximumBytes)
    guard (200..<300).contains(page.status) else { throw PageFault("it answers with status \(page.status)") }
    do throws(PoolReadingFault) { return try reader.read(page.body) } catch { throw PageFault(error.description) }
  }
}

extension PoolEndpoint.Format {
  /// Of the header `Accept`: what a server that knows several should choose.
  var accepted: String {
    switch self {
    case .auto: "*/*"
    case .json: "application/json, */*;q=0.1"
    case .prometheus: "text/plain;version=0.0.4, */*;q=0.1"
    }
  }
}
