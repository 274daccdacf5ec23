import Glibc
import Model
import TestSupport
import Testing

@testable import HTTP

/// Requests of a server that follows a script, and what becomes of them.
struct Scene: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var script: [Step]
  var answers: [Answer]
  /// What the message of the last answer must contain.
  var message = ""
  var request = HTTPRequestTemplate(path: "/a")
  var captured: [String] = []
  /// Where libcurl sees it otherwise.
  var curl: [Answer]?

  init(
    _ name: String, _ script: [Step], _ answers: Answer..., message: String = "",
    request: HTTPRequestTemplate = HTTPRequestTemplate(path: "/a"), captured: [String] = [], curl: [Answer]? = nil
  ) {
    testDescription = name
    self.script = script
    self.answers = answers
    self.message = message
    self.request = request
    self.captured = captured
    self.curl = curl
  }

  static let kept = Answer.done(isReusable: true)
  static let once = Answer.done(isReusable: false)
  static let head = "HTTP/1.1 200 OK\r\n"
  static let ok = head + "Content-Length: 2\r\n\r\nok"
  static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"

  static let sound: [Scene] = [
    Scene("kept alive", [.read, .say(ok), .read, .say(ok), .wait], kept, kept),
    Scene("one byte a time", [.read, .drip(ok), .read, .drip(chunked + "1\r\nx\r\n0\r\n\r\n"), .wait], kept, kept),
    Scene("chunked", [.read, .say(chunked + "2;x=y\r\nok\r\n0\r\nX: 1\r\n\r\n"), .read, .say(ok), .wait], kept, kept),
    Scene(
      "interim responses", [.read, .say("HTTP/1.1 100 Continue\r\n\r\n"), .pause(milliseconds: 20), .say(ok), .wait],
      kept),
    Scene("connection: close", [.read, .say(head + "Connection: close\r\nContent-Length: 2\r\n\r\nok")], once),
    Scene("closed without a length", [.read, .say(head + "\r\nok"), .pause(milliseconds: 20), .say("more")], once),
    Scene("HTTP/1.0", [.read, .say("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), .wait], once),
    Scene("closed after the answer", [.read, .say(ok)], kept, .lost(.stale), curl: [kept, kept]),
    Scene(
      "half-closed after the answer", [.read, .say(ok), .halfClose, .wait], kept, .lost(.stale), curl: [kept, kept]),
    Scene("closed on the second request", [.read, .say(ok), .read], kept, .lost(.stale)),
    Scene("reset on the second request", [.read, .say(ok), .read, .reset], kept, .lost(.stale)),
    // libcurl does not count a byte of a line that is not whole.
    Scene(
      "closed within the second answer", [.read, .say(ok), .read, .say("H")], kept, .lost(.gone),
      curl: [kept, .lost(.stale)]),
    Scene("reset after the answer", [.read, .say(ok), .pause(milliseconds: 50), .reset], kept, .lost(.stale)),
    Scene(
      "large body",
      [.read, .say(head + "Content-Length: 3000000\r\n\r\n" + String(repeating: "x", count: 3_000_000)), .wait], kept),
    Scene(
      "HEAD", [.read, .say(head + "Content-Length: 500\r\n\r\n"), .read, .say(ok.replacing("ok", with: "")), .wait],
      kept, kept, request: HTTPRequestTemplate(method: "HEAD", path: "/a")),
    Scene("204", [.read, .say("HTTP/1.1 204 No Content\r\n\r\n"), .read, .say(ok), .wait], kept, kept),
    Scene("moved", [.read, .say("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"), .wait], kept),
  ]

  static let judged: [Scene] = [
    Scene(
      "status 503", [.read, .say("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"), .read, .say(ok), .wait],
      .failed(.status(503), isReusable: true), kept),
    Scene(
      "status 404 wanted", [.read, .say("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"), .wait], kept,
      request: HTTPRequestTemplate(path: "/a", statuses: [404, 410])),
    Scene(
      "status 200 not wanted", [.read, .say(ok), .wait], .failed(.status(200), isReusable: true),
      message: "the status is 200", request: HTTPRequestTemplate(path: "/a", statuses: [201, 204])),
    Scene(
      "body contains", [.read, .say(chunked + "2\r\nxo\r\n2\r\nky\r\n0\r\n\r\n"), .wait], kept,
      request: HTTPRequestTemplate(path: [.text("/a")], bodyContains: "ok")),
    Scene(
      "body does not contain", [.read, .say(ok), .read, .say(head + "Content-Length: 3\r\n\r\nno\n"), .wait],
      .failed(.unexpectedBody, isReusable: true), .failed(.unexpectedBody, isReusable: true),
      message: "the body does not contain 'no way'",
      request: HTTPRequestTemplate(path: [.text("/a")], bodyContains: "no way")),
    Scene(
      "body without end in what is kept",
      [
        .read, .say(head + "Content-Length: 2000003\r\n\r\n" + String(repeating: "x", count: 2_000_000) + "end"), .wait,
      ],
      .failed(.unexpectedBody, isReusable: true), message: "in its first MiB",
      request: HTTPRequestTemplate(path: [.text("/a")], bodyContains: "end")),
    Scene(
      "captures",
      [
        .read,
        .say(
          head
            + "X-Id:  a b \r\nx-id: c\r\nContent-Length: 30\r\n\r\n{\"order\": {\"id\": 17, \"s\": [5]}}".replacing(
              "30", with: "31")), .wait,
      ],
      kept, request: capturing("order.id", "order.s[0]"), captured: ["a b", "17", "5"]),
    Scene(
      "capture missing", [.read, .say(head + "X-Id: 1\r\nContent-Length: 13\r\n\r\n{\"order\": {}}"), .wait],
      .failed(.valueMissing, isReusable: true), message: "the body has no value at order.id",
      request: capturing("order.id")),
    Scene(
      "header missing", [.read, .say(head + "Content-Length: 2\r\n\r\n{}"), .wait],
      .failed(.valueMissing, isReusable: true), message: "the answer has no header X-ID", request: capturing()),
    Scene(
      "headers of an interim response",
      [.read, .say("HTTP/1.1 103 Early\r\nX-Id: 1\r\n\r\n" + head + "X-ID: 2\r\nContent-Length: 2\r\n\r\n{}"), .wait],
      kept, request: capturing(), captured: ["2"]),
  ]

  private static func capturing(_ places: String...) -> HTTPRequestTemplate {
    HTTPRequestTemplate(
      path: [.text("/a")],
      captures: [.header("X-ID")] + places.compactMap { JSONPlace($0).flatMap(JSONCapture.init) }.map { .json($0) })
  }

  static let hostile: [Scene] = [
    Scene("never answers", [.read, .wait], .pending(hasBegun: false)),
    Scene("half an answer", [.read, .say(head), .wait], .pending(hasBegun: true)),
    Scene("closes at once", [], .lost(.gone)),
    Scene("closes before the answer", [.read], .lost(.gone), message: "before it answered"),
    Scene("half-closes before the answer", [.read, .halfClose, .wait], .lost(.gone)),
    Scene("resets before the answer", [.read, .reset], .lost(.gone)),
    Scene(
      "closes in the head", [.read, .say(head + "Content-Le")], .lost(.gone), message: "in the middle of its answer"),
    Scene("closes in the body", [.read, .say(head + "Content-Length: 9\r\n\r\nshort")], .lost(.gone)),
    Scene("closes in a chunk", [.read, .say(chunked + "9\r\nshort")], .lost(.gone)),
    Scene("closes before the last chunk", [.read, .say(chunked + "2\r\nok\r\n")], .lost(.gone)),
    Scene(
      "resets in a body without a length", [.read, .say(head + "\r\nok"), .pause(milliseconds: 100), .reset],
      .lost(.gone)),
    Scene("more than it says", [.read, .say(ok + "and more"), .wait], once),
    Scene("an answer too many", [.read, .say(ok + ok), .wait], once),
    Scene("answers a second time later", [.read, .say(ok), .wait], kept),
    Scene("garbage", [.read, .say("\u{16}\u{3}\u{1} garbage\r\n\r\n"), .wait], .lost(.badResponse)),
    Scene(
      "another protocol", [.read, .say("SSH-2.0-OpenSSH_9.2\r\n"), .wait], .lost(.badResponse),
      message: "'SSH-2.0-OpenSSH_9.2"),
    Scene("endless headers", [.read, .say(head), .sayForever("X-Header: value\r\n")], .lost(.badResponse)),
    Scene("an endless header", [.read, .say(head + "X: "), .sayForever("xxxxxxxx")], .lost(.badResponse)),
    Scene("endless interim responses", [.read, .sayForever("HTTP/1.1 100 Continue\r\n\r\n")], .lost(.badResponse)),
    Scene("an endless body", [.read, .say(head + "\r\n"), .sayForever("xxxxxxxx")], .pending(hasBegun: true)),
    Scene("an endless chunked body", [.read, .say(chunked), .sayForever("1\r\nx\r\n")], .pending(hasBegun: true)),
    Scene(
      "an endless body that is kept", [.read, .say(chunked), .sayForever("1\r\nx\r\n")], .pending(hasBegun: true),
      request: HTTPRequestTemplate(path: [.text("/a")], bodyContains: "y")),
    Scene(
      "two lengths", [.read, .say(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nok"), .wait],
      .lost(.badResponse)),
    Scene("a bad length", [.read, .say(head + "Content-Length: -1\r\n\r\n"), .wait], .lost(.badResponse)),
    Scene(
      "a folded header", [.read, .say(head + "X: 1\r\n 2\r\nContent-Length: 0\r\n\r\n"), .wait], .lost(.badResponse)),
    Scene("a bad chunk", [.read, .say(chunked + "xyz\r\n"), .wait], .lost(.badResponse)),
    Scene("a chunk that is too long", [.read, .say(chunked + "2\r\nokay\r\n0\r\n\r\n"), .wait], .lost(.badResponse)),
    Scene("a chunk size beyond all", [.read, .say(chunked + "fffffffffffffffff\r\n"), .wait], .lost(.badResponse)),
    Scene(
      "a protocol switch", [.read, .say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), .wait],
      .lost(.badResponse)),
  ]

  static let all = sound + judged + hostile

  /// Endless silence and endless answers are waited for this long.
  var limit: Int { if case .pending? = answers.last { 150 } else { 10_000 } }
}

extension Answer {
  /// As it is where libcurl sees to the connections.
  fileprivate var onSlot: Answer {
    switch self {
    case .done: .done(isReusable: true)
    case .failed(let code, _): .failed(code, isReusable: true)
    case .lost, .pending: self
    }
  }
}

struct HTTPConnectionTests {
  static func requests(_ templates: HTTPRequestTemplate..., port: UInt16) throws(HTTPFault) -> HTTPRequests {
    try HTTPRequests(templates, host: "127.0.0.1:\(port)", userAgent: "poolops/test")
  }

  @Test(arguments: Scene.all) func `whatever a server does, a request has the outcome that it should have`(
    scene: Scene
  ) throws {
    let server = try ScriptedServer(scene.script)
    let requests = try Self.requests(scene.request, port: server.port)
    var connection = try connect(server.base, requests.session)
    var seen: [Answer] = []
    var message = ""
    for _ in scene.answers {
      // Time enough that what follows an answer has come.
      if !seen.isEmpty { usleep(20_000) }
      let (answer, text) = connection.ask(0, of: requests, milliseconds: scene.limit)
      seen.append(answer)
      message = text
    }
    #expect(seen == scene.answers && message.contains(scene.message), "\(seen) \(message)")
    #expect(scene.captured.isEmpty || connection.captured == scene.captured)
  }

  /// The same server, and the same outcomes, but that a slot may always be used again.
  @Test(arguments: Scene.all) func `libcurl gives the outcomes of the plain connection`(scene: Scene) throws {
    let server = try ScriptedServer(scene.script)
    let requests = try Self.requests(scene.request, port: server.port)
    let transfers = try CurlTransfers(CurlSetup(HTTPBase(server.base), connections: 1), requests.session)
    var slot = try transfers.slot()
    var seen: [Answer] = []
    var message = ""
    let expected = scene.curl ?? scene.answers.map(\.onSlot)
    for _ in expected {
      if !seen.isEmpty { usleep(20_000) }
      let (answer, text) = slot.ask(0, of: requests, milliseconds: scene.limit)
      seen.append(answer)
      message = text
    }
    #expect(seen == expected, "\(seen) \(message)")
    #expect(scene.captured.isEmpty || slot.captured == scene.captured)
  }

  @Test func `what a server says unasked is the end of the connection`() throws {
    for (step, code) in [(Step.say("x"), HTTPFault.Code.badResponse), (.halfClose, .stale)] {
      let server = try ScriptedServer([.read, .say(Scene.ok), .pause(milliseconds: 30), step, .wait])
      let requests = try Self.requests(HTTPRequestTemplate(path: "/"), port: server.port)
      var connection = try connect(server.base, requests.session)
      let answers = [connection.ask(0, of: requests).0, connection.listen()]
      #expect(answers == [Scene.kept, .lost(code)])
    }
  }

  @Test func `a large request goes out in pieces, and arrives whole`() throws {
    let body = String(repeating: "0123456789", count: 800_000)
    let server = try ScriptedServer([.pause(milliseconds: 100), .read, .say(Scene.ok), .wait])
    var requests = try Self.requests(
      HTTPRequestTemplate(method: "POST", path: [.text("/")], body: [.slot(0)], slots: 1), port: server.port)
    try requests.set(0, 0, text: body)
    var connection = try connect(server.base, requests.session)
    #expect(connection.ask(0, of: requests).0 == Scene.kept)
    #expect(server.requests == [requests.bytes(of: 0)])
  }

  @Test(arguments: [
    (
      [Step.say("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno"), .pause(milliseconds: 300)],
      Answer.failed(.status(413), isReusable: false)
    ),
    (
      [.say("HTTP/1.1 413 No\r\nConnection: close\r\n\r\nno"), .pause(milliseconds: 50), .reset],
      .failed(.status(413), isReusable: false)
    ),
    ([.pause(milliseconds: 20), .reset], .lost(.gone)),
  ]) func `an answer that comes before the request is sent is an answer`(script: [Step], answer: Answer) throws {
    let server = try ScriptedServer(script, receiveRoom: 65_536)
    let requests = try Self.requests(
      HTTPRequestTemplate(method: "POST", path: [.text("/")], body: [.text(String(repeating: "x", count: 12_000_000))]),
      port: server.port)
    var connection = try connect(server.base, requests.session)
    #expect(connection.ask(0, of: requests).0 == answer)
  }

  @Test func `what cannot be reached is told, and the next address is tried`() throws {
    let port = UInt16(try Loopback.freePort())
    let requests = try Self.requests(HTTPRequestTemplate(path: "/"), port: port)
    #expect(throws: HTTPFault(code: .refused, message: "127.0.0.1 port \(port): Connection refused")) {
      _ = try connect("http://127.0.0.1:\(port)", requests.session)
    }
    #expect(throws: HTTPFault.self) { _ = try connect("http://no-such-host.invalid", requests.session) }
    // Where localhost is both ::1 and 127.0.0.1, nobody listens on the first.
    let server = try ScriptedServer([.read, .say(Scene.ok), .wait])
    var connection = try connect("http://localhost:\(server.port)", requests.session)
    #expect(connection.ask(0, of: requests).0 == Scene.kept)
  }

  private static let bases: [(String, String)] = [
    ("http://a", "http://a:80 a"), ("http://a:8080", "http://a:8080 a:8080"), ("https://a:443", "https://a:443 a"),
    ("HTTP://[::1]:90", "http://[::1]:90 [::1]:90"), ("https://[fe80::1]", "https://[fe80::1]:443 [fe80::1]"),
  ]

  @Test(arguments: bases) func `a base URL is taken apart`(text: String, expected: String) throws {
    let base = try HTTPBase(text)
    #expect("\(base.text) \(base.hostHeader)" == expected)
  }

  @Test(arguments: [
    "", "a", "ftp://a", "http://", "http://a/", "http://a/b", "http://a?b", "http://a:", "http://a:0", "http://a:65536",
    "http://a:x", "http://u:secret@a", "http://[::1", "http://[a]", "http://::1", "http://a b", "http://a\r\n",
  ]) func `what is no base URL is refused, without showing a password`(text: String) {
    let fault = #expect(throws: HTTPFault.self) { _ = try HTTPBase(text) }
    #expect(fault?.code == .invalidRequest && fault?.message.contains("secret") == false)
  }
}

/// A head that came before is known again without being read.
struct HeadMemoryTests {
  private static let heads = [
    Scene.head + "Content-Length: 2\r\n\r\n", Scene.head + "Content-Length: 2\r\n\r\n",
    Scene.head + "Content-Length: 2\r\nX-Id: 1\r\n\r\n", "HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\n",
    Scene.head + "Content-Length: 2\r\n\r\n", Scene.head + "Transfer-Encoding: chunked\r\n\r\n",
    Scene.head + "Transfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n" + Scene.head + "Content-Length: 2\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n" + Scene.head + "Content-Length: 2\r\n\r\n",
    Scene.head + "Content-Length: 2\r\n\r\n",
  ]

  @Test(arguments: [Int.max, 40, 1]) func `answers are told apart, whether their heads are alike or not`(piece: Int)
    throws
  {
    let requests = try HTTPConnectionTests.requests(
      HTTPRequestTemplate(path: "/"), HTTPRequestTemplate(path: [.text("/")], captures: [.header("X-Id")]),
      HTTPRequestTemplate(method: "HEAD", path: "/"), port: 1)
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends)
    defer { close(ends[1]) }
    var connection = HTTPConnection(descriptor: ends[0], session: requests.session)
    for round in 0..<3 {
      for head in Self.heads {
        let body = round == 2 ? "" : head.contains("chunked") ? "2\r\nok\r\n0\r\n\r\n" : "ok"
        _ = connection.send(round, of: requests)
        var rest = Array((head + body).utf8)[...]
        var reply = HTTPConnection.Reply.pending
        while !rest.isEmpty, case .pending = reply {
          let part = Array(rest.prefix(piece))
          _ = write(ends[1], part, part.count)
          rest = rest.dropFirst(part.count)
          reply = connection.receive()
        }
        let isOK = if case .done = reply { true } else { false }
        let expected = round == 1 ? head.contains("X-Id") : !head.contains("503")
        #expect(isOK == expected && rest.isEmpty && connection.status == (head.contains("503") ? 503 : 200))
        #expect(connection.isReusable && !connection.isBusy && connection.leftovers == 0)
      }
    }
  }
}
