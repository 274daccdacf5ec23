internal import EventLoop
internal import Model
internal import Statistics
internal import Workload

/// What is done once a second: the second is published, and the next begins.
extension LoadEngine where Source: ~Copyable, Carrier: ~Copyable {
  /// Ends every second that is over at `now`. Requests that fell due in it and were not yet acted on count as due in it.
  mutating func cross(_ now: Int64) {
    var overdue: [DueRequest] = []
    while now >= boundary, !isOver { endSecond(&overdue) }
    if !isOver, isToEnd { endEarly(now, &overdue) }
    if isOver { return }
    for request in overdue { issue(request, now) }
    observe(now)
  }

  private mutating func endSecond(_ overdue: inout [DueRequest]) {
    takeDue(before: boundary, &overdue)
    publish(end: boundary, second: schedule.second(of: boundary - 1))
    if boundary == schedule.measured { totals.inFlightAtStart = tally.inFlight }
    isOver = boundary == schedule.end
    boundary = schedule.secondEnd(after: boundary)
    if !isOver { alarm.set(at: boundary) }
  }

  /// Whether the load is over before its time: stopped, or through with what it had to ask.
  @inline(__always)
  var isToEnd: Bool { shared.isStopped || tally.ended >= requestLimit || isThrough }

  /// A source is only asked while nothing runs, since a call of it for each request would be felt.
  @inline(__always)
  private var isThrough: Bool { tally.inFlight == 0 && source.isExhausted }

  private mutating func endEarly(_ now: Int64, _ overdue: inout [DueRequest]) {
    takeDue(before: now, &overdue)
    publish(end: now, second: schedule.second(of: now))
    isCutShort = !isThrough
    isOver = true
  }

  private mutating func takeDue(before limit: Int64, _ overdue: inout [DueRequest]) {
    while let request = source.take(dueAt: limit - 1) {
      overdue.append(request)
      countDue()
    }
  }

  private mutating func publish(end: Int64, second: Int) {
    observe(end)
    if Carrier.connectsOnDemand { recordConnections() }
    let used = ThreadCPUClock.now + carrier.helperCPU
    var finished = recorder.take(second: second, end: end, generatorCPU: Double(used - cpu) / 1e9)
    if let flows = source.takeFlows() {
      finished.slice.flows = FlowCounts(started: flows.started, completed: flows.succeeded, failed: flows.failed)
      finished.histograms.append((.flow, flows.durations))
    }
    cpu = used
    if second >= 0 { totals.add(finished.slice, inFlight: tally.inFlight) }
    shared.publish(finished, progress(finished, elapsed: end - schedule.start, second: second))
  }

  private borrowing func progress(_ finished: FinishedSlice, elapsed: Int64, second: Int) -> LoadProgress {
    LoadProgress(
      elapsed: .nanoseconds(elapsed), total: .nanoseconds(schedule.end - schedule.start), isWarmUp: second < 0,
      rate: finished.slice.completed + finished.slice.failures, errors: tally.failed, active: pool.active,
      idle: pool.idle,
      waiting: pool.waiting)
  }
}
