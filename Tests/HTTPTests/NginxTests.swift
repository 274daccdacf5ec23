import Glibc
import Model
import TestSupport
import Testing

@testable import HTTP

/// One for all tests of this file.
private let nginx = Result { try TestNginx() }

/// How nginx is spoken to.
private enum Way: CaseIterable, Sendable {
  case plain
  case curlPlain
  case curlSecure
  case curlHTTP2
}

private struct Client: ~Copyable {
  var requests: HTTPRequests
  private var connection: HTTPConnection?
  private var slot: CurlSlot?
  private let transfers: CurlTransfers?
  private let base: String

  init(_ way: Way, _ templates: [HTTPRequestTemplate], caFile: String? = nil) throws {
    let server = try nginx.get()
    let isSecure = way == .curlSecure || way == .curlHTTP2
    let base = try HTTPBase(isSecure ? server.secureBase : server.base)
    let requests = try HTTPRequests(templates, host: base.hostHeader, userAgent: "poolops/test")
    let setup = CurlSetup(
      base, version: way == .curlHTTP2 ? .http2 : .http1, caFile: caFile ?? server.caFile,
      connectTimeout: .seconds(5), connections: 4)
    let transfers = way == .plain ? nil : try CurlTransfers(setup, requests.session)
    self.init(base.text, consume requests, transfers, try transfers?.slot())
  }

  private init(
    _ base: String, _ requests: consuming HTTPRequests, _ transfers: CurlTransfers?, _ slot: consuming CurlSlot?
  ) {
    self.base = base
    self.requests = requests
    self.transfers = transfers
    self.slot = slot
    connection = nil
  }

  /// Where a connection is not to be used again, the next one is opened, as the pool would.
  mutating func ask(_ request: Int, milliseconds: Int = 10_000) throws -> (Answer, status: Int, captured: [String]) {
    if slot != nil {
      let answer = slot?.ask(request, of: requests, milliseconds: milliseconds).0 ?? .pending(hasBegun: false)
      return (answer, slot?.status ?? 0, slot?.captured ?? [])
    }
    if connection?.isReusable != true { connection = try connect(base, requests.session) }
    let answer = connection?.ask(request, of: requests, milliseconds: milliseconds).0 ?? .pending(hasBegun: false)
    return (answer, connection?.status ?? 0, connection?.captured ?? [])
  }
}

struct NginxTests {
  private static let templates: [HTTPRequestTemplate] = [
    HTTPRequestTemplate(path: [.text("/")], bodyContains: "hello"),
    HTTPRequestTemplate(
      path: [.text("/json")],
      captures: [json("order.items[0].sku"), .header("content-type"), json("order.id")]),
    HTTPRequestTemplate(
      method: "POST", path: [.text("/echo/"), .slot(0), .text("?q="), .slot(1)],
      headers: [.init(name: "X-Id", value: [.slot(1)])], body: [.text("{\"a\": "), .slot(1), .text("}")], slots: 2,
      bodyContains: "POST /echo/a%20%2Fb?q=42 42"),
    HTTPRequestTemplate(path: "/busy"),
    HTTPRequestTemplate(path: "/moved"),
    HTTPRequestTemplate(path: [.text("/page")], bodyContains: "<p>a page</p>"),
    HTTPRequestTemplate(path: "/large"),
    HTTPRequestTemplate(method: "HEAD", path: "/large"),
    HTTPRequestTemplate(path: "/close"),
    HTTPRequestTemplate(path: "/missing", statuses: [404]),
  ]

  private static func json(_ place: String) -> HTTPRequestTemplate.Capture {
    guard let capture = JSONPlace(place).flatMap(JSONCapture.init) else { preconditionFailure("no place") }
    return .json(capture)
  }

  @Test(arguments: Way.allCases) fileprivate func `nginx is understood, however it is spoken to`(way: Way) throws {
    var client = try Client(way, Self.templates)
    try client.requests.set(2, 0, text: "a /b")
    client.requests.set(2, 1, integer: 42)
    var statuses: [Int] = []
    for _ in 0..<2 {
      for request in Self.templates.indices {
        let (answer, status, captured) = try client.ask(request)
        statuses.append(status)
        let isLast = way == .plain && request == 8
        #expect(answer == (request == 3 ? .failed(.status(503), isReusable: true) : .done(isReusable: !isLast)))
        if request == 1 { #expect(captured == ["a-1", "application/json", "17"]) }
      }
    }
    #expect(
      statuses == [200, 200, 200, 503, 302, 200, 200, 200, 200, 404, 200, 200, 200, 503, 302, 200, 200, 200, 200, 404])
  }

  @Test(arguments: Way.allCases) fileprivate func `a kept connection that nginx has given up is noticed`(way: Way)
    throws
  {
    var client = try Client(way, [HTTPRequestTemplate(path: "/short")])
    let first = try client.ask(0).0
    usleep(400_000)
    let second = try client.ask(0).0
    #expect(first == .done(isReusable: true))
    // libcurl looks before it sends, and mostly sees it; then it opens another one.
    #expect(second == .lost(.stale) || way != .plain && second == first)
  }

  @Test(arguments: [Way.curlSecure, .curlHTTP2])
  fileprivate func `a certificate of an authority that is not trusted is refused`(
    way: Way
  ) throws {
    let other = try nginx.get().otherCAFile
    for file in [other, "/nonexistent.pem"] {
      var client = try Client(way, [HTTPRequestTemplate(path: "/")], caFile: file)
      #expect(try client.ask(0).0 == .lost(.tls))
    }
  }

  @Test(arguments: [
    ([Step.pause(milliseconds: 50), .reset], HTTPFault.Code.gone), ([.halfClose, .pause(milliseconds: 50)], .gone),
    ([.say("HTTP/1.1 400 No\r\n\r\n"), .pause(milliseconds: 50)], .tls),
  ]) func `a handshake that breaks is told from one that fails`(script: [Step], code: HTTPFault.Code) throws {
    let server = try ScriptedServer(script)
    let base = try HTTPBase(server.base.replacing("http:", with: "https:"))
    let fault = #expect(throws: HTTPFault.self) { try CurlSetup(base, connections: 1).tryConnecting() }
    #expect(fault?.code == code && fault?.message.hasPrefix(base.text) == true, "\(fault?.message ?? "")")
  }

  @Test(arguments: [CurlSetup.Version.http1, .http2])
  func `a request whose connection is closed unanswered is not told by what keeps it from being sent again`(
    version: CurlSetup.Version
  ) throws {
    let app = try TestSecureApp()
    let base = try HTTPBase(app.base)
    let requests = try HTTPRequests([HTTPRequestTemplate(path: "/")], host: base.hostHeader, userAgent: "a")
    let setup = CurlSetup(
      base, version: version, caFile: app.caFile, connectTimeout: .milliseconds(300), connections: 1)
    let transfers = try CurlTransfers(setup, requests.session)
    var slot = try transfers.slot()
    #expect(slot.ask(0, of: requests).0 == Scene.kept)
    app.behave(.silent)
    _ = slot.send(0, of: requests)
    usleep(100_000)
    app.behave(.deaf)
    #expect(wait(slot.descriptor, POLLIN, milliseconds: 5000))
    _ = slot.receive()
    let fault = slot.takeFault()
    #expect(fault.code == .stale || fault.code == .gone, "\(fault)")
  }

  @Test func `where HTTP/2 is asked for, HTTP/1 is no answer`() throws {
    let server = try nginx.get()
    #expect(throws: HTTPFault.self) {
      let requests = try HTTPRequests([], host: "a", userAgent: "a")
      _ = try CurlTransfers(CurlSetup(HTTPBase(server.base), version: .http2, connections: 1), requests.session)
    }
    let base = try HTTPBase("https://localhost:\(server.olderSecurePort)")
    let requests = try HTTPRequests([HTTPRequestTemplate(path: "/")], host: base.hostHeader, userAgent: "a")
    var answers: [Answer] = []
    for version in [CurlSetup.Version.http1, .http2] {
      let setup = CurlSetup(base, version: version, caFile: server.caFile, connections: 1)
      let transfers = try CurlTransfers(setup, requests.session)
      var slot = try transfers.slot()
      answers.append(slot.ask(0, of: requests).0)
    }
    #expect(answers == [Scene.kept, .lost(.badResponse)])
  }

  @Test(arguments: [Way.curlPlain, .curlSecure, .curlHTTP2])
  fileprivate func `many slots are served side by side, and one that is let go holds up nobody`(way: Way) throws {
    let server = try nginx.get()
    let isSecure = way != .curlPlain
    let base = try HTTPBase(isSecure ? server.secureBase : server.base)
    let requests = try HTTPRequests(
      [HTTPRequestTemplate(path: "/"), HTTPRequestTemplate(path: "/slow")], host: base.hostHeader, userAgent: "poolops")
    let setup = CurlSetup(base, version: way == .curlHTTP2 ? .http2 : .http1, caFile: server.caFile, connections: 50)
    let transfers = try CurlTransfers(setup, requests.session)
    let slots = UnsafeMutablePointer<CurlSlot>.allocate(capacity: 50)
    for index in 0..<50 { (slots + index).initialize(to: try transfers.slot()) }
    defer {
      slots.deinitialize(count: 50)
      slots.deallocate()
    }
    for _ in 0..<5 {
      for index in 0..<50 { _ = slots[index].send(index % 10 == 0 ? 1 : 0, of: requests) }
      var done = 0
      for index in 0..<50 where index % 10 != 0 {
        if wait(slots[index].descriptor, POLLIN, milliseconds: 10_000), case .done = slots[index].receive() {
          done += 1
        }
      }
      #expect(done == 45)
      for index in stride(from: 0, to: 50, by: 10) {
        #expect(slots[index].isBusy && (way == .curlHTTP2 || slots[index].hasBegun))
        (slots + index).deinitialize(count: 1)
        (slots + index).initialize(to: try transfers.slot())
      }
    }
  }

  @Test(arguments: [Way.curlSecure, .curlHTTP2])
  fileprivate func `what connections were opened and closed is told`(way: Way) throws {
    let server = try nginx.get()
    let base = try HTTPBase(server.secureBase)
    let requests = try HTTPRequests(
      [HTTPRequestTemplate(path: "/"), HTTPRequestTemplate(path: "/close")], host: base.hostHeader, userAgent: "poolops"
    )
    let setup = CurlSetup(
      base, version: way == .curlHTTP2 ? .http2 : .http1, caFile: server.caFile, connections: 1)
    let transfers = try CurlTransfers(setup, requests.session)
    var slot = try transfers.slot()
    var opened: [Bool] = []
    for request in [0, 0, 1, 0] {
      _ = slot.ask(request, of: requests)
      opened.append(transfers.takeConnections().opened.contains { $0 > .zero })
    }
    // Over HTTP/2 nginx closes after a while, and the connection is still good.
    if way == .curlSecure { #expect(opened == [true, false, false, true]) }
    #expect(slot.sent != nil && transfers.cpu > 0)
  }

  @Test(arguments: [false, true]) func `the client for control reads what nginx says`(isSecure: Bool) throws {
    let server = try nginx.get()
    let base = isSecure ? server.secureBase : server.base
    var client = try HTTPClient(userAgent: "poolops/test", caFile: server.caFile)
    let json = try client.fetch("\(base)/json", timeout: .seconds(5))
    #expect(
      json.status == 200 && json.header("Content-Type") == "application/json"
        && json.body.starts(with: "{\"order\"".utf8))
    let echo = try client.fetch(
      "\(base)/echo?a=b", method: "PUT", headers: [("X-Id", "7"), ("X-Empty", "")], body: Array("x".utf8),
      timeout: .seconds(5))
    #expect(String(decoding: echo.body, as: UTF8.self) == "PUT /echo?a=b 7")
    let statuses = try [
      client.fetch("\(base)/busy", timeout: .seconds(5)).status,
      client.fetch("\(base)/moved", timeout: .seconds(5)).status,
      client.fetch("\(base)/moved", timeout: .seconds(5), followsRedirects: true).status,
      client.fetch("\(base)/large", method: "HEAD", timeout: .seconds(5)).status,
      client.fetch("\(base)/echo", method: "POST", timeout: .seconds(5)).status,
    ]
    #expect(statuses == [503, 302, 200, 200, 200])
    let large = try client.fetch("\(base)/large", timeout: .seconds(5), bodyLimit: 3_000_000)
    #expect(large.body.count == 3_000_000)
  }

  @Test func `the client for control trusts whom it was told to trust`() throws {
    let server = try nginx.get()
    var client = try HTTPClient(userAgent: "poolops/test", caFile: server.otherCAFile)
    let fault = #expect(throws: HTTPFault.self) { _ = try client.fetch("\(server.secureBase)/", timeout: .seconds(5)) }
    #expect(fault?.code == .tls && fault?.message.hasPrefix("\(server.secureBase): ") == true)
  }
}
