/// What the server says of an exchange, as far as a load must know.
enum WireMessage: UInt8, BitwiseCopyable, Sendable {
  case parseComplete
  case bindComplete
  case closeComplete
  case noData
  case dataRow
  case commandComplete
  case emptyQuery
  case portalSuspended
  case readyForQuery
  /// NoticeResponse, ParameterStatus and NotificationResponse: may come at any time and answer nothing.
  case aside
  /// CopyInResponse, CopyOutResponse and CopyBothResponse.
  case copy
}

enum WireEvent: BitwiseCopyable, Hashable, Sendable {
  /// The rest is not there yet: bring the bytes from the cursor on again, with more behind them.
  case more
  case message(WireMessage)
  /// An ErrorResponse. `count` bytes from `body` on hold its fields, as far as the scanner waits for them.
  case error(body: Int, count: Int)
  /// No server says this, so the stream is broken: the type of the message, and the length that it claims.
  case impossible(type: UInt8, length: Int)
}

/// Finds the messages in a stream of bytes from a server: protocol 3.0, the part that Parse, Bind, Execute and Close provoke.
///
/// Bodies are counted, not kept, so no message needs more room than `WireScanner.room`.
struct WireScanner: BitwiseCopyable {
  /// The fields that matter stand at the beginning of an ErrorResponse; what is beyond this is skipped.
  static let errorRoom = 8192
  /// The most bytes that must be brought again.
  static let room = header + errorRoom
  private static let header = 5
  /// No server sends more than a gigabyte in one message.
  private static let longest = 0x3FFF_FFFF
  /// libpq's limit for messages that are short by nature.
  private static let longestShort = 30_000

  /// Bytes of the last message that are still to come.
  private var skipping = 0

  var isBetweenMessages: Bool { skipping == 0 }

  /// The next message of `bytes` from `cursor` on, which is moved behind what needs no second look.
  @inline(__always)
  mutating func next(_ bytes: RawSpan, _ cursor: inout Int) -> WireEvent {
    if skipping > 0, !skip(bytes.byteCount, &cursor) { return .more }
    let left = bytes.byteCount &- cursor
    guard left >= Self.header else { return .more }
    let (type, length) = Self.head(bytes, cursor)
    if type == UInt8(ascii: "E") { return error(length, left, &cursor) }
    guard let message = Self.message(type, length) else { return .impossible(type: type, length: length) }
    // Its one byte tells nothing to a load, but the exchange is over only when it is there.
    if message == .readyForQuery, left <= Self.header { return .more }
    if length < left {
      cursor &+= length &+ 1
    } else {
      skipping = length &+ 1
      _ = skip(bytes.byteCount, &cursor)
    }
    return .message(message)
  }

  /// Whether `bytes` are the answer to Bind, Execute and Sync when all goes well, all of it and nothing else: BindComplete, rows,
  /// CommandComplete, ReadyForQuery. `next` and `WireExchange` would say the same of them, message by message.
  @inline(__always)
  func isWholeResult(_ bytes: RawSpan) -> Bool {
    let end = bytes.byteCount
    guard isBetweenMessages, end >= Self.header, Self.head(bytes, 0) == (UInt8(ascii: "2"), 4) else { return false }
    var cursor = Self.header
    while end &- cursor >= Self.header {
      let (type, length) = Self.head(bytes, cursor)
      guard length < end &- cursor else { return false }
      cursor &+= length &+ 1
      if type == UInt8(ascii: "D") {
        guard length >= 6 else { return false }
      } else {
        return type == UInt8(ascii: "C") && length >= 5 && length <= Self.longestShort && cursor == end &- 6
          && Self.head(bytes, cursor) == (UInt8(ascii: "Z"), 5)
      }
    }
    return false
  }

  /// The type of a message and its length, at a cursor with at least a header behind it.
  @inline(__always)
  private static func head(_ bytes: RawSpan, _ cursor: Int) -> (type: UInt8, length: Int) {
    let length = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: cursor &+ 1, as: Int32.self)
    return (bytes.unsafeLoad(fromUncheckedByteOffset: cursor, as: UInt8.self), Int(Int32(bigEndian: length)))
  }

  /// Moves the cursor over what is to be skipped; returns whether all of it was there.
  private mutating func skip(_ end: Int, _ cursor: inout Int) -> Bool {
    let step = min(skipping, end &- cursor)
    cursor &+= step
    skipping &-= step
    return skipping == 0
  }

  @inline(never)
  private mutating func error(_ length: Int, _ left: Int, _ cursor: inout Int) -> WireEvent {
    // At least one field of a type and an end, and the end of the fields.
    guard (4 + 3...Self.longest).contains(length) else { return .impossible(type: UInt8(ascii: "E"), length: length) }
    let wanted = min(length - 4, Self.errorRoom)
    guard left >= Self.header + wanted else { return .more }
    let body = cursor + Self.header
    cursor = body + wanted
    skipping = length - 4 - wanted
    return .error(body: body, count: wanted)
  }

  /// Nil when there is no such message, or none of this length.
  @inline(__always)
  private static func message(_ type: UInt8, _ length: Int) -> WireMessage? {
    switch type {
    case UInt8(ascii: "D"): length >= 6 && length <= longest ? .dataRow : nil
    case UInt8(ascii: "C"): length >= 5 && length <= longestShort ? .commandComplete : nil
    case UInt8(ascii: "Z"): length == 5 ? .readyForQuery : nil
    case UInt8(ascii: "2"): length == 4 ? .bindComplete : nil
    case UInt8(ascii: "1"): length == 4 ? .parseComplete : nil
    case UInt8(ascii: "3"): length == 4 ? .closeComplete : nil
    case UInt8(ascii: "I"): length == 4 ? .emptyQuery : nil
    case UInt8(ascii: "n"): length == 4 ? .noData : nil
    case UInt8(ascii: "s"): length == 4 ? .portalSuspended : nil
    case UInt8(ascii: "N"), UInt8(ascii: "A"): length >= 5 && length <= longest ? .aside : nil
    case UInt8(ascii: "S"): length >= 6 && length <= longestShort ? .aside : nil
    case UInt8(ascii: "G"), UInt8(ascii: "H"), UInt8(ascii: "W"): length >= 7 && length <= longestShort ? .copy : nil
    default: nil
    }
  }
}

/// The fields of an ErrorResponse that tell what happened.
struct WireErrorFields: Hashable, Sendable {
  var severity: String?
  var state: String?
  var message: String?

  /// - Parameter body: may end within a field; what there is of it then counts.
  init(_ body: some Sequence<UInt8>) {
    for field in body.split(separator: 0) {
      guard let type = field.first else { continue }
      let text = String(decoding: field.dropFirst(), as: UTF8.self)
      switch type {
      case UInt8(ascii: "V"): severity = text
      // Localised, so only where V is missing: before 9.6.
      case UInt8(ascii: "S"): severity = severity ?? text
      case UInt8(ascii: "C"): state = text
      case UInt8(ascii: "M"): message = text
      default: break
      }
    }
  }
}

/// What is to come of an exchange, in its order.
struct WireExchange: BitwiseCopyable {
  enum Awaited: UInt8, BitwiseCopyable {
    /// Nothing was asked. To `parse`, `parseAndBind`, `bind` or `close` by the driver.
    case nothing
    /// ParseComplete. To `end`.
    case parse
    /// ParseComplete, of a statement that is then used. To `bind`.
    case parseAndBind
    /// BindComplete. To `result`.
    case bind
    /// Rows, and CommandComplete or EmptyQueryResponse after them. To `end`.
    case result
    /// CloseComplete. To `end`.
    case close
    /// ReadyForQuery. To `nothing`.
    case end
    /// ReadyForQuery after an error, whatever comes before. To `nothing`.
    case endOfFailure
  }

  var awaited = Awaited.nothing
  private(set) var wasEmpty = false

  /// What was asked, and therefore comes first.
  mutating func begin(_ awaited: Awaited) {
    self.awaited = awaited
    wasEmpty = false
  }

  /// All of what was asked has been answered, and well.
  mutating func end() { awaited = .nothing }

  /// Returns false when no server that keeps to the protocol would say this now.
  @inline(__always)
  mutating func take(_ message: WireMessage) -> Bool {
    if message == .aside { return true }
    switch (awaited, message) {
    case (.result, .dataRow): break
    case (.bind, .bindComplete): awaited = .result
    case (.result, .commandComplete), (.parse, .parseComplete), (.close, .closeComplete): awaited = .end
    case (.result, .emptyQuery):
      wasEmpty = true
      awaited = .end
    case (.parseAndBind, .parseComplete): awaited = .bind
    case (.end, .readyForQuery), (.endOfFailure, .readyForQuery): awaited = .nothing
    case (.endOfFailure, _): break
    default: return false
    }
    return true
  }

  mutating func takeError() {
    if awaited != .nothing { awaited = .endOfFailure }
  }
}
