import Glibc
import Model
import Monitor
import Telemetry
import Testing

@testable import Probes

/// An app's endpoint over real sockets, behaving as badly as it can: told as gone in time, with the reason, and back by itself.
@Suite struct HostileEndpointTests {
  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var manner: HostileApp.Manner
    /// A part of the reason.
    var reason: String
    init(_ description: String, _ manner: HostileApp.Manner, _ reason: String) {
      testDescription = description
      self.manner = manner
      self.reason = reason
    }
  }

  private static func answer(
    _ body: String, status: String = "200 OK", length: Int? = nil, head: String = ""
  ) -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(length ?? body.utf8.count)\r\nConnection: close\r\n\(head)\r\n\(body)"
  }

  private static let good = answer(#"{"totalCount":3,"idleCount":1,"waitingCount":4,"max":5}"#)
  private static let endless = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"

  private static let examples = [
    Example("silent", .silent, "imed out"),
    Example("slow, byte by byte", .drip(good, 0.05), "imed out"),
    Example("a head without end", .endless("HTTP/1.1 200 OK\r\nX: "), ""),
    Example("a body without end", .endless(endless), ""),
    Example(
      "chunks without end",
      .drip(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1\r\na\r\n", count: 500), 0.005),
      "imed out"),
    Example("no HTTP", .answer("SSH-2.0-OpenSSH_9.2\r\n"), ""),
    Example("nothing at all", .answer(""), ""),
    Example("a reset", .reset, ""),
    Example("a body cut off", .answer(answer(#"{"totalCount":3"#, length: 900)), ""),
    Example("an error", .answer(answer("oops", status: "500 Internal Server Error")), "it answers with status 500"),
    Example(
      "another place", .answer(answer("", status: "302 Found", head: "Location: /elsewhere\r\n")),
      "it answers with status 302"),
    Example("a page for people", .answer(answer("<html>Sign in</html>")), "no page of metrics"),
    Example("nobody there", .away, ""),
  ]

  private static func wait(_ seconds: Double, until holds: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if holds() { return true }
      usleep(10_000)
    }
    return holds()
  }

  @Test(.timeLimit(.minutes(2)), arguments: examples)
  func `a bad endpoint is told as gone in time, and comes back by itself`(example: Example) throws {
    let server = try HostileApp(.answer(Self.good))
    defer { server.end() }
    let endpoint = PoolEndpoint(url: server.url, timeout: .milliseconds(700))
    let app = try AppPool(endpoint, source: HTTPPages(userAgent: "poolops-test"))
    #expect(Self.wait(10) { app.fault == nil }, "\(app.fault ?? "-")")
    try server.become(example.manner)
    let started = AppPool.clockSeconds()
    #expect(Self.wait(10) { app.fault != nil })
    // A second to the next question, and its timeout; the rest is for a busy machine.
    #expect(AppPool.clockSeconds() - started < 4)
    let fault = try #require(app.fault)
    #expect(fault.contains(example.reason) && fault.utf8.count < 300, "\(fault)")
    _ = app.take()
    try server.become(.answer(Self.good))
    #expect(Self.wait(10) { app.fault == nil }, "\(app.fault ?? "-")")
    #expect(app.take().first?.pool.gauges[.waiting] == 4)
  }

  @Test(.timeLimit(.minutes(2)), arguments: examples)
  func `the monitor's source says in time why it sees nothing, and sees again`(example: Example) throws {
    let server = try HostileApp(example.manner)
    defer { server.end() }
    let endpoint = PoolEndpoint(url: server.url, timeout: .milliseconds(700))
    let source = try AppSource(endpoint, pages: HTTPPages(userAgent: "poolops-test"))
    let started = AppPool.clockSeconds()
    do throws(SourceFault) {
      let reading = try source.read()
      Issue.record("\(reading)")
    } catch {
      #expect(error.description.contains(example.reason) && error.description.utf8.count < 300, "\(error)")
    }
    #expect(AppPool.clockSeconds() - started < 4)
    try server.become(.answer(Self.good))
    #expect(Self.wait(10) { (try? source.read())?.pools.first?.gauges[.waiting] == 4 })
  }

  @Test(.timeLimit(.minutes(1))) func `a token is sent and shown nowhere`() throws {
    let server = try HostileApp(.reset)
    defer { server.end() }
    let app = try AppPool(
      PoolEndpoint(url: server.url), source: HTTPPages(userAgent: "poolops-test"), token: "hunter2")
    #expect(Self.wait(10) { app.fault.map { $0 != "it has not answered yet" } ?? false })
    #expect(app.fault?.contains("hunter2") == false)
  }
}
