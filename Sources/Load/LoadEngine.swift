internal import EventLoop
internal import Model
internal import Statistics
internal import Workload

/// The moments of a load, on the monotonic clock.
struct Schedule: Sendable {
  /// The warm-up begins.
  let start: Int64
  /// The measured part begins.
  let measured: Int64
  /// Everything ends; no request falls due from here on.
  let end: Int64

  init(start: Int64, shape: LoadShape) {
    self.start = start
    measured = start + shape.warmUp.nanoseconds
    end = measured + shape.duration.nanoseconds
  }

  /// The second that `time` falls into, counted from the measured part.
  func second(of time: Int64) -> Int {
    let offset = time - measured
    let second = offset / 1_000_000_000
    return Int(offset % 1_000_000_000 < 0 ? second - 1 : second)
  }

  /// When the second that `time` falls into is over.
  func secondEnd(after time: Int64) -> Int64 { min(measured + Int64(second(of: time) + 1) * 1_000_000_000, end) }
}

/// The loop: feeds the machines of `Workload` with sockets and the clock. Lives on one thread, owns all it touches.
///
/// A struct whose methods mutate it, not a class: exclusivity checks on the stored properties of a class would cost
/// 1,400 instructions a transaction, a quarter of what libpq itself needs.
struct LoadEngine<Source: RequestSource & ~Copyable, Carrier: RequestCarrier & ~Copyable>: ~Copyable {
  private static var wakeToken: UInt64 { .max }
  private static var alarmToken: UInt64 { .max - 1 }

  private let schedule: Schedule
  private let connectTimeout: Int64
  private let requestLimit: Int
  private let shared: LoadShared
  private let connector: Connector<Carrier.Attempt>
  private var source: Source
  private var carrier: Carrier
  private var pool: PoolMachine
  private var mix: TransactionMix
  private let isMixed: Bool
  /// Whether the number of users, or of visits, changes while the load is on.
  private let haveUsersChanges: Bool
  private var answers: Patience
  private var firstBytes: Patience
  private let isPatient: Bool
  private var random: RandomSource
  private var requests: RequestTable
  private var connections: CellTable<ConnectionSlot>
  private var poller: Poller
  /// Goes off at `boundary`.
  private let alarm: Alarm
  private var recorder: SliceRecorder
  private var totals = LoadTotals()
  /// When the last thing happened: the clock as it was last read.
  private var now: Int64
  /// When the running second is over.
  private var boundary: Int64
  private var inFlight = 0
  private var answered = 0
  /// Requests that got no connection, and those of them that outwaited the acquire timeout.
  private var refused = 0
  private var timedOut = 0
  private var errors = 0
  private var firstFailure: FirstFailure?
  private var cpu: Int64
  /// From here on nothing is issued and nothing counted.
  private var isOver = false
  private var isCutShort = false

  init(
    plan: LoadPlan, schedule: Schedule, source: consuming Source, carrier: consuming Carrier,
    poller: consuming Poller, alarm: consuming Alarm, shared: LoadShared, connector: Connector<Carrier.Attempt>
  ) {
    self.schedule = schedule
    self.shared = shared
    self.connector = connector
    self.source = source
    self.carrier = carrier
    connectTimeout = plan.settings.connectTimeout.nanoseconds
    requestLimit = plan.requestLimit ?? .max
    pool = PoolMachine(
      settings: plan.settings, random: RandomSource(seed: plan.seed, stream: 2), failsWaiters: plan.load.carrier != .sql
    )
    random = RandomSource(seed: plan.seed, stream: 3)
    mix = TransactionMix(plan.load.transactions)
    isMixed = plan.load.transactions.count > 1
    haveUsersChanges = plan.load.isFlow || plan.load.shape.haveUsersChanges
    let requestTimeout = Carrier.connectsOnDemand ? nil : plan.load.requestTimeout
    let firstByteTimeout = Carrier.connectsOnDemand ? nil : plan.load.firstByteTimeout
    answers = Patience(limit: requestTimeout)
    firstBytes = Patience(limit: firstByteTimeout)
    isPatient = requestTimeout == nil && firstByteTimeout == nil
    requests = RequestTable(capacity: plan.load.shape.users ?? 1024)
    connections = CellTable(count: plan.settings.maxSize) { ConnectionSlot() }
    self.poller = poller
    self.alarm = alarm
    recorder = SliceRecorder(plan.load.transactions, begin: schedule.start)
    now = schedule.start
    boundary = schedule.secondEnd(after: schedule.start)
    cpu = ThreadCPUClock.now
  }

  /// Runs the load to its end, closes the connections, and returns what it counted.
  mutating func run() throws(SystemError) -> LoadOutcome {
    setTimerSlack(nanoseconds: 1)
    try poller.add(shared.wake.descriptor, token: Self.wakeToken)
    try poller.add(alarm.descriptor, token: Self.alarmToken)
    alarm.set(at: boundary)
    pool.start(at: schedule.start)
    perform(schedule.start)
    observe(schedule.start)
    recorder.observe(users: source.users, at: schedule.start)
    while !isOver { try turn() }
    try drain(bound: isCutShort ? 0 : 500_000_000)
    return LoadOutcome(
      totals: totals, effective: pool.settings, isComplete: !isCutShort, firstFailure: firstFailure)
  }

  /// One turn of the loop: what has fallen due, then what the sockets say.
  @inline(__always)
  private mutating func turn() throws(SystemError) {
    if now >= boundary || isToEnd {
      cross(now)
      if isOver { return }
    }
    var deadline = nextDeadline()
    if deadline <= now {
      proceed(now)
      deadline = nextDeadline()
    }
    try wait(until: min(deadline, boundary))
  }

  /// When something falls due that no socket will tell.
  @inline(__always)
  private mutating func nextDeadline() -> Int64 {
    let deadline = min(source.nextDue, pool.nextDeadline)
    return isPatient ? deadline : min(deadline, endOfPatience())
  }

  /// Waits for sockets until `deadline` and handles what they say.
  ///
  /// `now` is as old as the last batch took. Where the deadline is far that does no harm, and saves reading the clock.
  @inline(__always)
  private mutating func wait(until deadline: Int64) throws(SystemError) {
    if deadline - now < 5_000_000 { now = MonotonicClock.now }
    let isAlarmed = deadline == boundary && !isOver
    let count = try isAlarmed ? poller.wait() : poller.wait(nanoseconds: deadline - now)
    for index in 0..<count { handle(poller[index]) }
    if count == 0 || deadline - now < 5_000_000 { now = MonotonicClock.now }
  }

  // MARK: Seconds

  /// Ends every second that is over at `now`. Requests that fell due in it and were not yet acted on count as due in it.
  private mutating func cross(_ now: Int64) {
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
    if boundary == schedule.measured { totals.inFlightAtStart = inFlight }
    isOver = boundary == schedule.end
    boundary = schedule.secondEnd(after: boundary)
    if !isOver { alarm.set(at: boundary) }
  }

  /// Whether the load is over before its time: stopped, or through with what it had to ask.
  @inline(__always)
  private var isToEnd: Bool { shared.isStopped || answered >= requestLimit || isThrough }

  /// A source is only asked while nothing runs, since a call of it for each request would be felt.
  @inline(__always)
  private var isThrough: Bool { inFlight == 0 && source.isExhausted }

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
    errors += finished.slice.failures
    if second >= 0 { addToTotals(finished.slice) }
    shared.publish(finished, progress(finished, elapsed: end - schedule.start, second: second))
  }

  private mutating func recordConnections() {
    let connections = carrier.takeConnections()
    for time in connections.opened { recorder.connect.record(time.nanoseconds) }
    recorder.opened += connections.opened.count
    recorder.closed += connections.closed
  }

  private mutating func addToTotals(_ slice: Slice) {
    totals.due += slice.due
    totals.completed += slice.completed
    totals.failed.merge(slice.failed) { $0 + $1 }
    totals.inFlightAtEnd = inFlight
  }

  private borrowing func progress(_ finished: FinishedSlice, elapsed: Int64, second: Int) -> LoadProgress {
    LoadProgress(
      elapsed: .nanoseconds(elapsed), total: .nanoseconds(schedule.end - schedule.start), isWarmUp: second < 0,
      rate: finished.slice.completed + finished.slice.failures, errors: errors, active: pool.active, idle: pool.idle,
      waiting: pool.waiting)
  }

  @inline(__always)
  private mutating func observe(_ now: Int64) {
    recorder.observe(active: pool.active, idle: pool.idle, waiting: pool.waiting, at: now)
    if haveUsersChanges { recorder.observe(users: source.users, at: now) }
  }

  // MARK: Requests

  private var mayIssue: Bool {
    @inline(__always) mutating get { !isOver && answered < requestLimit }
  }

  @inline(__always)
  private mutating func issueDue(_ now: Int64) {
    while source.nextDue <= now, let request = source.take(dueAt: now) {
      countDue()
      issue(request, now)
    }
  }

  @inline(__always)
  private mutating func countDue() {
    recorder.due &+= 1
    inFlight &+= 1
  }

  private mutating func issue(_ due: DueRequest, _ now: Int64) {
    let slot = requests.add(request(due, now))
    if let connection = pool.request(slot, at: now) { hand(connection, slot, now) }
    if pool.hasActions { perform(now) }
  }

  @inline(__always)
  private mutating func request(_ due: DueRequest, _ now: Int64) -> Request {
    if !Carrier.connectsOnDemand { recorder.slip.record(now &- due.due) }
    return Request(
      due: due.due, acted: now, user: Int32(truncatingIfNeeded: due.user),
      transaction: due.transaction >= 0
        ? due.transaction : isMixed ? Int32(truncatingIfNeeded: mix.choose(&random)) : 0)
  }

  /// Does what has fallen due.
  private mutating func proceed(_ now: Int64) {
    if !isPatient { giveUpLate(now) }
    issueDue(now)
    if now >= pool.nextDeadline {
      pool.tick(at: now)
      perform(now)
    }
    observe(now)
  }

  private mutating func fail(_ slot: Int32, _ error: ErrorClass, _ now: Int64) {
    let request = requests.remove(slot)
    guard !isOver else { return }
    if firstFailure == nil { firstFailure = FirstFailure(second: second(of: now), error: error) }
    recorder.fail(error, of: request.transaction)
    inFlight &-= 1
    answered &+= 1
    // One nanosecond later: a user without think time who is refused at once would else hold the loop at this moment for ever.
    source.finished(user: Int(request.user), succeeded: false, at: now + 1)
  }

  /// Returns whose request it was.
  @inline(__always)
  private mutating func complete(_ slot: Int32, _ now: Int64) -> Int {
    if !isOver {
      recorder.complete(requests[slot], at: now)
      inFlight &-= 1
      answered &+= 1
    }
    return Int(requests[slot].user)
  }

  // MARK: Answers that do not come

  private mutating func watch(_ connection: Int32, _ request: Int32, _ now: Int64) {
    let entry = Patience.Entry(sent: now, connection: connection, request: request)
    if answers.isLimited { answers.watch(entry) }
    if firstBytes.isLimited { firstBytes.watch(entry) }
  }

  /// Whether the request of `entry` still waits for its answer, on the same connection.
  private func isOut(_ entry: Patience.Entry) -> Bool {
    connections[Int(entry.connection)].request == entry.request && requests[entry.request].sent == entry.sent
  }

  /// Forgets what was answered, so that nobody wakes up for it.
  private mutating func endOfPatience() -> Int64 {
    var end = Int64.max
    while let oldest = answers.oldest {
      if isOut(oldest) {
        end = answers.end(oldest)
        break
      }
      answers.forgetOldest()
    }
    while let oldest = firstBytes.oldest {
      if isOut(oldest), !carrier.hasBegun(Int(oldest.connection)) { return min(end, firstBytes.end(oldest)) }
      firstBytes.forgetOldest()
    }
    return end
  }

  private mutating func giveUpLate(_ now: Int64) {
    while endOfPatience() <= now {
      if let oldest = firstBytes.oldest, firstBytes.end(oldest) <= now {
        giveUp(oldest.connection, .firstByteTimeout, now)
      } else if let oldest = answers.oldest {
        giveUp(oldest.connection, .requestTimeout, now)
      }
    }
  }

  /// The request fails, and its connection with it: a late answer would be taken for the next one's.
  private mutating func giveUp(_ connection: Int32, _ error: ErrorClass, _ now: Int64) {
    fail(takeRequest(connection), error, now)
    pool.broken(connection, at: now)
    perform(now)
  }

  // MARK: What the pool decided

  private mutating func perform(_ now: Int64) {
    while let action = pool.nextAction() {
      switch action {
      case .fail(let request, let fault): refuse(request, pool.errorClass(of: fault), now)
      case .open(let connection): open(connection, now)
      case .close(let connection, _): close(connection)
      }
    }
  }

  @inline(__always)
  private mutating func hand(_ connection: Int32, _ request: Int32, _ now: Int64) {
    if !Carrier.connectsOnDemand { recorder.wait.record(now &- requests[request].acted) }
    requests[request].sent = now
    connections[Int(connection)].request = request
    if !isPatient { watch(connection, request, now) }
    send(connection, request, now)
  }

  private mutating func refuse(_ request: Int32, _ error: ErrorClass, _ now: Int64) {
    recorder.wait.record(now &- requests[request].acted)
    refused &+= 1
    if error == .acquireTimeout { timedOut &+= 1 }
    fail(request, error, now)
  }

  private mutating func open(_ connection: Int32, _ now: Int64) {
    connections[Int(connection)].asked = now
    connector.order(connection, deadline: now + connectTimeout)
  }

  private mutating func close(_ connection: Int32) {
    carrier.close(Int(connection))
    connections[Int(connection)].generation &+= 1
    if !Carrier.connectsOnDemand { recorder.closed += 1 }
  }

  @inline(__always)
  private mutating func send(_ connection: Int32, _ request: Int32, _ now: Int64) {
    let asked = requests[request]
    switch carrier.send(Int(asked.transaction), visit: Int(asked.user), Int(connection), &random) {
    case .sent: break
    case .blocked: setBlocked(connection, true)
    case .lost: lose(connection, now)
    }
  }

  // MARK: What the sockets say

  private mutating func handle(_ ready: Readiness) {
    if ready.token == Self.wakeToken { return takeOutcomes() }
    if ready.token == Self.alarmToken {
      alarm.clear()
      // In a silent second nothing else reads the clock.
      now = MonotonicClock.now
      return
    }
    let connection = Int32(truncatingIfNeeded: ready.token & 0xFFFF_FFFF)
    guard connections[Int(connection)].generation == UInt32(truncatingIfNeeded: ready.token >> 32) else { return }
    if ready.isWritable { flush(connection) }
    if ready.isReadable { receive(connection) }
  }

  @inline(__always)
  private mutating func receive(_ connection: Int32) {
    let reply = carrier.receive(Int(connection))
    // Also for a part of an answer: one that drips in would else stop the clock, and outlive its limit.
    now = MonotonicClock.now
    if case .pending = reply { return }
    if now >= boundary { cross(now) }
    switch reply {
    case .pending: break
    case .again: send(connection, connections[Int(connection)].request, now)
    case .done: finish(connection, now)
    case .failed: failRequest(connection, now)
    case .lost: lose(connection, now)
    }
    if pool.hasActions { perform(now) }
    // A user without think time goes on at once, not after the rest of the batch.
    if mayIssue { issueDue(now) }
    observe(now)
  }

  @inline(__always)
  private mutating func finish(_ connection: Int32, _ now: Int64) {
    if Carrier.connectsOnDemand { settleSending(connection, now) }
    let slot = takeRequest(connection)
    let user = complete(slot, now)
    // Released and asked for again it would be the same connection; to see that first saves 130 instructions.
    if mayIssue, pool.wouldStay(connection, at: now), carrier.isReusable(Int(connection)) {
      if let due = source.next(after: user, succeeded: true, at: now) {
        countDue()
        requests[slot] = request(due, now)
        return hand(connection, slot, now)
      }
    } else if !isOver {
      source.finished(user: user, succeeded: true, at: now)
    }
    requests.remove(slot)
    release(connection, now)
  }

  @inline(__always)
  private mutating func release(_ connection: Int32, _ now: Int64) {
    guard carrier.isReusable(Int(connection)) else { return pool.broken(connection, at: now) }
    if let request = pool.released(connection, at: now) { hand(connection, request, now) }
  }

  private mutating func failRequest(_ connection: Int32, _ now: Int64) {
    let error = carrier.takeError(Int(connection))
    if Carrier.connectsOnDemand, !settleSending(connection, now) { totals.connectFailures[error, default: 0] += 1 }
    fail(takeRequest(connection), error, now)
    release(connection, now)
  }

  /// Until it was sent, the request waited for one of the carrier's connections. Returns whether it was.
  @discardableResult
  private mutating func settleSending(_ connection: Int32, _ now: Int64) -> Bool {
    let slot = connections[Int(connection)].request
    let request = requests[slot]
    let sending = carrier.sending(Int(connection))
    let sent = sending.sent ?? now
    recorder.slip.record(request.acted &- request.due &+ max(sending.taken &- request.sent, 0))
    recorder.wait.record(sent &- request.acted)
    requests[slot].sent = sent
    return sending.sent != nil
  }

  /// The connection is gone, and with it the request that used it.
  private mutating func lose(_ connection: Int32, _ now: Int64) {
    let error = carrier.takeError(Int(connection))
    let request = takeRequest(connection)
    if request >= 0 { fail(request, error, now) }
    pool.broken(connection, at: now)
  }

  @inline(__always)
  private mutating func takeRequest(_ connection: Int32) -> Int32 {
    let request = connections[Int(connection)].request
    connections[Int(connection)].request = -1
    return request
  }

  private mutating func flush(_ connection: Int32) {
    switch carrier.flush(Int(connection)) {
    case .sent: setBlocked(connection, false)
    case .blocked: break
    case .lost:
      now = MonotonicClock.now
      if now >= boundary { cross(now) }
      lose(connection, now)
      perform(now)
      observe(now)
    }
  }

  private mutating func setBlocked(_ connection: Int32, _ isBlocked: Bool) {
    guard connections[Int(connection)].isBlocked != isBlocked else { return }
    connections[Int(connection)].isBlocked = isBlocked
    let descriptor = carrier.descriptor(Int(connection))
    guard descriptor >= 0 else { return }
    try? poller.watch(descriptor, token: token(connection), output: isBlocked)
  }

  private borrowing func token(_ connection: Int32) -> UInt64 {
    UInt64(connections[Int(connection)].generation) << 32 | UInt64(connection)
  }

  private mutating func takeOutcomes() {
    shared.wake.clear()
    if shared.takeQuestion() { tell() }
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

  /// What a monitor is told that asks just now.
  private mutating func tell() {
    let moment = MonotonicClock.now
    var gauges = PoolGauges()
    gauges[.max] = Double(pool.settings.maxSize)
    gauges[.total] = Double(pool.open)
    gauges[.inUse] = Double(pool.active)
    gauges[.idle] = Double(pool.idle)
    gauges[.waiting] = Double(pool.waiting)
    gauges[.oldestWait] = pool.oldestWait(at: moment).map { Double($0) / 1e9 }
    gauges[.timeouts] = Double(timedOut)
    // Whoever was answered and not refused had a connection, and whoever has one now will be.
    gauges[.acquisitions] = Double(answered - refused + pool.active)
    shared.tell(
      PoolTelling(at: moment, second: second(of: moment), gauges: gauges, firstFailure: firstFailure))
  }

  private borrowing func second(of time: Int64) -> Double { Double(time - schedule.measured) / 1e9 }

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

  // MARK: The end

  /// Lets statements that run come to their end for at most `bound` nanoseconds, cancels the rest, closes everything.
  private mutating func drain(bound: Int64) throws(SystemError) {
    pool.shutDown()
    now = MonotonicClock.now
    perform(now)
    let deadline = now + bound
    while pool.active > 0 {
      if now >= deadline || shared.isStopped { break }
      try wait(until: deadline)
    }
    for slot in 0..<connections.count {
      if carrier.isBusy(slot) { carrier.cancel(slot) }
      carrier.close(slot)
    }
  }
}

/// What a loop counted.
struct LoadOutcome: Sendable {
  var totals: LoadTotals
  var effective: PoolSettings
  var isComplete: Bool
  var firstFailure: FirstFailure?
}
