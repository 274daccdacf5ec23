import Glibc
import Synchronization
import Testing

@testable import Exporter

@Suite struct ExporterServerTests {
  private static func server(
    token: String? = nil, limits: ExporterServer.Limits = ExporterServer.Limits()
  ) throws -> ExporterServer {
    try ExporterServer(
      at: ListenAddress("0"), token: token.map { try BearerToken(file: Array($0.utf8)) }, limits: limits
    ) { page in
      switch page {
      case .metrics:
        ExporterAnswer(status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array("up 1\n".utf8))
      case .health: .text("ok\n")
      case .readiness: .text("not yet\n", status: 503)
      }
    }
  }

  @Test(arguments: [
    ("GET /metrics", 200, "up 1\n"), ("GET /metrics?name[]=up", 200, "up 1\n"), ("GET /healthz", 200, "ok\n"),
    ("GET /readyz", 503, "not yet\n"), ("HEAD /metrics", 200, ""), ("HEAD /readyz", 503, ""),
    ("GET /", 404, "There is no such page; there are /metrics, /healthz, /readyz.\n"),
    ("GET /metrics/", 404, "There is no such page; there are /metrics, /healthz, /readyz.\n"),
    ("GET /../etc/passwd", 404, "There is no such page; there are /metrics, /healthz, /readyz.\n"),
    ("POST /metrics", 405, "Only GET and HEAD are answered.\n"),
    ("DELETE /healthz", 405, "Only GET and HEAD are answered.\n"),
    ("OPTIONS /metrics", 405, "Only GET and HEAD are answered.\n"),
  ])
  func `three pages are answered, and nothing else`(line: String, status: Int, body: String) throws {
    let server = try Self.server()
    let answer = try #require(TestAnswer(server.address.port, line))
    #expect(answer.status == status)
    #expect(answer.body == body)
    #expect(answer.header("Allow") == (status == 405 ? "GET, HEAD" : nil))
    let isMetrics = line.contains(" /metrics") && status == 200
    #expect(answer.header("Content-Type") == "text/plain;\(isMetrics ? " version=0.0.4;" : "") charset=utf-8")
    if line.hasPrefix("HEAD /m") { #expect(answer.header("Content-Length") == "5") }
  }

  @Test func `a connection is kept, and an older client is answered too`() throws {
    let server = try Self.server()
    let kept = TestConnection(port: server.address.port)
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in 0..<3 {
      kept.say(request)
      #expect(TestAnswer(kept.read(until: "ok\n"))?.status == 200)
    }
    kept.say(request + "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(kept.read(until: "up 1\n") != nil)
    let old = TestConnection(port: server.address.port)
    old.say("GET /metrics HTTP/1.0\r\n\r\n")
    #expect(TestAnswer(old.readToEnd())?.body == "up 1\n")
  }

  @Test func `metrics need the token, health and readiness do not`() throws {
    let server = try Self.server(token: "a-token-of-some-length")
    let port = server.address.port
    for header in ["X-Nothing: 1", "Authorization: Bearer a-token-of-some-lengtH", "Authorization: Basic YTpi"] {
      let refused = try #require(TestAnswer(port, "GET /metrics", header))
      #expect(refused.status == 401)
      #expect(refused.header("WWW-Authenticate") == "Bearer realm=\"poolops\"")
      #expect(refused.body == "A bearer token is needed.\n")
    }
    #expect(TestAnswer(port, "GET /metrics", "authorization: bearer a-token-of-some-length")?.body == "up 1\n")
    #expect(TestAnswer(port, "GET /healthz")?.status == 200)
    #expect(TestAnswer(port, "GET /readyz")?.status == 503)
  }

  @Test(arguments: [
    ("GET /metrics", "Content-Length: 1000000000"), ("GET /metrics", "Transfer-Encoding: chunked"),
    ("POST /metrics", "Content-Length: 1000000000"),
  ])
  func `a body is not waited for`(line: String, header: String) throws {
    let server = try Self.server()
    let answer = try #require(TestAnswer(server.address.port, line, header))
    #expect(answer.status == (line.hasPrefix("GET") ? 413 : 405))
  }

  @Test func `a request that does not end is refused, and what is no HTTP too`() throws {
    let server = try Self.server()
    let endless = TestConnection(port: server.address.port)
    endless.say("GET /metrics HTTP/1.1\r\nHost: x\r\n")
    let line = "X-Filler: \(String(repeating: "x", count: 1000))\r\n"
    for _ in 0..<64 where endless.say(line) {}
    let refused = try #require(endless.readToEnd())
    #expect(refused.isEmpty || (TestAnswer(refused).map { (400..<500).contains($0.status) } ?? false))
    for rubbish in ["\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", "GET\r\n\r\n", "\r\n\r\n\r\nx y\r\n\r\n"] {
      let connection = TestConnection(port: server.address.port)
      connection.say(rubbish)
      shutdown(connection.descriptor, Int32(SHUT_WR))
      let answer = try #require(connection.readToEnd())
      #expect(!answer.contains("up 1"))
    }
    #expect(TestAnswer(server.address.port, "GET /metrics")?.status == 200)
  }

  @Test func `a connection on which nothing comes is closed`() throws {
    var limits = ExporterServer.Limits()
    limits.idle = .seconds(1)
    let server = try Self.server(limits: limits)
    let silent = TestConnection(port: server.address.port)
    let half = TestConnection(port: server.address.port)
    half.say("GET /metrics HTT")
    #expect(silent.readToEnd() == "")
    #expect(half.readToEnd() != nil)
  }

  @Test func `who opens many connections and asks for nothing, or byte by byte, keeps nobody out`() throws {
    var limits = ExporterServer.Limits()
    limits.connections = 8
    let server = try Self.server(limits: limits)
    let port = server.address.port
    let crowd = Crowd(port: port, count: 60)
    for round in 0..<5 {
      crowd.drip("GET /metrics HTTP/1.1\r\n".utf8.dropFirst(round).first.map { String(UnicodeScalar($0)) } ?? "")
      #expect(TestAnswer(port, "GET /metrics")?.body == "up 1\n")
    }
    #expect(crowd.waits { $0 <= limits.connections })
  }

  @Test func `it stops at once, whatever is open, and the port is free again`() throws {
    var limits = ExporterServer.Limits()
    limits.connections = 4
    let server = try Self.server(limits: limits)
    let address = server.address
    let crowd = Crowd(port: address.port, count: 8)
    #expect(TestAnswer(address.port, "GET /healthz")?.status == 200)
    server.stop()
    #expect(crowd.waits { $0 == 0 })
    #expect(!TestConnection(port: address.port).isOpen)
    server.stop()
    let next = try ExporterServer(at: address) { _ in .text("next\n") }
    #expect(TestAnswer(address.port, "GET /healthz")?.body == "next\n")
    withExtendedLifetime(next) {}
  }

  @Test func `it ends with its last reference, and what it answered with too`() throws {
    final class Held: Sendable {}
    weak var held: Held?
    var port: UInt16 = 0
    do {
      let kept = Held()
      held = kept
      let server = try ExporterServer(at: ListenAddress("0")) { _ in withExtendedLifetime(kept) { .text("here\n") } }
      port = server.address.port
      #expect(TestAnswer(port, "GET /metrics")?.body == "here\n")
    }
    #expect(held == nil)
    #expect(!TestConnection(port: port).isOpen)
  }

  @Test func `many ask at a time, and each is answered once`() async throws {
    let served = Mutex(0)
    let page = String(repeating: "metric{label=\"value\"} 1\n", count: 10_000)
    let server = try ExporterServer(at: ListenAddress("0")) { _ in
      served.withLock { $0 += 1 }
      return .text(page)
    }
    let port = server.address.port
    let right = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask { (0..<20).count { _ in TestAnswer(port, "GET /metrics")?.body == page } }
      }
      return await group.reduce(0, +)
    }
    #expect(right == 160)
    #expect(served.withLock(\.self) == 160)
  }
}

/// Connections that say nothing of their own accord.
private final class Crowd {
  private var descriptors: [Int32] = []

  init(port: UInt16, count: Int) {
    for _ in 0..<count {
      let connection = TestConnection(port: port)
      descriptors.append(dup(connection.descriptor))
    }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  func drip(_ text: String) {
    for descriptor in descriptors { send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }
  }

  private var open: Int {
    descriptors.count { descriptor in
      var byte: UInt8 = 0
      return recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK)) < 0 && errno == EAGAIN
    }
  }

  /// Whether that many are left open after a while.
  func waits(until isRight: (Int) -> Bool) -> Bool {
    for _ in 0..<500 {
      if isRight(open) { return true }
      usleep(20_000)
    }
    return false
  }
}
