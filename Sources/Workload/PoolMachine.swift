package import Model
package import Statistics

/// A connection pool that decides and does nothing: events and the time go in, decisions come out.
///
/// Who gets a connection is the answer to the event that made it possible; that connection is then the request's until it is
/// reported `released` or `broken`. All else comes out of `nextAction`: after each event the driver performs all actions,
/// in order. `now` is nanoseconds of any clock that does not go back.
/// The rules, where pools differ:
/// - Requests wait first come, first served; a request never overtakes.
/// - The connection used last is used next, so that idle ones grow old and can be closed.
/// - The pool opens a connection for each waiter that has none coming, up to `max_size`.
/// - When opening fails the waiters stay, and the pool tries again, one connection at a time, after 100 ms, 200 ms ...
///   at most 1.6 s. A waiter whose time runs out meanwhile fails with the cause, not with the symptom.
///   A client of HTTP does otherwise (`failsWaiters`): each attempt is some request's, which fails with it.
package struct PoolMachine: ~Copyable {
  /// The life of one slot.
  package enum State: UInt8, BitwiseCopyable, Sendable {
    /// No connection. To `opening` when one is needed.
    case vacant
    /// The driver is opening it. To `idle` or `active` when established, to `vacant` when that failed.
    case opening
    /// Open and unused, in the idle list. To `active` when handed out; to `vacant` when closed for age, idleness or a break.
    case idle
    /// Carries a request. To `idle`, or straight to the next waiter, when released; to `vacant` when broken or too old.
    case active
  }

  struct Connection: BitwiseCopyable {
    var state = State.vacant
    /// Neighbours in the idle list; `newer` also links the vacant slots.
    var older: Int32 = -1
    var newer: Int32 = -1
    var idleSince: Int64 = 0
    /// When `max_lifetime`, shortened by its jitter, is over.
    var retirement: Int64 = .max
  }

  struct Waiter: BitwiseCopyable {
    var request: Int32
    /// All wait equally long at most, so deadlines are in the order of the queue and its head is the next to expire.
    var deadline: Int64
  }

  /// What is in force: what this pool really took.
  package let settings: PoolSettings
  /// Why the last attempt to open a connection failed; nil when it succeeded.
  package private(set) var connectFault: ErrorClass?
  package private(set) var active = 0
  package private(set) var idle = 0
  package private(set) var opening = 0
  /// Requests that wait for a connection. Stored: a computed property that borrows the whole machine copies it, at 64
  /// instructions a call (Swift 6.3).
  package private(set) var waiting = 0

  private let failsWaiters: Bool
  private let acquireTimeout: Int64
  private let idleTimeout: Int64
  private let maxWaiting: Int
  private var connections: Slab<Connection>
  private var waiters = Ring(filler: Waiter(request: 0, deadline: 0))
  private var actions = Ring(filler: PoolAction.open(connection: 0))
  private var firstVacant: Int32 = 0
  private var oldestIdle: Int32 = -1
  private var newestIdle: Int32 = -1
  /// No idle connection retires before this.
  private var nextRetirement = Int64.max
  private var failedAttempts = 0
  private var retryTime = Int64.min
  private var isShutDown = false
  private var random: RandomSource

  /// - Parameters:
  ///   - random: for the jitter of lifetimes.
  ///   - failsWaiters: whether an attempt to connect that fails takes the oldest waiter with it, and the next is made at once.
  package init(settings: PoolSettings, random: RandomSource, failsWaiters: Bool = false) {
    precondition(settings.maxSize >= 1, "a pool has at least one connection")
    precondition(!failsWaiters || settings.minSize == 0, "nobody is there to fail with an attempt for min_size")
    self.settings = settings
    self.random = random
    self.failsWaiters = failsWaiters
    acquireTimeout = settings.acquireTimeout?.nanoseconds ?? .max
    idleTimeout = settings.idleTimeout?.nanoseconds ?? .max
    maxWaiting = settings.maxWaiting ?? .max
    connections = Slab(repeating: Connection(), count: settings.maxSize)
    for slot in 0..<settings.maxSize { connections[slot].newer = Int32(slot + 1) }
    connections[settings.maxSize - 1].newer = -1
  }

  /// Connections that are open: active and idle.
  package var open: Int { active + idle }

  /// Nanoseconds that the oldest waiter has waited: 0 where nobody waits, nil where it may wait for ever, since deadlines are
  /// all that is kept.
  package mutating func oldestWait(at now: Int64) -> Int64? {
    guard waiting > 0, let head = waiters.first else { return 0 }
    return head.deadline == .max ? nil : max(0, acquireTimeout - (head.deadline - now))
  }

  package func state(of connection: Int) -> State { connections[connection].state }

  /// Whether `nextAction` has something.
  package private(set) var hasActions = false

  package mutating func nextAction() -> PoolAction? {
    let action = actions.popFirst()
    hasActions = !actions.isEmpty
    return action
  }

  private mutating func act(_ action: PoolAction) {
    actions.append(action)
    hasActions = true
  }

  /// The class under which a refused request is counted.
  package func errorClass(of fault: PoolFault) -> ErrorClass {
    switch fault {
    case .acquireTimeout: .acquireTimeout
    case .queueFull: .queueFull
    case .cannotConnect: connectFault ?? .acquireTimeout
    }
  }

  // MARK: Events

  /// Opens `min_size` connections.
  package mutating func start(at now: Int64) { grow(now) }

  /// A request asks for a connection. Returns the one that it gets at once; nil when it waits, or is refused.
  package mutating func request(_ request: Int32, at now: Int64) -> Int32? {
    precondition(!isShutDown, "the pool is shut down")
    while newestIdle >= 0 {
      let connection = newestIdle
      unlinkIdle(connection)
      if connections[Int(connection)].retirement > now { return handed(connection) }
      vacate(connection, .lifetime)
      grow(now)
    }
    queue(request, now)
    return nil
  }

  private mutating func queue(_ request: Int32, _ now: Int64) {
    expireWaiters(now)
    if waiting - coming(now) >= maxWaiting { return act(.fail(request: request, .queueFull)) }
    waiters.append(Waiter(request: request, deadline: sum(now, acquireTimeout)))
    waiting &+= 1
    grow(now)
  }

  /// The request that held the connection is finished, and the connection is fit for another. Returns the request that gets it.
  package mutating func released(_ connection: Int32, at now: Int64) -> Int32? {
    precondition(connections[Int(connection)].state == .active, "only an active connection can be released")
    active &-= 1
    return offer(connection, now)
  }

  /// Whether an active connection, if it were released now, would be what the next request gets: it goes to nobody else and
  /// not to its end, and the one used last is used next. Then both may be left out.
  package mutating func wouldStay(_ connection: Int32, at now: Int64) -> Bool {
    waiting == 0 && !isShutDown && connections[Int(connection)].retirement > now
  }

  /// The connection is lost, whether a request held it or not. The driver gets it back as `close`.
  package mutating func broken(_ connection: Int32, at now: Int64) {
    switch connections[Int(connection)].state {
    case .active: active &-= 1
    case .idle: unlinkIdle(connection)
    case .opening, .vacant: preconditionFailure("only an open connection can break")
    }
    vacate(connection, .broken)
    grow(now)
  }

  /// The connection is open. Returns the request that gets it.
  package mutating func established(_ connection: Int32, at now: Int64) -> Int32? {
    precondition(connections[Int(connection)].state == .opening, "the connection was not being opened")
    opening &-= 1
    failedAttempts = 0
    retryTime = .min
    connectFault = nil
    connections[Int(connection)].retirement = retirement(from: now)
    let request = offer(connection, now)
    grow(now)
    return request
  }

  package mutating func connectFailed(_ connection: Int32, _ fault: ErrorClass, at now: Int64) {
    precondition(connections[Int(connection)].state == .opening, "the connection was not being opened")
    opening &-= 1
    makeVacant(connection)
    connectFault = fault
    if failsWaiters { return failOldest(now) }
    // Attempts that were under way together count as one failure.
    guard now >= retryTime else { return }
    failedAttempts &+= 1
    retryTime = now + (100_000_000 << Int64(min(failedAttempts - 1, 4)))
  }

  private mutating func failOldest(_ now: Int64) {
    if let waiter = waiters.popFirst() {
      waiting &-= 1
      act(.fail(request: waiter.request, .cannotConnect))
    }
    grow(now)
  }

  /// Does what has fallen due: call it at `nextDeadline`, or whenever.
  package mutating func tick(at now: Int64) {
    guard !isShutDown else { return }
    expireWaiters(now)
    closeIdle(now)
    closeRetired(now)
    grow(now)
  }

  /// Forgets the waiters, closes what is idle and, as it is released, the rest.
  package mutating func shutDown() {
    isShutDown = true
    waiters.removeAll()
    waiting = 0
    while newestIdle >= 0 {
      let connection = newestIdle
      unlinkIdle(connection)
      vacate(connection, .shutDown)
    }
  }

  /// When `tick` has something to do at the latest; `Int64.max` when nothing is pending.
  package var nextDeadline: Int64 {
    // Mutating for the same reason as `waiting` is stored.
    mutating get {
      guard !isShutDown else { return .max }
      var deadline = idle > 0 ? nextRetirement : .max
      if waiting > 0, let head = waiters.first { deadline = min(deadline, head.deadline) }
      if oldestIdle >= 0, open > settings.minSize {
        deadline = min(deadline, sum(connections[Int(oldestIdle)].idleSince, idleTimeout))
      }
      if failedAttempts > 0, opening == 0, deficit > 0 { deadline = min(deadline, retryTime) }
      return deadline
    }
  }

  // MARK: Decisions

  /// An open connection looks for its next use: the oldest waiter, the idle list, or its end.
  private mutating func offer(_ connection: Int32, _ now: Int64) -> Int32? {
    if isShutDown || connections[Int(connection)].retirement <= now {
      vacate(connection, isShutDown ? .shutDown : .lifetime)
      grow(now)
      return nil
    }
    expireWaiters(now)
    guard waiting > 0, let waiter = waiters.popFirst() else {
      linkIdle(connection, now)
      return nil
    }
    waiting &-= 1
    _ = handed(connection)
    return waiter.request
  }

  @inline(__always)
  private mutating func handed(_ connection: Int32) -> Int32 {
    connections[Int(connection)].state = .active
    active &+= 1
    return connection
  }

  @inline(__always)
  private mutating func expireWaiters(_ now: Int64) {
    if waiting > 0 { expireHead(now) }
  }

  private mutating func expireHead(_ now: Int64) {
    while let head = waiters.first, head.deadline <= now {
      _ = waiters.popFirst()
      waiting &-= 1
      act(.fail(request: head.request, connectFault == nil ? .acquireTimeout : .cannotConnect))
    }
  }

  /// Connections wanted beyond those open or coming: one a waiter, and at least `min_size` in all.
  private var deficit: Int {
    let size = open + opening
    return min(max(waiting - opening, settings.minSize - size), settings.maxSize - size)
  }

  /// Connections that are being opened or could be at once: requests that wait for these are not in the queue's way.
  private func coming(_ now: Int64) -> Int {
    failedAttempts == 0 ? settings.maxSize - open : opening
  }

  private mutating func grow(_ now: Int64) {
    guard !isShutDown, waiting > 0 || open &+ opening < settings.minSize else { return }
    var wanted = deficit
    if failedAttempts > 0 { wanted = min(wanted, now >= retryTime && opening == 0 ? 1 : 0) }
    while wanted > 0 {
      let connection = firstVacant
      firstVacant = connections[Int(connection)].newer
      connections[Int(connection)].state = .opening
      opening &+= 1
      act(.open(connection: connection))
      wanted &-= 1
    }
  }

  private mutating func closeIdle(_ now: Int64) {
    while oldestIdle >= 0, open > settings.minSize, sum(connections[Int(oldestIdle)].idleSince, idleTimeout) <= now {
      let connection = oldestIdle
      unlinkIdle(connection)
      vacate(connection, .idle)
    }
  }

  private mutating func closeRetired(_ now: Int64) {
    guard nextRetirement <= now else { return }
    nextRetirement = .max
    var connection = oldestIdle
    while connection >= 0 {
      let next = connections[Int(connection)].newer
      if connections[Int(connection)].retirement <= now {
        unlinkIdle(connection)
        vacate(connection, .lifetime)
      } else {
        nextRetirement = min(nextRetirement, connections[Int(connection)].retirement)
      }
      connection = next
    }
  }

  private mutating func retirement(from now: Int64) -> Int64 {
    guard let lifetime = settings.maxLifetime?.nanoseconds else { return .max }
    let shortened = Double(lifetime) * (1 - settings.lifetimeJitter * random.uniform())
    return sum(now, Int64(exactly: shortened.rounded()) ?? lifetime)
  }

  // MARK: Slots

  private mutating func vacate(_ connection: Int32, _ reason: CloseReason) {
    makeVacant(connection)
    act(.close(connection: connection, reason))
  }

  private mutating func makeVacant(_ connection: Int32) {
    connections[Int(connection)].state = .vacant
    connections[Int(connection)].newer = firstVacant
    firstVacant = connection
  }

  private mutating func linkIdle(_ connection: Int32, _ now: Int64) {
    connections[Int(connection)].state = .idle
    connections[Int(connection)].idleSince = now
    connections[Int(connection)].older = newestIdle
    connections[Int(connection)].newer = -1
    if newestIdle >= 0 { connections[Int(newestIdle)].newer = connection } else { oldestIdle = connection }
    newestIdle = connection
    nextRetirement = min(nextRetirement, connections[Int(connection)].retirement)
    idle &+= 1
  }

  private mutating func unlinkIdle(_ connection: Int32) {
    let older = connections[Int(connection)].older
    let newer = connections[Int(connection)].newer
    if older >= 0 { connections[Int(older)].newer = newer } else { oldestIdle = newer }
    if newer >= 0 { connections[Int(newer)].older = older } else { newestIdle = older }
    idle &-= 1
  }

  /// A moment `span` after `time`; a span without limit has no end.
  private func sum(_ time: Int64, _ span: Int64) -> Int64 {
    let (moment, overflow) = time.addingReportingOverflow(span)
    return overflow ? .max : moment
  }
}
