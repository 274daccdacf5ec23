internal import Glibc
internal import Synchronization

/// A connection of the load that is being opened, step by step and without blocking: one address of the server after the other.
///
/// Unchecked, because it owns a descriptor: it may move from thread to thread, but is used by one at a time. The connector drives it,
/// and lets go of it when it hands it to the loop.
package final class HTTPConnectionAttempt: @unchecked Sendable {
  package enum Progress: Sendable {
    /// Call `advance` again when the descriptor is readable, or writable.
    case reading
    case writing
    /// Call `take`.
    case established
    case failed(HTTPFault)
  }

  private let server: HTTPServer
  /// Changes from address to address; -1 when there is no socket.
  package private(set) var descriptor: Int32 = -1
  /// How many addresses were tried, and the one at work.
  private var tried = 0
  private var address = 0
  /// How it stands before the first `advance`.
  package private(set) var beginning = Progress.writing

  package init(_ server: HTTPServer) {
    self.server = server
    beginning = beginNext(after: HTTPFault(code: .unresolved, message: "\(server.base.host) has no address"))
  }

  deinit { drop() }

  private func drop() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// The next address that does not fail at once.
  private func beginNext(after failure: HTTPFault) -> Progress {
    var failure = failure
    while tried < server.addresses.count {
      drop()
      address = (server.preferred.load(ordering: .relaxed) + tried) % server.addresses.count
      tried += 1
      let code = begin(server.addresses[address])
      if code == 0 { return finish() }
      if code == EINPROGRESS { return .writing }
      failure = fault(code)
    }
    drop()
    return .failed(failure)
  }

  /// Returns an errno, 0 when the connection is there.
  private func begin(_ address: SocketAddress) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    descriptor = socket(address.family, type, 0)
    guard descriptor >= 0 else { return errno }
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    return address.withPointer { connect(descriptor, $0, $1) } == 0 ? 0 : errno
  }

  package func advance() -> Progress {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { code = errno; return retry(code) }
    if code != 0 { return retry(code) }
    return finish()
  }

  private func retry(_ code: Int32) -> Progress { beginNext(after: fault(code)) }

  private func finish() -> Progress {
    guard let theirs = name(of: getpeername) else { return errno == ENOTCONN ? .writing : retry(errno) }
    // Nobody listens, and the kernel happened to choose the same port for this end: a socket that talks to itself.
    if theirs == name(of: getsockname) { return retry(ECONNREFUSED) }
    server.preferred.store(address, ordering: .relaxed)
    return .established
  }

  private typealias Naming = (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32

  private func name(of end: Naming) -> [UInt8]? {
    withUnsafeTemporaryAllocation(byteCount: MemoryLayout<sockaddr_storage>.size, alignment: 8) { room in
      guard let base = room.baseAddress else { return nil }
      var size = socklen_t(room.count)
      guard end(descriptor, base.assumingMemoryBound(to: sockaddr.self), &size) == 0 else { return nil }
      return Array(room.prefix(Int(size)))
    }
  }

  private func fault(_ code: Int32) -> HTTPFault {
    let text = String(cString: strerror(code))
    let message = "\(server.addresses[address].text): \(text)"
    switch code {
    case ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ECONNRESET, EAFNOSUPPORT:
      return HTTPFault(code: .refused, message: message)
    case ETIMEDOUT: return HTTPFault(code: .timeout, message: message)
    case EADDRNOTAVAIL: return HTTPFault(code: .unknown, message: "\(message): no local port is free")
    default: return HTTPFault(code: .unknown, message: message)
    }
  }

  /// The connection, once it is established; nil the second time.
  /// - Parameter session: of the requests that it will carry.
  package func take(_ session: HTTPSession) -> HTTPConnection? {
    guard descriptor >= 0 else { return nil }
    defer { descriptor = -1 }
    return HTTPConnection(descriptor: descriptor, session: session)
  }
}
