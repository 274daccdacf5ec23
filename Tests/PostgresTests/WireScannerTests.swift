import Statistics
import Testing

@testable import Postgres

/// What was heard, with errors read.
private enum Heard: Hashable {
  case message(WireMessage)
  case error(WireErrorFields)
  case impossible(type: UInt8, length: Int)
}

/// Feeds a scanner as a socket would, in the given pieces, keeping what it wants to see again.
private struct Listener {
  private var scanner = WireScanner()
  private var kept: [UInt8] = []
  private(set) var heard: [Heard] = []
  private(set) var mostKept = 0
  /// Calls of the scanner, to see that it comes to an end.
  private(set) var calls = 0
  private(set) var isBroken = false

  mutating func hear(_ piece: some Sequence<UInt8>) {
    kept += piece
    let bytes = kept
    var cursor = 0
    while !isBroken {
      calls += 1
      switch scanner.next(bytes.span.bytes, &cursor) {
      case .more:
        kept.removeFirst(cursor)
        mostKept = max(mostKept, kept.count)
        return
      case .message(let message): heard.append(.message(message))
      case .error(let body, let count): heard.append(.error(WireErrorFields(kept[body..<(body + count)])))
      case .impossible(let type, let length):
        heard.append(.impossible(type: type, length: length))
        isBroken = true
      }
    }
  }

  mutating func hear(_ bytes: [UInt8], piecesUpTo size: Int, _ random: inout RandomSource) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(1 + random.integer(below: size))
      hear(piece)
      rest = rest.dropFirst(piece.count)
    }
  }
}

private func message(_ type: Unicode.Scalar, _ body: [UInt8] = []) -> [UInt8] { WireEncoding.message(type, body) }

private func errorBody(_ fields: [(Unicode.Scalar, String)]) -> [UInt8] {
  fields.flatMap { [UInt8(ascii: $0)] + WireEncoding.text($1) } + [0]
}

private let division: [(Unicode.Scalar, String)] = [
  ("S", "FEHLER"), ("V", "ERROR"), ("C", "22012"), ("M", "division by zero"), ("F", "int.c"), ("L", "846"),
]

/// Messages that a server may send, and what is to be heard of each.
private func someMessage(_ random: inout RandomSource) -> ([UInt8], Heard) {
  func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) } }
  switch random.integer(below: 12) {
  case 0: return (message("1"), .message(.parseComplete))
  case 1: return (message("2"), .message(.bindComplete))
  case 2: return (message("3"), .message(.closeComplete))
  case 3: return (message("n"), .message(.noData))
  case 4: return (message("I"), .message(.emptyQuery))
  case 5: return (message("C", WireEncoding.text("SELECT 1")), .message(.commandComplete))
  case 6: return (message("Z", [UInt8(ascii: "I")]), .message(.readyForQuery))
  case 7: return (message("S", noise(2 + random.integer(below: 40))), .message(.aside))
  case 8: return (message("N", noise(1 + random.integer(below: 20_000))), .message(.aside))
  case 9: return (message("E", errorBody(division)), .error(WireErrorFields(errorBody(division))))
  case 10:
    // Longer than what is read of it: the message is cut, its end skipped.
    let body = errorBody([("V", "FATAL"), ("C", "57P01"), ("M", String(repeating: "x", count: 9000)), ("D", "y")])
    return (message("E", body), .error(WireErrorFields(body.prefix(WireScanner.errorRoom))))
  default: return (message("D", noise(2 + random.integer(below: 30_000))), .message(.dataRow))
  }
}

private struct Stream {
  var bytes: [UInt8]
  var heard: [Heard]

  init(_ bytes: [UInt8], _ heard: WireMessage...) {
    self.bytes = bytes
    self.heard = heard.map(Heard.message)
  }

  init(_ bytes: [UInt8], impossible length: Int) {
    self.bytes = bytes
    heard = [.impossible(type: bytes[0], length: length)]
  }

  static let all = [
    Stream(message("D", [0, 0]), .dataRow),
    Stream(message("s"), .portalSuspended),
    Stream(message("A", [0, 0, 0, 1, 0, 0]), .aside),
    Stream(message("H", [0, 0, 0]), .copy),
    Stream(message("Z", [UInt8(ascii: "I")]) + [UInt8(ascii: "1"), 0, 0, 0], .readyForQuery),
    Stream(message("2") + [UInt8(ascii: "D"), 0, 0, 0, 13], .bindComplete, .dataRow),
    Stream(message("Z"), impossible: 4),
    Stream(message("1", [0]), impossible: 5),
    Stream(message("T", [0, 0]), impossible: 6),
    Stream(message("D"), impossible: 4),
    Stream([UInt8(ascii: "D"), 0xFF, 0xFF, 0xFF, 0xFF], impossible: -1),
    Stream([UInt8(ascii: "E"), 0x7F, 0xFF, 0xFF, 0xFF], impossible: 0x7FFF_FFFF),
    Stream([UInt8(ascii: "C"), 0, 1, 0, 0], impossible: 65536),
    Stream(Array("HTTP/1.1 400".utf8), impossible: 0x5454_502F),
  ]
}

struct WireScannerTests {
  @Test(arguments: Stream.all) fileprivate func `messages are told apart, and impossible ones are told`(example: Stream)
  {
    var listener = Listener()
    listener.hear(example.bytes)
    #expect(listener.heard == example.heard)
  }

  private typealias Fields = (body: [UInt8], severity: String?, state: String?, message: String?)

  private static let fields: [Fields] = [
    (errorBody(division), "ERROR", "22012", "division by zero"),
    (errorBody([("S", "FATAL"), ("C", "57P01"), ("M", "gone")]), "FATAL", "57P01", "gone"),
    (errorBody([("V", "ERROR"), ("C", "42601"), ("M", "ß\nx")]).dropLast(4), "ERROR", "42601", "ß"),
    ([0], nil, nil, nil),
  ]

  @Test(arguments: 0..<fields.count) func `an error's fields are read, also of one that is cut off`(index: Int) {
    let (body, severity, state, message) = Self.fields[index]
    let fields = WireErrorFields(body)
    #expect(fields.severity == severity && fields.state == state && fields.message == message)
  }

  @Test(arguments: 1...12) func `however a stream is cut into pieces, the same is heard`(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let messages = (0..<40).map { _ in someMessage(&random) }
    let stream = messages.flatMap(\.0)
    for size in [1, 7, 300, 20_000, stream.count] {
      var listener = Listener()
      listener.hear(stream, piecesUpTo: size, &random)
      #expect(listener.heard == messages.map(\.1))
      #expect(listener.mostKept < WireScanner.room)
    }
  }

  @Test(arguments: 1...12) func `random bytes, and broken streams, neither crash nor hold up the scanner`(seed: UInt64)
  {
    var random = RandomSource(seed: seed, stream: 1)
    for _ in 0..<50 {
      var stream: [UInt8] = []
      while stream.count < 5000 { stream += someMessage(&random).0 }
      for _ in 0..<random.integer(below: 8) {
        stream[random.integer(below: 5000)] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.coin() { stream = stream.map { _ in UInt8(truncatingIfNeeded: random.next()) } }
      var listener = Listener()
      let pieces = 1 + random.integer(below: 2000)
      listener.hear(stream, piecesUpTo: pieces, &random)
      // A message takes five bytes at least, and a piece ends with one call that finds nothing.
      #expect(listener.calls <= stream.count / 5 + stream.count + 1 && listener.mostKept < WireScanner.room)
    }
  }
}

/// An answer to Bind, Execute and Sync, and as a rule one thing in it that is not as it should be.
private func damagedResult(_ random: inout RandomSource) -> [UInt8] {
  let rows = (0..<random.integer(below: 4)).map { _ in
    message("D", [0, 0] + [UInt8](repeating: 68, count: random.integer(below: 9)))
  }
  var messages =
    [message("2")] + rows + [message("C", WireEncoding.text("SELECT 1")), message("Z", [UInt8(ascii: "I")])]
  switch random.integer(below: 6) {
  case 0: messages.remove(at: random.integer(below: messages.count))
  case 1: messages.insert(someMessage(&random).0, at: random.integer(below: messages.count + 1))
  case 2: messages.swapAt(random.integer(below: messages.count), random.integer(below: messages.count))
  default: break
  }
  var bytes = messages.flatMap { $0 }
  switch random.integer(below: 6) {
  case 0: bytes[random.integer(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
  case 1: bytes.removeLast(random.integer(below: bytes.count))
  case 2: bytes[random.integer(below: bytes.count)] ^= 0x80
  default: break
  }
  return bytes
}

struct WholeResultTests {
  /// What message by message is found of it: neither an error nor an aside, and the exchange over at its last byte.
  private static func isGood(_ bytes: [UInt8]) -> Bool {
    var (scanner, exchange, cursor) = (WireScanner(), WireExchange(), 0)
    exchange.begin(.bind)
    while cursor < bytes.count || !scanner.isBetweenMessages {
      guard case .message(let message) = scanner.next(bytes.span.bytes, &cursor), message != .aside,
        exchange.take(message),
        exchange.awaited != .nothing || cursor == bytes.count
      else { return false }
    }
    return exchange.awaited == .nothing && !exchange.wasEmpty
  }

  @Test(arguments: 1...8) func `an answer seen at a glance is one that is good message by message`(seed: UInt64) {
    var random = RandomSource(seed: seed, stream: 2)
    var (good, wrong) = (0, 0)
    for _ in 0..<4000 {
      let bytes = damagedResult(&random)
      let seen = WireScanner().isWholeResult(bytes.span.bytes)
      good += seen ? 1 : 0
      wrong += seen == Self.isGood(bytes) ? 0 : 1
    }
    #expect(wrong == 0 && good > 500 && good < 3500)
  }
}

struct WireExchangeTests {
  private static let taken: [(WireExchange.Awaited, Set<WireMessage>)] = [
    (.nothing, []), (.parse, [.parseComplete]), (.parseAndBind, [.parseComplete]), (.bind, [.bindComplete]),
    (.result, [.dataRow, .commandComplete, .emptyQuery]), (.close, [.closeComplete]), (.end, [.readyForQuery]),
  ]

  @Test(arguments: taken) func `only what belongs to a moment is taken, and asides at any`(
    awaited: WireExchange.Awaited, taken: Set<WireMessage>
  ) {
    let all = (0...UInt8.max).compactMap { WireMessage(rawValue: $0) }
    let accepted = all.filter {
      var exchange = WireExchange()
      exchange.begin(awaited)
      return exchange.take($0)
    }
    #expect(Set(accepted) == taken.union([.aside]))
  }

  @Test(arguments: [
    (WireExchange.Awaited.bind, [WireMessage.bindComplete, .dataRow, .dataRow, .commandComplete, .readyForQuery]),
    (.bind, [.aside, .bindComplete, .aside, .emptyQuery, .readyForQuery]),
    (.parseAndBind, [.parseComplete, .bindComplete, .commandComplete, .readyForQuery]),
    (.parse, [.parseComplete, .readyForQuery]), (.close, [.closeComplete, .aside, .readyForQuery]),
  ]) func `an exchange goes in its order to its end`(awaited: WireExchange.Awaited, order: [WireMessage]) {
    var exchange = WireExchange()
    exchange.begin(awaited)
    let taken = order.map { exchange.take($0) }
    #expect(!taken.contains(false) && exchange.awaited == .nothing)
    #expect(exchange.wasEmpty == order.contains(.emptyQuery))
  }

  @Test func `after an error everything is skipped until the server is ready`() {
    var exchange = WireExchange()
    exchange.begin(.parseAndBind)
    exchange.takeError()
    #expect(exchange.take(.dataRow) && exchange.awaited == .endOfFailure)
    #expect(exchange.take(.readyForQuery) && exchange.awaited == .nothing)
  }
}

struct WireEncodingTests {
  @Test func `a request holds the parameters of its last revision, whatever their length`() {
    var request = WireRequest(before: [], name: "a", parameters: 2)
    let texts = [["7", ""], [String(repeating: "ü", count: 500), "x"], ["7", ""]]
    var seen: [[UInt8]] = []
    for (revision, texts) in texts.enumerated() {
      let copies = texts.map { cString($0, spare: WireRequest.block) }
      let values = zip(copies, texts).map { WireValue(base: UnsafePointer($0), count: $1.utf8.count) }
      request.reserve(values, count: 2)
      request.encode(values, count: 2, revision: revision)
      seen.append(Array(request.bytes))
      for copy in copies { copy.deallocate() }
    }
    request.deallocate()
    let expected = texts.map { texts in
      let values = texts.flatMap { WireEncoding.bytes(Int32($0.utf8.count)) + Array($0.utf8) }
      return message("B", [0] + Array("a".utf8) + [0, 0, 0, 0, 2] + values + [0, 0])
        + message("E", [0, 0, 0, 0, 0]) + message("S")
    }
    #expect(seen == expected)
  }
}
