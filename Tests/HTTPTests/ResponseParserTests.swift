import TestSupport
import Testing

@testable import HTTP

/// What a parser made of a stream of bytes: all that must not depend on how they came.
struct Parsed: Hashable, Sendable {
  enum End: Hashable, Sendable {
    /// The stream ended in the middle.
    case unfinished
    case whole(length: Int, isPersistent: Bool)
    case impossible(ResponseProblem)
  }
  var end = End.unfinished
  var status = 0
  var headers: [String] = []
  var body: [UInt8] = []
}

/// Feeds a parser as a socket would, in the given pieces, keeping what it wants to see again.
struct ResponseListener {
  private var parser = ResponseParser()
  private var kept: [UInt8] = []
  private var consumed = 0
  private(set) var parsed = Parsed()
  private(set) var mostKept = 0
  private(set) var isOver = false

  init(isHead: Bool = false) { parser.begin(isHead: isHead, wantsHeaders: true, wantsBody: true) }

  mutating func hear(_ piece: some Sequence<UInt8>) {
    if isOver { return }
    kept += piece
    // What lies behind is never believed, so it is made to look like an end.
    let padded = kept + Array("\r\n\r\n\r\n:\n".utf8)
    padded.withUnsafeBytes { hear(UnsafeRawBufferPointer(rebasing: $0[..<kept.count])) }
  }

  private mutating func hear(_ bytes: UnsafeRawBufferPointer) {
    var cursor = 0
    while !isOver {
      switch parser.next(bytes, &cursor) {
      case .more:
        kept.removeFirst(cursor)
        consumed += cursor
        mostKept = max(mostKept, kept.count)
        return
      case .header: parsed.headers.append("\(text(bytes[parser.name]))=\(text(bytes[parser.value]))")
      case .body: parsed.body += bytes[parser.part]
      case .over: end(.whole(length: consumed + cursor, isPersistent: parser.isPersistent))
      case .impossible(let problem): end(.impossible(problem))
      }
    }
  }

  /// The server ends the connection.
  mutating func hangUp() {
    if !isOver, parser.endsWithConnection {
      end(.whole(length: consumed + kept.count, isPersistent: parser.isPersistent))
    }
  }

  private mutating func end(_ end: Parsed.End) {
    isOver = true
    parsed.end = end
    if case .whole = end { parsed.status = parser.status }
  }

  private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  static func parse(_ bytes: [UInt8], isHead: Bool = false, pieces: () -> Int) -> (Parsed, mostKept: Int) {
    var listener = ResponseListener(isHead: isHead)
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(pieces())
      listener.hear(piece)
      rest = rest.dropFirst(piece.count)
    }
    listener.hangUp()
    return (listener.parsed, listener.mostKept)
  }
}

struct ResponseCase: Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]
  var expected: Parsed
  var isHead = false

  var testDescription: String { String(decoding: bytes.prefix(80), as: UTF8.self) }

  /// A response that ends `leftover` bytes before the text does.
  static func good(
    _ text: String, _ status: Int = 200, body: String = "", headers: [String] = [], persists: Bool = true,
    leftover: Int = 0, isHead: Bool = false
  ) -> ResponseCase {
    let bytes = Array(text.utf8)
    let end = Parsed.End.whole(length: bytes.count - leftover, isPersistent: persists)
    return ResponseCase(
      bytes: bytes, expected: Parsed(end: end, status: status, headers: headers, body: Array(body.utf8)), isHead: isHead
    )
  }

  static func bad(_ text: String, _ problem: ResponseProblem) -> ResponseCase {
    ResponseCase(bytes: Array(text.utf8), expected: Parsed(end: .impossible(problem)))
  }

  static func cut(_ text: String) -> ResponseCase { ResponseCase(bytes: Array(text.utf8), expected: Parsed()) }

  private static let ok = "HTTP/1.1 200 OK\r\n"
  private static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
  private static let isChunked = ["Transfer-Encoding=chunked"]

  static let all = good + odd + chunks + bad + cut

  static let good: [ResponseCase] = [
    .good(ok + "Content-Length: 2\r\n\r\nok", body: "ok", headers: ["Content-Length=2"]),
    .good(ok + "content-LENGTH:2\r\n\r\nok", body: "ok", headers: ["content-LENGTH=2"]),
    .good(ok + "Content-Length: \t 2 \t\r\n\r\nok", body: "ok", headers: ["Content-Length=2"]),
    .good(ok + "Content-Length: 0\r\n\r\n", headers: ["Content-Length=0"]),
    .good(ok + "Content-Length: 2\r\n\r\nokHTTP/1.1", body: "ok", headers: ["Content-Length=2"], leftover: 8),
    .good("HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n", 503, headers: ["Content-Length=0"]),
    .good("HTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n", 999, headers: ["Content-Length=0"]),
    .good("HTTP/1.1 404 Pas trouvé\r\nContent-Length: 0\r\n\r\n", 404, headers: ["Content-Length=0"]),
    .good(ok + "X:\r\nContent-Length: 1\r\n\r\n1", body: "1", headers: ["X=", "Content-Length=1"]),
    .good(ok + "X: a\tb é\r\nContent-Length: 1\r\n\r\n1", body: "1", headers: ["X=a\tb é", "Content-Length=1"]),
    .good(
      ok + "Connection: Close\r\nContent-Length: 1\r\n\r\n1", body: "1",
      headers: ["Connection=Close", "Content-Length=1"],
      persists: false),
    .good(
      ok + "Connection: x, close ,y\r\nContent-Length: 0\r\n\r\n",
      headers: ["Connection=x, close ,y", "Content-Length=0"],
      persists: false),
    .good(
      ok + "Connection: keep-alive\r\nContent-Length: 0\r\n\r\n",
      headers: ["Connection=keep-alive", "Content-Length=0"]),
    .good(
      ok + "Connection: closed\r\nContent-Length: 0\r\n\r\n", headers: ["Connection=closed", "Content-Length=0"]),
  ]

  /// Without a length, older, without a body, and after interim responses.
  static let odd: [ResponseCase] = [
    .good(ok + "\r\n", persists: false),
    .good(ok + "\r\nall of it\r\n\r\n", body: "all of it\r\n\r\n", persists: false),
    .good("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", body: "1", headers: ["Content-Length=1"], persists: false),
    .good(
      "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\n1", body: "1",
      headers: ["Connection=Keep-Alive", "Content-Length=1"]),
    .good(
      "HTTP/1.0 200 OK\r\nConnection: keep-alivE\r\nContent-Length: 1\r\n\r\n1", body: "1",
      headers: ["Connection=keep-alivE", "Content-Length=1"]),
    .good(
      "HTTP/1.0 200 OK\r\nConnection: keep-alike\r\nContent-Length: 1\r\n\r\n1", body: "1",
      headers: ["Connection=keep-alike", "Content-Length=1"], persists: false),
    .good("HTTP/1.1 204 No Content\r\n\r\n", 204),
    .good("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", 204, headers: ["Content-Length=5"], leftover: 5),
    .good("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, headers: ["Content-Length=5"]),
    .good(ok + "Content-Length: 5\r\n\r\n", headers: ["Content-Length=5"], isHead: true),
    .good(ok + "Transfer-Encoding: chunked\r\n\r\n", headers: isChunked, isHead: true),
    .good(
      "HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 1\r\n\r\n1", body: "1", headers: ["Content-Length=1"]),
    .good(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 9\r\n\r\nHTTP/1.1 100\r\n\r\n" + ok
        + "Content-Length: 1\r\n\r\n1", body: "1", headers: ["Content-Length=1"]),
  ]

  static let chunks: [ResponseCase] = [
    .good(chunked + "2\r\nok\r\n0\r\n\r\n", body: "ok", headers: isChunked),
    .good(chunked + "0\r\n\r\n", headers: isChunked),
    .good(
      chunked + "00a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\nx", body: "01234567890123456789",
      headers: isChunked, leftover: 1),
    .good(chunked + "2;a=\"b\";c\r\nok\r\n0 \t;x\r\n\r\n", body: "ok", headers: isChunked),
    .good(chunked + "2 \r\n\r\n\r\n0\r\nX: 1\r\nContent-Length: x\r\n\r\n", body: "\r\n", headers: isChunked),
    .good(ok + "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n", headers: ["transfer-encoding=CHUNKED"]),
    .bad(chunked + "\r\n", .chunkSize), .bad(chunked + "x\r\n", .chunkSize), .bad(chunked + "-1\r\n", .chunkSize),
    .bad(chunked + "0x2\r\n", .chunkSize), .bad(chunked + "2 2\r\n", .chunkSize), .bad(chunked + "2\nok", .chunkSize),
    .bad(chunked + "2\r\r\n", .chunkSize), .bad(chunked + "2;\u{1}\r\n", .chunkSize),
    .bad(chunked + "8000000000000000\r\n", .chunkSize), .bad(chunked + "ffffffffffffffffff\r\n", .chunkSize),
    .cut(chunked + "7fffffffffffffff\r\nnot all of it"),
    .bad(chunked + "2\r\nokay", .chunkEnd), .bad(chunked + "2\r\nok\n", .chunkEnd),
    .bad(chunked + "2\r\nok\rX", .chunkEnd),
    .bad(chunked + "2;" + String(repeating: "x", count: 5000), .chunkLineTooLong),
    .bad(chunked + String(repeating: "0", count: 5000), .chunkLineTooLong),
    .bad(chunked + "0\r\nX\r\n\r\n", .fieldName), .bad(chunked + "0\r\n X: 1\r\n\r\n", .foldedLine),
    .cut(chunked + "2\r\nok\r\n0\r\n"), .cut(chunked + "2\r\nok\r\n0\r\nX: 1\r\n"), .cut(chunked + "2\r\nok\r\n"),
  ]

  static let bad: [ResponseCase] = [
    .bad("SSH-2.0-OpenSSH_9.2\r\n", .notHTTP), .bad("\r\nHTTP/1.1 200 OK\r\n\r\n", .notHTTP),
    .bad("http/1.1 200 OK\r\n\r\n", .notHTTP), .bad("HTTP/2 200\r\n\r\n", .notHTTP),
    .bad("HTTP/1.2 200 OK\r\n\r\n", .notHTTP), .bad("HTTP/1.x", .notHTTP), .bad("{}", .notHTTP), .bad("H\0", .notHTTP),
    .bad("HTTP/1.1  200 OK\r\n\r\n", .statusLine), .bad("HTTP/1.1 20 OK\r\n\r\n", .statusLine),
    .bad("HTTP/1.1 2000 OK\r\n\r\n", .statusLine), .bad("HTTP/1.1 099 OK\r\n\r\n", .statusLine),
    .bad("HTTP/1.1\t200", .statusLine), .bad("HTTP/1.1 +20 OK\r\n\r\n", .statusLine),
    .bad("HTTP/1.1 200\n\n\n", .statusLine), .bad("HTTP/1.1 200 OK\n\n", .lineEnd),
    .bad("HTTP/1.1 200 O\rK\r\n\r\n", .lineEnd), .bad("HTTP/1.1 200 O\0K\r\n\r\n", .controlCharacter),
    .bad("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", .protocolSwitch),
    .bad(ok + "X: 1\n\n", .lineEnd), .bad(ok + "X: 1\rY: 2\r\n\r\n", .lineEnd),
    .bad(ok + "X: a\u{1B}b\r\n\r\n", .controlCharacter),
    .bad(ok + "\n", .lineEnd), .bad(ok + "\rX", .lineEnd), .bad(ok + "X\n\n", .lineEnd),
    .bad(ok + ": 1\r\n\r\n", .fieldName), .bad(ok + "X : 1\r\n\r\n", .fieldName),
    .bad(ok + "X Y: 1\r\n\r\n", .fieldName),
    .bad(ok + "X\r\n\r\n", .fieldName), .bad(ok + "é: 1\r\n\r\n", .fieldName),
    .bad(ok + "X\0: 1\r\n\r\n", .controlCharacter),
    .bad(ok + "X: 1\r\n folded\r\n\r\n", .foldedLine), .bad(ok + "\tX: 1\r\n\r\n", .foldedLine),
    .bad(ok + "Content-Length:\r\n\r\n", .contentLength), .bad(ok + "Content-Length: x\r\n\r\n", .contentLength),
    .bad(ok + "Content-Length: -1\r\n\r\n", .contentLength), .bad(ok + "Content-Length: +1\r\n\r\n", .contentLength),
    .bad(ok + "Content-Length: 1 1\r\n\r\n", .contentLength), .bad(ok + "Content-Length: 1,1\r\n\r\n", .contentLength),
    .bad(ok + "Content-Length: 0x1\r\n\r\n", .contentLength),
    .bad(ok + "Content-Length: 99999999999999999999\r\n\r\n", .contentLength),
    .bad(ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedContentLength),
    .bad(ok + "Content-Length: 1\r\ncontent-length: 2\r\n\r\n", .repeatedContentLength),
    .bad("HTTP/1.1 204 N\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .repeatedContentLength),
    .bad(ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .twoLengths),
    .bad(ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", .twoLengths),
    .bad(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", .transferEncoding),
    .bad(ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
    .bad(ok + "Transfer-Encoding: identity\r\n\r\n", .transferEncoding),
    .bad(ok + "Transfer-Encoding: chunkedx\r\n\r\n", .transferEncoding),
    .bad("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
  ]

  static let cut: [ResponseCase] = [
    .cut(""), .cut("H"), .cut("HTTP/1.1 2"), .cut("HTTP/1.1 200"), .cut("HTTP/1.1 200 OK\r"), .cut(ok), .cut(ok + "\r"),
    .cut(ok + "Content-Le"), .cut(ok + "X: 1\r"), .cut("HTTP/1.1 100 Continue\r\n\r\n"),
  ]

  /// Too long for every byte to come alone.
  static let long: [ResponseCase] = [
    .bad(ok + "X: " + String(repeating: "x", count: 70_000), .headTooLong),
    .bad(ok + String(repeating: "x", count: 70_000), .headTooLong),
    .bad("HTTP/1.1 200 " + String(repeating: "x", count: 70_000) + "\0", .headTooLong),
    .bad(ok + String(repeating: "X: 1234\r\n", count: 8_000), .headTooLong),
    .bad(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 4_000), .headTooLong),
    .bad(String(repeating: "HTTP/1.1 100\r\n\r\n", count: 4_096) + "garbage", .headTooLong),
    .bad(chunked + "0\r\n" + String(repeating: "X: 1234\r\n", count: 8_000), .headTooLong),
    .good(
      ok + "X: " + String(repeating: "x", count: 60_000) + "\r\nContent-Length: 100000\r\n\r\n"
        + String(repeating: "\r\n", count: 50_000), body: String(repeating: "\r\n", count: 50_000),
      headers: ["X=" + String(repeating: "x", count: 60_000), "Content-Length=100000"]),
  ]
}

struct ResponseParserTests {
  /// Headers before the fault are told or not; only what decides is compared.
  private func decisive(_ parsed: Parsed) -> Parsed {
    if case .whole = parsed.end { return parsed }
    return Parsed(end: parsed.end)
  }

  @Test(arguments: ResponseCase.all) func `a response is what its bytes say, whole, byte by byte and in pieces`(
    example: ResponseCase
  ) {
    var random = TestRandom(7)
    var seen = [ResponseListener.parse(example.bytes, isHead: example.isHead) { .max }.0]
    seen.append(ResponseListener.parse(example.bytes, isHead: example.isHead) { 1 }.0)
    for _ in 0..<20 {
      seen.append(
        ResponseListener.parse(example.bytes, isHead: example.isHead) { Int.random(in: 1...40, using: &random) }.0)
    }
    #expect(Set(seen).count == 1 && decisive(seen[0]) == example.expected)
  }

  @Test(arguments: ResponseCase.long) func `a long head ends where the limit is, and nothing more is kept of it`(
    example: ResponseCase
  ) {
    var random = TestRandom(9)
    for size in [Int.max, 60_000, 1_500] {
      let (parsed, mostKept) = ResponseListener.parse(example.bytes) {
        size == .max ? size : .random(in: 1...size, using: &random)
      }
      #expect(decisive(parsed) == example.expected && mostKept <= ResponseParser.headLimit)
    }
  }

  @Test(arguments: [65_535, 65_536, 65_537]) func `the limit of a head counts to the byte`(length: Int) {
    let begin = "HTTP/1.1 204 N\r\nX: "
    let text = begin + String(repeating: "x", count: length - begin.utf8.count - 4) + "\r\n\r\n"
    for size in [Int.max, 1_000, length - 1, length - 2, length - 3] {
      let end = ResponseListener.parse(Array(text.utf8)) { size }.0.end
      #expect(end == (length > 65_536 ? .impossible(.headTooLong) : .whole(length: length, isPersistent: true)))
    }
  }
}
