internal import Glibc

/// A kept connection of the load, without TLS and without blocking, that carries one request at a time.
///
/// `send`, then `receive` whenever the descriptor is readable until the reply is not `pending`. After `done` and `failed`, the
/// connection may be used again only where `isReusable` says so. One owner at a time.
///
/// Unchecked, because it owns a descriptor: not copyable, it has one owner, which hands it from the connecting thread to the
/// loop's and keeps nothing. It reads into the room of its session, which belongs to the loop's thread.
package struct HTTPConnection: ~Copyable, @unchecked Sendable {
  package enum SendOutcome: Sendable {
    case sent
    /// The socket is full: call `flush` when it is writable. The answer may come all the same: call `receive` when it is readable.
    case blocked
    /// The connection is lost; `takeFault` says why.
    case lost
  }

  package enum Reply: Sendable {
    /// Not all of it is there yet; or nothing was asked, and the server said nothing.
    case pending
    /// The answer is what was expected, and `captured` holds the values kept of it.
    case done
    /// `takeFault` says why; the answer was whole, and not what was expected.
    case failed
    /// `takeFault` says why; the connection is of no more use.
    case lost
  }

  /// Then others have their turn.
  private static let readsAtOnce = 32

  package let descriptor: Int32
  private let session: HTTPSession
  private var parser = ResponseParser()
  private var request = 0
  /// Whether a request is under way.
  package private(set) var isBusy = false
  /// Whether the first byte of an answer has come since the last `send`.
  package private(set) var hasBegun = false
  /// Whether the next request may be sent.
  package private(set) var isReusable = true
  /// How many bytes came with the last answer, and behind its end: they belong to nothing, so the connection is not used again.
  package private(set) var leftovers = 0
  private var hasAnswered = false
  /// Whether the server took only a part of a request.
  private var isBrokenOff = false
  /// The beginning of a line that is not whole yet.
  private var held: [UInt8] = []
  /// What the socket had no room for, from `sent` on.
  private var unsent: [UInt8] = []
  private var sent = 0
  private var kept = KeptResponse()
  private var fault: HTTPFault?

  /// Takes over `descriptor`, which is connected and does not block.
  package init(descriptor: Int32, session: HTTPSession) {
    self.descriptor = descriptor
    self.session = session
  }

  deinit { close(descriptor) }

  /// Of the last answer.
  package var status: Int { parser.status }

  /// Values kept of the last answer, in the order of the request's captures. Only after `done`.
  package var captured: [String] { kept.values.compactMap(\.self) }

  /// Why the last reply was `failed` or `lost`; forgets it.
  package mutating func takeFault() -> HTTPFault {
    defer { fault = nil }
    return fault ?? HTTPFault(code: .unknown, message: "")
  }

  // MARK: Out

  /// Sends `request` with the values that are set in `requests`, which are those that the session came from.
  @inline(__always)
  package mutating func send(_ request: Int, of requests: borrowing HTTPRequests) -> SendOutcome {
    precondition(!isBusy && request >= 0 && request < requests.count, "one request at a time, of those there are")
    begin(request)
    let bytes = requests.entries[request].encode()
    let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    return count == bytes.count ? .sent : keepUnsent(bytes, count)
  }

  @inline(__always)
  private mutating func begin(_ request: Int) {
    let check = session.checks[request]
    self.request = request
    isBusy = true
    hasBegun = false
    parser.begin(isHead: check.isHead, wantsHeaders: check.wantsHeaders, wantsBody: check.wantsBody)
    if check.wantsHeaders || check.wantsBody { kept.begin(session.expectations[request].captures.count) }
  }

  private mutating func keepUnsent(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> SendOutcome {
    if count < 0, !isTemporary(errno) { return breakOff(errno) }
    unsent = Array(UnsafeRawBufferPointer(rebasing: bytes[max(count, 0)...]))
    sent = 0
    return flush()
  }

  /// Sends what is left; call it when the socket is writable.
  package mutating func flush() -> SendOutcome {
    while sent < unsent.count {
      let count = unsent.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        return .blocked
      } else if errno != EINTR {
        return breakOff(errno)
      }
    }
    unsent = []
    sent = 0
    return .sent
  }

  /// The server takes no more. It may have answered before it hung up, or hangs up without: the socket is readable, and tells.
  private mutating func breakOff(_ code: Int32) -> SendOutcome {
    unsent = []
    sent = 0
    isReusable = false
    isBrokenOff = true
    if code == EPIPE || code == ECONNRESET { return .sent }
    _ = loseToError(code)
    return .lost
  }

  // MARK: In

  /// Reads what has come; call it when the socket is readable.
  @inline(__always)
  package mutating func receive() -> Reply {
    guard isBusy else { return receiveUnasked() }
    let input = session.input
    var filled = held.isEmpty ? 0 : restoreHeld(input)
    for _ in 0..<Self.readsAtOnce {
      let room = HTTPSession.inputSize &- filled
      let count = recv(descriptor, input + filled, room, 0)
      guard count > 0 else { return endOrPause(count, input, filled) }
      filled &+= count
      var cursor = 0
      let reply =
        hasBegun
        ? scan(UnsafeRawBufferPointer(start: input, count: filled), &cursor) : scanBeginning(input, filled, &cursor)
      if case .pending = reply {} else { return reply }
      filled &-= cursor
      if filled > 0 { memmove(input, input + cursor, filled) }
      if count < room { break }
    }
    if filled > 0 { hold(input, filled) }
    return .pending
  }

  /// The first bytes of an answer: as a rule with a head that is known.
  @inline(__always)
  private mutating func scanBeginning(_ input: UnsafeMutableRawPointer, _ filled: Int, _ cursor: inout Int) -> Reply {
    hasBegun = true
    let bytes = UnsafeRawBufferPointer(start: input, count: filled)
    let memory = session.memory
    if !session.checks[request].wantsHeaders, memory.pointee.isBeginning(of: input, filled) {
      cursor = memory.pointee.count
      parser.recall(memory.pointee.head, length: cursor)
      return scan(bytes, &cursor)
    }
    let reply = scan(bytes, &cursor)
    memory.pointee.keep(parser, input)
    return reply
  }

  /// Takes in what is there, up to the end of the answer.
  @inline(__always)
  private mutating func scan(_ bytes: UnsafeRawBufferPointer, _ cursor: inout Int) -> Reply {
    while true {
      switch parser.next(bytes, &cursor) {
      case .more: return .pending
      case .over: return finish(leftovers: bytes.count &- cursor)
      case .header: session.expectations[request].note(bytes[parser.name], bytes[parser.value], &kept)
      case .body: kept.add(UnsafeRawBufferPointer(rebasing: bytes[parser.part]))
      case .impossible(let problem): return refuse(problem, bytes[cursor...])
      }
    }
  }

  @inline(__always)
  private mutating func finish(leftovers: Int) -> Reply {
    isBusy = false
    hasAnswered = true
    self.leftovers = leftovers
    if leftovers > 0 || !parser.isPersistent || !unsent.isEmpty { isReusable = false }
    if session.checks[request].accepts(parser.status) { return .done }
    return judge()
  }

  private mutating func judge() -> Reply {
    fault = session.expectations[request].judge(parser.status, &kept)
    return fault == nil ? .done : .failed
  }

  private mutating func restoreHeld(_ input: UnsafeMutableRawPointer) -> Int {
    let count = held.count
    input.copyMemory(from: held, byteCount: count)
    held.removeAll(keepingCapacity: true)
    return count
  }

  private mutating func hold(_ input: UnsafeMutableRawPointer, _ count: Int) {
    held.append(contentsOf: UnsafeRawBufferPointer(start: input, count: count))
  }

  private mutating func endOrPause(_ count: Int, _ input: UnsafeMutableRawPointer, _ filled: Int) -> Reply {
    if count < 0, isTemporary(errno) {
      hold(input, filled)
      return .pending
    }
    // A server that answers before it has read everything often resets the connection behind its answer.
    let isRefusal = isBrokenOff || !unsent.isEmpty
    if count < 0, !isRefusal || !parser.endsWithConnection { return loseToError(errno) }
    return parser.endsWithConnection ? finish(leftovers: 0) : lose(hasBegun ? .cutShort : .unanswered)
  }

  private func isTemporary(_ code: Int32) -> Bool { code == EAGAIN || code == EWOULDBLOCK || code == EINTR }

  /// No request is under way, so whatever comes is the end.
  private mutating func receiveUnasked() -> Reply {
    let count = recv(descriptor, session.input, HTTPSession.inputSize, 0)
    if count < 0 { return isTemporary(errno) ? .pending : loseToError(errno) }
    return lose(
      count == 0
        ? HTTPFault(code: .stale, message: "the server closed the idle connection")
        : HTTPFault(code: .badResponse, message: "the server sent \(count) bytes that belong to no request"))
  }

  // MARK: Faults

  private mutating func refuse(_ problem: ResponseProblem, _ rest: Slice<UnsafeRawBufferPointer>) -> Reply {
    var message = "the response \(problem.sentence)"
    if problem == .notHTTP { message += ", but with '\(oneLine(String(decoding: rest.prefix(24), as: UTF8.self)))'" }
    return lose(HTTPFault(code: .badResponse, message: message))
  }

  private mutating func loseToError(_ code: Int32) -> Reply {
    lose(HTTPFault(code: .gone, message: String(cString: strerror(code))))
  }

  /// Before any byte of its answer, a server may just have closed a connection that it no longer kept.
  private mutating func lose(_ fault: HTTPFault) -> Reply {
    let isStale = fault.code == .gone && isBusy && !hasBegun && hasAnswered
    isBusy = false
    isReusable = false
    held = []
    self.fault = isStale ? HTTPFault(code: .stale, message: fault.message) : fault
    return .lost
  }
}

extension HTTPFault {
  fileprivate static let unanswered = HTTPFault(
    code: .gone, message: "the server closed the connection before it answered")
  fileprivate static let cutShort = HTTPFault(
    code: .gone, message: "the server closed the connection in the middle of its answer")
}
