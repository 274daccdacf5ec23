internal import EventLoop
internal import Model
import Synchronization

/// Opens connections on a thread of its own, many at a time: a SCRAM handshake costs 2.5 ms of CPU, which would
/// hold up every request of the loop.
final class Connector<Connection: ConnectionAttempt>: ThreadBody {
  struct Outcome: Sendable {
    var slot: Int32
    var result: Result<Connection, ConnectFault>
  }

  private struct Inbox: Sendable {
    var orders: [(slot: Int32, deadline: Int64)] = []
    var outcomes: [Outcome] = []
    var isStopped = false
  }

  private struct Attempt {
    var slot: Int32
    var deadline: Int64
    var connection: Connection
    var watched: Int32 = -1
  }

  let threadName = "poolops-connect"
  private let begin: @Sendable () -> Connection
  private let inbox = Mutex(Inbox())
  private let orderWake: WakeUp
  private let outcomeWake: WakeUp

  /// - Parameters:
  ///   - outcomeWake: signalled when there are outcomes to take.
  ///   - begin: starts to open a connection.
  init(outcomeWake: WakeUp, begin: @escaping @Sendable () -> Connection) throws(SystemError) {
    self.begin = begin
    self.outcomeWake = outcomeWake
    orderWake = try WakeUp()
  }

  /// Opens a connection for `slot`; its outcome comes by `deadline`.
  func order(_ slot: Int32, deadline: Int64) {
    inbox.withLock { $0.orders.append((slot, deadline)) }
    orderWake.signal()
  }

  func takeOutcomes() -> [Outcome] {
    inbox.withLock { inbox in
      defer { inbox.outcomes = [] }
      return inbox.outcomes
    }
  }

  /// Ends the thread; attempts under way are given up.
  func stop() {
    inbox.withLock { $0.isStopped = true }
    orderWake.signal()
  }

  func run() {
    do throws(SystemError) {
      var poller = try Poller()
      try poller.add(orderWake.descriptor, token: .max)
      try serve(&poller)
    } catch {
      refuseAll(ConnectFault(error: .sql("XX000"), message: error.description))
    }
  }

  private func serve(_ poller: inout Poller) throws(SystemError) {
    var attempts: [Int32: Attempt] = [:]
    while true {
      let (orders, isStopped) = takeOrders()
      if isStopped { return }
      for order in orders { begin(order, &attempts, poller) }
      let count = try poller.wait(nanoseconds: pause(attempts))
      for index in 0..<count {
        let token = poller[index].token
        if token == .max {
          orderWake.clear()
        } else if let attempt = attempts[Int32(token)] {
          proceed(attempt, attempt.connection.advance(), &attempts, poller)
        }
      }
      giveUpLate(&attempts, poller)
    }
  }

  private func takeOrders() -> (orders: [(slot: Int32, deadline: Int64)], isStopped: Bool) {
    inbox.withLock { inbox in
      defer { inbox.orders = [] }
      return (inbox.orders, inbox.isStopped)
    }
  }

  private func pause(_ attempts: [Int32: Attempt]) -> Int64 {
    guard let next = attempts.values.map(\.deadline).min() else { return 3_600_000_000_000 }
    return next - MonotonicClock.now
  }

  private func begin(
    _ order: (slot: Int32, deadline: Int64), _ attempts: inout [Int32: Attempt], _ poller: borrowing Poller
  ) {
    let connection = begin()
    let attempt = Attempt(slot: order.slot, deadline: order.deadline, connection: connection)
    proceed(attempt, connection.beginning, &attempts, poller)
  }

  /// The descriptor may be another one after each step, so it is watched anew each time.
  private func proceed(
    _ attempt: Attempt, _ progress: AttemptProgress, _ attempts: inout [Int32: Attempt],
    _ poller: borrowing Poller
  ) {
    if attempt.watched >= 0 { poller.remove(attempt.watched) }
    switch progress {
    case .established: end(attempt, .success(attempt.connection), &attempts)
    case .failed(let fault): end(attempt, .failure(fault), &attempts)
    case .reading, .writing:
      var next = attempt
      next.watched = attempt.connection.descriptor
      let isReading = if case .reading = progress { true } else { false }
      do throws(SystemError) {
        try poller.add(next.watched, token: UInt64(attempt.slot), input: isReading, output: !isReading)
        attempts[attempt.slot] = next
      } catch {
        end(attempt, .failure(ConnectFault(error: .sql("XX000"), message: error.description)), &attempts)
      }
    }
  }

  private func end(
    _ attempt: Attempt, _ result: Result<Connection, ConnectFault>, _ attempts: inout [Int32: Attempt]
  ) {
    attempts[attempt.slot] = nil
    inbox.withLock { $0.outcomes.append(Outcome(slot: attempt.slot, result: result)) }
    outcomeWake.signal()
  }

  private func giveUpLate(_ attempts: inout [Int32: Attempt], _ poller: borrowing Poller) {
    let now = MonotonicClock.now
    for attempt in attempts.values where attempt.deadline <= now {
      if attempt.watched >= 0 { poller.remove(attempt.watched) }
      end(attempt, .failure(.timeout), &attempts)
    }
  }

  private func refuseAll(_ fault: ConnectFault) {
    inbox.withLock { inbox in
      for order in inbox.orders { inbox.outcomes.append(Outcome(slot: order.slot, result: .failure(fault))) }
      inbox.orders = []
    }
    outcomeWake.signal()
  }
}

extension ConnectFault {
  static let timeout = ConnectFault(error: .connectTimeout, message: "connect_timeout is over")
}

/// Opens one connection and closes it again: shows whether the server can be had at all. Waits `timeout` at most.
func tryConnecting(_ attempt: some ConnectionAttempt, timeout: Duration) throws(ConnectFault) {
  let begin = MonotonicClock.now
  var progress = attempt.beginning
  while true {
    let isWriting: Bool
    switch progress {
    case .established: return
    case .failed(let fault): throw fault
    case .reading: isWriting = false
    case .writing: isWriting = true
    }
    let left = timeout.nanoseconds - (MonotonicClock.now - begin)
    guard left > 0, waitUntilReady(attempt.descriptor, output: isWriting, nanoseconds: left) else { throw .timeout }
    progress = attempt.advance()
  }
}
