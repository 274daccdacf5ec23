internal import EventLoop
internal import Model
internal import Statistics
internal import Workload

/// Connections, opened and closed as the pool wants it.
extension LoadEngine where Source: ~Copyable, Carrier: ~Copyable {
  mutating func open(_ connection: Int32, _ now: Int64) {
    connections[Int(connection)].asked = now
    connector.order(connection, deadline: now + connectTimeout)
  }

  mutating func close(_ connection: Int32) {
    carrier.close(Int(connection))
    connections[Int(connection)].generation &+= 1
    if !Carrier.connectsOnDemand { recorder.closed += 1 }
  }

  /// What other threads have left: connections that were opened or not, and a question.
  mutating func takeOutcomes() {
    shared.wake.clear()
    if shared.takeQuestion() { tellMonitor() }
    for outcome in connector.takeOutcomes() {
      now = MonotonicClock.now
      if now >= boundary { cross(now) }
      switch outcome.result {
      case .success(let attempt): establish(outcome.slot, attempt, now)
      case .failure(let fault): connectFailed(outcome.slot, fault.error, now)
      }
      perform(now)
      observe(now)
    }
  }

  private mutating func establish(_ slot: Int32, _ attempt: Carrier.Attempt, _ now: Int64) {
    guard let descriptor = carrier.adopt(attempt, Int(slot)) else { return connectFailed(slot, .serverGone, now) }
    connections[Int(slot)].request = -1
    connections[Int(slot)].isBlocked = false
    do throws(SystemError) {
      try poller.add(descriptor, token: token(slot))
    } catch {
      carrier.close(Int(slot))
      return connectFailed(slot, .sql("XX000"), now)
    }
    if !Carrier.connectsOnDemand {
      recorder.connect.record(now - connections[Int(slot)].asked)
      recorder.opened += 1
    }
    if let request = pool.established(slot, at: now) { hand(slot, request, now) }
  }

  private mutating func connectFailed(_ slot: Int32, _ error: ErrorClass, _ now: Int64) {
    totals.connectFailures[error, default: 0] += 1
    pool.connectFailed(slot, error, at: now)
  }

  private mutating func tellMonitor() {
    let moment = MonotonicClock.now
    shared.tell(PoolTelling(&pool, tally, at: moment, second: schedule.offset(of: moment)))
  }
}
