internal import EventLoop
internal import Model
internal import Statistics
internal import Workload

/// The loop: feeds the machines of `Workload` with sockets and the clock. Lives on one thread, owns all it touches.
///
/// A struct whose methods mutate it, not a class: exclusivity checks on the stored properties of a class would cost
/// 1,400 instructions a transaction, a quarter of what libpq itself needs. Its parts beside this file: what is done once a second,
/// connections opened and closed, answers that do not come, and what a carrier that connects by itself tells.
struct LoadEngine<Source: RequestSource & ~Copyable, Carrier: RequestCarrier & ~Copyable>: ~Copyable {
  private static var wakeToken: UInt64 { .max }
  private static var alarmToken: UInt64 { .max - 1 }

  let schedule: Schedule
  let connectTimeout: Int64
  let requestLimit: Int
  let shared: LoadShared
  let connector: Connector<Carrier.Attempt>
  var source: Source
  var carrier: Carrier
  var pool: PoolMachine
  private var mix: TransactionMix
  private let isMixed: Bool
  /// Whether the number of users, or of visits, changes while the load is on.
  private let haveUsersChanges: Bool
  var answers: Patience
  var firstBytes: Patience
  private let isPatient: Bool
  private var random: RandomSource
  var requests: RequestTable
  var connections: CellTable<ConnectionSlot>
  var poller: Poller
  /// Goes off at `boundary`.
  let alarm: Alarm
  var recorder: SliceRecorder
  var totals = LoadTotals()
  var tally = LoadTally()
  /// When the last thing happened: the clock as it was last read.
  var now: Int64
  /// When the running second is over.
  var boundary: Int64
  var cpu: Int64
  /// From here on nothing is issued and nothing counted.
  var isOver = false
  var isCutShort = false

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
      totals: totals, effective: pool.settings, isComplete: !isCutShort, firstFailure: tally.firstFailure)
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

  @inline(__always)
  mutating func observe(_ now: Int64) {
    recorder.observe(active: pool.active, idle: pool.idle, waiting: pool.waiting, at: now)
    if haveUsersChanges { recorder.observe(users: source.users, at: now) }
  }

  // MARK: Requests

  private var mayIssue: Bool {
    @inline(__always) mutating get { !isOver && tally.ended < requestLimit }
  }

  @inline(__always)
  private mutating func issueDue(_ now: Int64) {
    while source.nextDue <= now, let request = source.take(dueAt: now) {
      countDue()
      issue(request, now)
    }
  }

  @inline(__always)
  mutating func countDue() {
    recorder.due &+= 1
    tally.fallDue()
  }

  mutating func issue(_ due: DueRequest, _ now: Int64) {
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

  mutating func fail(_ slot: Int32, _ error: ErrorClass, _ now: Int64) {
    let request = requests.remove(slot)
    guard !isOver else { return }
    tally.fail(error, second: schedule.offset(of: now))
    recorder.fail(error, of: request.transaction)
    // One nanosecond later: a user without think time who is refused at once would else hold the loop at this moment for ever.
    source.finished(user: Int(request.user), succeeded: false, at: now + 1)
  }

  /// Returns whose request it was.
  @inline(__always)
  private mutating func complete(_ slot: Int32, _ now: Int64) -> Int {
    if !isOver {
      recorder.complete(requests[slot], at: now)
      tally.complete()
    }
    return Int(requests[slot].user)
  }

  // MARK: What the pool decided

  mutating func perform(_ now: Int64) {
    while let action = pool.nextAction() {
      switch action {
      case .fail(let request, let fault): refuse(request, pool.errorClass(of: fault), now)
      case .open(let connection): open(connection, now)
      case .close(let connection, _): close(connection)
      }
    }
  }

  @inline(__always)
  mutating func hand(_ connection: Int32, _ request: Int32, _ now: Int64) {
    if !Carrier.connectsOnDemand { recorder.wait.record(now &- requests[request].acted) }
    requests[request].sent = now
    connections[Int(connection)].request = request
    if !isPatient { watch(connection, request, now) }
    send(connection, request, now)
  }

  private mutating func refuse(_ request: Int32, _ error: ErrorClass, _ now: Int64) {
    recorder.wait.record(now &- requests[request].acted)
    tally.refuse(error)
    fail(request, error, now)
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

  /// The connection is gone, and with it the request that used it.
  private mutating func lose(_ connection: Int32, _ now: Int64) {
    let error = carrier.takeError(Int(connection))
    let request = takeRequest(connection)
    if request >= 0 { fail(request, error, now) }
    pool.broken(connection, at: now)
  }

  @inline(__always)
  mutating func takeRequest(_ connection: Int32) -> Int32 {
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

  borrowing func token(_ connection: Int32) -> UInt64 {
    UInt64(connections[Int(connection)].generation) << 32 | UInt64(connection)
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
