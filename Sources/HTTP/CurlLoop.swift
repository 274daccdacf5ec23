internal import CCurl
internal import CPlatform
internal import Glibc
internal import Synchronization

/// libcurl's multi interface over an epoll set of its own, on one thread.
///
/// Unchecked, because of its handles: all but the inbox belongs to the thread that is in `run`.
final class CurlLoop: @unchecked Sendable {
  private enum Order: Sendable {
    case begin(CurlTransfer)
    case giveUp(CurlTransfer)
  }

  private struct Inbox: Sendable {
    var orders: [Order] = []
    var isStopped = false
  }

  private static let batch = 256

  let setup: CurlSetup
  private let session: HTTPSession
  private let inbox = Mutex(Inbox())
  private let wake: Int32
  private let poller: Int32
  private let multi: UnsafeMutableRawPointer
  /// By libcurl's handle.
  private var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  /// Sockets that are in the epoll set.
  private var watched: Set<Int32> = []
  /// Where requests share connections: those that were not sent. libcurl has no limit for who waits for a connection that another one opens.
  private var places: CurlPatience
  /// Those that were sent, by the limits of their time.
  private var answers: CurlPatience
  private var firstBytes: CurlPatience
  /// The local ports of open connections.
  private var ports: Set<Int32> = []
  private let connections = Mutex(CurlConnections())
  /// When libcurl wants to be called, on the monotonic clock, nanoseconds; nil: only when something comes.
  private var deadline: Int64?

  init(_ setup: CurlSetup, _ session: HTTPSession) throws(HTTPFault) {
    self.setup = setup
    self.session = session
    places = CurlPatience(limit: setup.version == .http2 ? setup.connectTimeout : nil) { $0.sent != nil }
    answers = CurlPatience(limit: setup.requestTimeout)
    firstBytes = CurlPatience(limit: setup.firstByteTimeout) { $0.hasBegun.load(ordering: .relaxed) }
    // Also sets libcurl up.
    _ = try CurlHandle()
    wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    poller = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard wake >= 0, poller >= 0, let multi = curl_multi_init() else {
      throw HTTPFault(code: .unknown, message: "libcurl's loop: \(String(cString: strerror(errno)))")
    }
    self.multi = multi
    control(wake, UInt32(EPOLLIN.rawValue))
    let own = Unmanaged.passUnretained(self).toOpaque()
    poolops_curl_multi_set_socket(multi, Self.watch, own)
    poolops_curl_multi_set_timer(multi, Self.setTimer, own)
    poolops_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, max(setup.connections, 1))
    guard setup.version == .http2 else { return }
    poolops_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    poolops_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(setup.connections, 1))
    poolops_curl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, max(setup.streams, 1))
  }

  deinit {
    let multi = multi
    withoutBrokenPipe { _ = curl_multi_cleanup(multi) }
    close(wake)
    close(poller)
  }

  // MARK: The load's side

  func begin(_ transfer: CurlTransfer) { order(.begin(transfer)) }

  /// Nobody waits for the transfer any more.
  func giveUp(_ transfer: CurlTransfer) { order(.giveUp(transfer)) }

  func stop() {
    inbox.withLock { $0.isStopped = true }
    signal()
  }

  func takeConnections() -> CurlConnections {
    connections.withLock { connections in
      defer { connections = CurlConnections() }
      return connections
    }
  }

  private func order(_ order: Order) {
    let isFirst = inbox.withLock { inbox in
      inbox.orders.append(order)
      return inbox.orders.count == 1
    }
    if isFirst { signal() }
  }

  private func signal() {
    var one: UInt64 = 1
    _ = write(wake, &one, MemoryLayout<UInt64>.size)
  }

  // MARK: The thread

  func run() {
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.batch) { events in
      while takeOrders() {
        let count = epoll_wait(poller, events.baseAddress, Int32(Self.batch), pause)
        for index in 0..<max(Int(count), 0) { handle(events[index]) }
        if let deadline, deadline <= now() { act(-1, 0) }
        takeEnds()
        giveUpLate()
      }
    }
    for transfer in running.values { curl_multi_remove_handle(multi, transfer.pointer) }
    running = [:]
  }

  /// Milliseconds until something is to be done that no socket tells, rounded up; -1: no limit.
  private var pause: Int32 {
    let next = [deadline, places.end, answers.end, firstBytes.end].compactMap(\.self).min()
    guard let next else { return -1 }
    return Int32(clamping: max(next - now() + 999_999, 0) / 1_000_000)
  }

  private func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Returns false when it is to end.
  private func takeOrders() -> Bool {
    let (orders, isStopped) = inbox.withLock { inbox in
      defer { inbox.orders = [] }
      return (inbox.orders, inbox.isStopped)
    }
    if isStopped { return false }
    let now = orders.isEmpty ? 0 : now()
    for order in orders {
      switch order {
      case .begin(let transfer):
        transfer.taken = now
        places.watch(transfer, now)
        add(transfer)
      case .giveUp(let transfer): _ = drop(transfer)
      }
    }
    return true
  }

  private func add(_ transfer: CurlTransfer) {
    let code = curl_multi_add_handle(multi, transfer.pointer)
    guard code == CURLM_OK else { return transfer.end(CURLE_FAILED_INIT) }
    running[transfer.pointer] = transfer
  }

  /// Returns false when it was over already.
  private func drop(_ transfer: CurlTransfer) -> Bool {
    guard running.removeValue(forKey: transfer.pointer) != nil else { return false }
    curl_multi_remove_handle(multi, transfer.pointer)
    return true
  }

  private func giveUpLate() {
    let now = now()
    while let transfer = places.takeLate(now) { giveUpConnecting(transfer, now) }
    while let transfer = firstBytes.takeLate(now) {
      if drop(transfer) { transfer.end(.firstByteLate) }
    }
    while let transfer = answers.takeLate(now) {
      if drop(transfer) { transfer.end(.answerLate) }
    }
  }

  /// Where there are connections, it waits for its turn on one, as in any queue.
  private func giveUpConnecting(_ transfer: CurlTransfer, _ now: Int64) {
    guard ports.isEmpty else {
      if running[transfer.pointer] != nil { places.watch(transfer, now) }
      return
    }
    if drop(transfer) { transfer.end(.connectionLate) }
  }

  private func handle(_ event: epoll_event) {
    let socket = event.data.fd
    if socket == wake {
      var count: UInt64 = 0
      _ = read(wake, &count, MemoryLayout<UInt64>.size)
      return
    }
    let isReadable = event.events & EPOLLIN.rawValue != 0
    let isWritable = event.events & EPOLLOUT.rawValue != 0
    let isBroken = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    act(
      socket,
      (isReadable ? CURL_CSELECT_IN : 0) | (isWritable ? CURL_CSELECT_OUT : 0) | (isBroken ? CURL_CSELECT_ERR : 0))
  }

  /// - Parameter socket: -1 for the timer.
  private func act(_ socket: Int32, _ events: Int32) {
    if socket < 0 { deadline = nil }
    var left: Int32 = 0
    curl_multi_socket_action(multi, socket, events, &left)
  }

  private func takeEnds() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle else { continue }
      let code = poolops_curl_result(message)
      curl_multi_remove_handle(multi, pointer)
      guard let transfer = running.removeValue(forKey: pointer) else { continue }
      transfer.isToBeRepeated(code) ? add(transfer) : transfer.end(code)
    }
  }

  // MARK: What transfers tell

  /// The connection from `localPort` is about to carry a request of `transfer`.
  func noteConnection(_ localPort: Int32, _ transfer: CurlTransfer) {
    guard ports.insert(localPort).inserted else { return }
    let time = transfer.openingTime
    connections.withLock { $0.opened.append(time) }
  }

  /// Returns the time.
  func noteSent(_ transfer: CurlTransfer) -> Int64 {
    let now = now()
    answers.watch(transfer, now)
    firstBytes.watch(transfer, now)
    return now
  }

  /// Sockets that libcurl opens for `handle` are closed by this loop, which counts those that were connections.
  func watchClosing(_ handle: borrowing CurlHandle) throws(HTTPFault) {
    try handle.check(
      poolops_curl_set_closer(handle.pointer, Self.closing, Unmanaged.passUnretained(self).toOpaque()))
  }

  private static let closing: curl_closesocket_callback = { data, socket in
    if let data { Unmanaged<CurlLoop>.fromOpaque(data).takeUnretainedValue().noteClosing(socket) }
    return Glibc.close(socket)
  }

  private func noteClosing(_ socket: Int32) {
    guard ports.remove(localPort(socket)) != nil else { return }
    connections.withLock { $0.closed += 1 }
  }

  private func localPort(_ socket: Int32) -> Int32 {
    var address = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    // The port is in the same place for IPv4.
    let code = withUnsafeMutableBytes(of: &address) { room in
      room.baseAddress.map { getsockname(socket, $0.assumingMemoryBound(to: sockaddr.self), &size) } ?? -1
    }
    return code == 0 ? Int32(UInt16(bigEndian: address.sin6_port)) : -1
  }

  // MARK: What libcurl wants

  private static let watch: curl_socket_callback = { _, socket, what, data, _ in
    guard let data else { return -1 }
    let loop = Unmanaged<CurlLoop>.fromOpaque(data).takeUnretainedValue()
    let input = what == CURL_POLL_IN || what == CURL_POLL_INOUT ? UInt32(EPOLLIN.rawValue) : 0
    let output = what == CURL_POLL_OUT || what == CURL_POLL_INOUT ? UInt32(EPOLLOUT.rawValue) : 0
    loop.control(socket, what == CURL_POLL_REMOVE ? nil : input | output)
    return 0
  }

  private static let setTimer: curl_multi_timer_callback = { _, milliseconds, data in
    guard let data else { return -1 }
    let loop = Unmanaged<CurlLoop>.fromOpaque(data).takeUnretainedValue()
    loop.deadline = milliseconds < 0 ? nil : loop.now() + Int64(milliseconds) * 1_000_000
    return 0
  }

  /// - Parameter events: nil: none any more.
  private func control(_ socket: Int32, _ events: UInt32?) {
    var event = epoll_event()
    event.events = events ?? 0
    event.data.fd = socket
    guard events != nil else {
      watched.remove(socket)
      epoll_ctl(poller, EPOLL_CTL_DEL, socket, &event)
      return
    }
    // A socket that was closed unannounced has left the set, and its number may be another's.
    if watched.insert(socket).inserted || epoll_ctl(poller, EPOLL_CTL_MOD, socket, &event) != 0 {
      epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event)
    }
  }
}

/// The thread of a `CurlLoop`.
final class CurlThread: Sendable {
  private let handle: Mutex<pthread_t?>

  init(_ loop: CurlLoop) throws(HTTPFault) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(loop)
    let code = pthread_create(&thread, nil, enterCurlThread, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw HTTPFault(code: .unknown, message: "pthread_create: \(String(cString: strerror(code)))")
    }
    handle = Mutex(thread)
  }

  /// CPU time that it has used, nanoseconds; 0 when it has ended.
  var cpu: Int64 {
    handle.withLock { handle in
      var clock = clockid_t()
      var time = timespec()
      guard let handle, pthread_getcpuclockid(handle, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
      return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
  }

  /// Waits until the loop has ended.
  func join() {
    let thread = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    if let thread { pthread_join(thread, nil) }
  }
}

/// Named and not isolated: a closure made in a main-actor context carries that isolation along and dies on another thread.
private nonisolated func enterCurlThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let loop = Unmanaged<CurlLoop>.fromOpaque(argument).takeRetainedValue()
  _ = poolops_set_thread_name("poolops-curl")
  withoutBrokenPipe { loop.run() }
  return nil
}
