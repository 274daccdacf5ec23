internal import CPlatform
internal import Glibc

/// What one descriptor is ready for.
package struct Readiness: Sendable {
  /// As given to `Poller.add`.
  package var token: UInt64
  package var isReadable: Bool
  package var isWritable: Bool
}

/// An epoll set, level-triggered, with a nanosecond timeout. One owner, one thread.
package struct Poller: ~Copyable {
  private static let batch = 256
  private let descriptor: Int32
  private let events: UnsafeMutablePointer<epoll_event>
  /// Whether the kernel has epoll_pwait2 (5.11) and lets us call it; else waits end up to a millisecond late.
  private var isExact = true

  package init() throws(SystemError) {
    descriptor = try system("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    events = .allocate(capacity: Self.batch)
    events.initialize(repeating: epoll_event(), count: Self.batch)
  }

  deinit {
    events.deallocate()
    close(descriptor)
  }

  /// Watches a descriptor for input, or for room to write, or both; closing the descriptor ends that.
  package func add(_ watched: Int32, token: UInt64, input: Bool = true, output: Bool = false) throws(SystemError) {
    try control(EPOLL_CTL_ADD, watched, token, input, output)
  }

  /// Changes what a descriptor is watched for.
  package func watch(_ watched: Int32, token: UInt64, output: Bool) throws(SystemError) {
    try control(EPOLL_CTL_MOD, watched, token, true, output)
  }

  package func remove(_ watched: Int32) {
    _ = epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, nil)
  }

  private func control(
    _ operation: Int32, _ watched: Int32, _ token: UInt64, _ input: Bool, _ output: Bool
  ) throws(SystemError) {
    var event = epoll_event()
    event.events = (input ? EPOLLIN.rawValue : 0) | (output ? EPOLLOUT.rawValue : 0)
    event.data.u64 = token
    try system("epoll_ctl") { epoll_ctl(descriptor, operation, watched, &event) }
  }

  /// Waits until something is ready, without end; returns how many are ready, 0 when interrupted.
  package mutating func wait() throws(SystemError) -> Int {
    let count = poolops_epoll_wait(descriptor, events, Int32(Self.batch), nil)
    return count >= 0 ? count : try noneReady()
  }

  @inline(never)
  private func noneReady() throws(SystemError) -> Int {
    guard errno == EINTR else { throw SystemError(call: "epoll_wait", code: errno) }
    return 0
  }

  /// Waits until something is ready or `nanoseconds` are over; returns how many are ready, 0 when none or interrupted.
  package mutating func wait(nanoseconds: Int64) throws(SystemError) -> Int {
    let count =
      isExact
      ? exactWait(nanoseconds) : Int(epoll_wait(descriptor, events, Int32(Self.batch), milliseconds(nanoseconds)))
    if count >= 0 { return count }
    switch errno {
    case EINTR: return 0
    case ENOSYS where isExact, EPERM where isExact:
      isExact = false
      return try wait(nanoseconds: nanoseconds)
    default: throw SystemError(call: "epoll_wait", code: errno)
    }
  }

  private func exactWait(_ nanoseconds: Int64) -> Int {
    var timeout = timespec()
    timeout.tv_sec = Int(max(nanoseconds, 0) / 1_000_000_000)
    timeout.tv_nsec = Int(max(nanoseconds, 0) % 1_000_000_000)
    return poolops_epoll_wait(descriptor, events, Int32(Self.batch), &timeout)
  }

  private func milliseconds(_ nanoseconds: Int64) -> Int32 {
    Int32(clamping: (max(nanoseconds, 0) + 999_999) / 1_000_000)
  }

  /// The `index`-th of those that the last `wait` found. An error or a hang-up counts as readable: reading tells which.
  package subscript(index: Int) -> Readiness {
    precondition(index >= 0 && index < Self.batch, "no such event")
    let event = events[index]
    return Readiness(
      token: event.data.u64,
      isReadable: event.events & ~EPOLLOUT.rawValue != 0,
      isWritable: event.events & EPOLLOUT.rawValue != 0)
  }
}

/// Waits for one descriptor; returns whether it is ready, false when the time is over.
package func waitUntilReady(_ descriptor: Int32, output: Bool, nanoseconds: Int64) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(output ? POLLOUT : POLLIN), revents: 0)
  let milliseconds = Int32(clamping: max(nanoseconds, 0) / 1_000_000 + 1)
  return poll(&request, 1, milliseconds) > 0
}
