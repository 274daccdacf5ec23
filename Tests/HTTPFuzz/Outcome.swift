import Glibc
import HTTP

/// What became of the bytes: all that must not depend on how they came.
struct Outcome: Hashable {
  var end = "unfinished"
  var status = 0
  var headers: [[UInt8]] = []
  var body: [UInt8] = []

  /// By the parser alone. What lies behind the bytes is made to look like an end, and must not be believed.
  static func parse(_ bytes: [UInt8], cuts: [Int], isHead: Bool) -> Outcome {
    var outcome = Outcome()
    var parser = ResponseParser()
    parser.begin(isHead: isHead, wantsHeaders: true, wantsBody: true)
    var begin = 0
    for end in cuts + [bytes.count] where outcome.end == "unfinished" {
      begin += take(bytes, begin, end, &parser, &outcome)
    }
    if outcome.end == "unfinished", parser.endsWithConnection { outcome.end = "whole with the connection" }
    return outcome
  }

  /// Returns how many bytes need no second look.
  private static func take(
    _ bytes: [UInt8], _ begin: Int, _ end: Int, _ parser: inout ResponseParser, _ outcome: inout Outcome
  ) -> Int {
    let padded = Array(bytes[begin..<end]) + Array("\r\n\r\n0:\r\n".utf8)
    return padded.withUnsafeBytes { padded in
      let text = UnsafeRawBufferPointer(rebasing: padded[..<(end - begin)])
      var cursor = 0
      while true {
        let event = parser.next(text, &cursor)
        if cursor < 0 || cursor > text.count { fail("the cursor stands at \(cursor) of \(text.count)") }
        switch event {
        case .more:
          if text.count - cursor > ResponseParser.headLimit { fail("\(text.count - cursor) bytes are asked for again") }
          return cursor
        case .header: outcome.headers += [Array(text[parser.name]), Array(text[parser.value])]
        case .body: outcome.body += text[parser.part]
        case .impossible(let problem):
          outcome.end = "\(problem)"
          return cursor
        case .over:
          outcome.end = "whole after \(begin + cursor), kept: \(parser.isPersistent)"
          outcome.status = parser.status
          return cursor
        }
      }
    }
  }

  /// By a connection, whose server is the other end of a pair of sockets.
  static func receive(_ bytes: [UInt8], cuts: [Int], of requests: borrowing HTTPRequests) -> Outcome {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0 else {
      fail("socketpair: \(errno)")
    }
    defer { close(ends[1]) }
    var connection = HTTPConnection(descriptor: ends[0], session: requests.session)
    guard case .sent = connection.send(0, of: requests) else { fail("the request could not be sent") }
    var begin = 0
    for end in cuts + [bytes.count] where end > begin {
      let sent = bytes[begin..<end].withUnsafeBytes { send(ends[1], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent != end - begin { fail("the answer could not be sent: \(errno)") }
      begin = end
      if let outcome = Self.outcome(&connection, isLast: false) { return outcome }
    }
    shutdown(ends[1], Int32(SHUT_WR))
    return Self.outcome(&connection, isLast: true) ?? Outcome(end: "still pending")
  }

  private static func outcome(_ connection: inout HTTPConnection, isLast: Bool) -> Outcome? {
    switch connection.receive() {
    case .pending: return nil
    case .done: return Outcome(end: "done \(connection.captured)", status: connection.status)
    case .failed: return Outcome(end: "failed \(connection.takeFault().code)", status: connection.status)
    case .lost: return Outcome(end: "lost \(connection.takeFault().code)")
    }
  }
}

func fail(_ text: String) -> Never {
  let line = Array("HTTPFuzz: input \(current): \(text)\n".utf8)
  _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  exit(1)
}

/// The number of the input at work.
nonisolated(unsafe) var current = 0
