internal import CPlatform
internal import Glibc

/// The socket of a connection that libpq opened, once poolops itself speaks on it.
///
/// Does not own the descriptor. No function of libpq that reads or writes may be called beside it.
struct WireChannel: ~Copyable {
  enum Outcome: BitwiseCopyable {
    /// Not all is there yet.
    case pending
    /// The exchange is over; `fault` says whether it failed.
    case over
    /// The connection is of no more use; `fault` says why.
    case lost
  }

  /// libpq's size too. More than `WireScanner.room`, so a read always has room.
  private static let inputSize = 16_384
  /// Then others have their turn.
  private static let readsAtOnce = 32

  private let descriptor: Int32
  private let input: UnsafeMutableRawPointer
  private var filled = 0
  private var scanner = WireScanner()
  private var exchange = WireExchange()
  /// What the socket had no room for, from `sent` on.
  private var unsent: [UInt8] = []
  private var sent = 0
  /// What the server said out of turn: as a rule why it ends the connection.
  private var lastWords: LoadFault?
  private(set) var fault: LoadFault?

  /// - Parameter descriptor: -1 for a channel that is not used.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    input = .allocate(byteCount: descriptor < 0 ? 0 : Self.inputSize, alignment: 16)
  }

  deinit { input.deallocate() }

  /// Before libpq says farewell: it would put that behind half a message.
  func hangUpMidway() {
    if !unsent.isEmpty { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  // MARK: Out

  /// Begins an exchange: sends `bytes`, to which `awaited` is the first answer.
  @inline(__always)
  mutating func send(_ bytes: UnsafeRawBufferPointer, _ awaited: WireExchange.Awaited) -> LoadConnection.SendOutcome {
    exchange.begin(awaited)
    let count = poolops_send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    return count == bytes.count ? .sent : keepUnsent(bytes, count)
  }

  @inline(never)
  private mutating func keepUnsent(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> LoadConnection.SendOutcome {
    if count < 0, !isTemporary(errno) { return noteLossWhileSending(errno) }
    unsent = Array(UnsafeRawBufferPointer(rebasing: bytes[max(count, 0)...]))
    sent = 0
    return flush()
  }

  /// Sends what is left; call it when the socket is writable.
  mutating func flush() -> LoadConnection.SendOutcome {
    while sent < unsent.count {
      let count = unsent.withUnsafeBytes {
        poolops_send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        return .blocked
      } else if errno != EINTR {
        return noteLossWhileSending(errno)
      }
    }
    unsent = []
    sent = 0
    return .sent
  }

  /// The server may have said why before it hung up.
  private mutating func noteLossWhileSending(_ code: Int32) -> LoadConnection.SendOutcome {
    if receive() != .lost { _ = lose(String(cString: strerror(code))) }
    return .lost
  }

  // MARK: In

  /// Reads what has come; call it when the socket is readable.
  @inline(__always)
  mutating func receive() -> Outcome {
    let count = read()
    // As a rule one read brings the answer, all of it and nothing else. To see that at a glance saves 190 instructions.
    let bytes = UnsafeRawBufferPointer(start: input, count: filled)
    if exchange.awaited == .bind, filled == count, scanner.isWholeResult(bytes.bytes) {
      filled = 0
      exchange.end()
      return .over
    }
    return takeIn(count)
  }

  /// Returns what `recv` does.
  @inline(__always)
  private mutating func read() -> Int {
    let count = poolops_recv(descriptor, input + filled, Self.inputSize &- filled)
    filled &+= max(count, 0)
    return count
  }

  /// Goes on reading while there may be more, and until the exchange is over.
  @inline(never)
  private mutating func takeIn(_ first: Int) -> Outcome {
    var count = first
    for _ in 1..<Self.readsAtOnce {
      guard count > 0 else { return endOrPause(count) }
      let isFull = filled == Self.inputSize
      let outcome = scan()
      if outcome != .pending || !isFull { return outcome }
      count = read()
    }
    return count > 0 ? scan() : endOrPause(count)
  }

  @inline(never)
  private mutating func endOrPause(_ count: Int) -> Outcome {
    if count == 0 { return lose("server closed the connection unexpectedly") }
    return isTemporary(errno) ? .pending : lose(String(cString: strerror(errno)))
  }

  private func isTemporary(_ code: Int32) -> Bool { code == EAGAIN || code == EWOULDBLOCK || code == EINTR }

  /// Takes in every message that is there, and what comes after the end of the exchange too.
  @inline(__always)
  private mutating func scan() -> Outcome {
    let bytes = UnsafeRawBufferPointer(start: input, count: filled)
    var cursor = 0
    var outcome = Outcome.pending
    // Copies, which stay in registers from message to message.
    var (scanner, exchange) = (scanner, exchange)
    defer { (self.scanner, self.exchange) = (scanner, exchange) }
    while true {
      switch scanner.next(bytes.bytes, &cursor) {
      case .message(let message):
        guard exchange.take(message) else { return loseTo(message) }
        if message == .readyForQuery { outcome = .over }
      case .more:
        keep(from: cursor)
        return outcome
      case .error(let body, let count):
        if noteError(UnsafeRawBufferPointer(rebasing: bytes[body..<(body + count)]), &exchange) { return .lost }
      case .impossible(let type, let length): return loseTo(type, length)
      }
    }
  }

  @inline(__always)
  private mutating func keep(from cursor: Int) {
    filled &-= cursor
    if filled > 0 { memmove(input, input + cursor, filled) }
  }

  // MARK: Faults

  // Never inlined: their code would take the registers of the loop that reads what goes well.

  /// Returns whether the error is the end of the connection.
  @inline(never)
  private mutating func noteError(_ body: UnsafeRawBufferPointer, _ exchange: inout WireExchange) -> Bool {
    let error = LoadFault(wire: WireErrorFields(body))
    if exchange.awaited == .nothing {
      if error.code == .gone { lastWords = error }
      return false
    }
    exchange.takeError()
    if fault == nil { fault = error }
    return fault?.code == .gone
  }

  @inline(never)
  private mutating func loseTo(_ message: WireMessage) -> Outcome {
    message == .copy
      ? lose("COPY cannot be part of a load")
      : lose("the server sent \(message), which does not belong to what was asked")
  }

  @inline(never)
  private mutating func loseTo(_ type: UInt8, _ length: Int) -> Outcome {
    let name = (0x21...0x7E).contains(type) ? "'\(Unicode.Scalar(type))'" : "\(type)"
    return lose("the server sent a message of type \(name) and length \(length), which is not of the protocol")
  }

  @inline(never)
  private mutating func lose(_ message: String) -> Outcome {
    fault = LoadFault(code: .gone, message: lastWords?.message ?? fault?.message ?? message)
    return .lost
  }

  /// Whether the exchange went well; `takeFault` would give nil.
  var isFaultless: Bool {
    @inline(__always) borrowing get { fault == nil && !exchange.wasEmpty }
  }

  /// Why the exchange failed; nil when it did not. Forgets it.
  mutating func takeFault() -> LoadFault? {
    guard fault != nil else { return exchange.wasEmpty ? .emptyStatement : nil }
    defer { fault = nil }
    return fault
  }
}
