import Glibc
import TestSupport
import Testing

@testable import HTTP

private struct Trouble: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var script: [Step]
  var code: HTTPFault.Code
  var message: String

  init(_ name: String, _ script: [Step], _ code: HTTPFault.Code, _ message: String = "") {
    testDescription = name
    self.script = script
    self.code = code
    self.message = message
  }

  static let all = [
    Trouble("never answers", [.read, .wait], .timeout),
    Trouble(
      "answers forever", [.read, .say(Scene.head + "\r\n"), .sayForever("x")], .tooLarge, "more than 100000 bytes"),
    Trouble(
      "answers too much", [.read, .say(Scene.head + "Content-Length: 100001\r\n\r\n"), .sayForever("x")], .tooLarge),
    Trouble(
      "answers slowly", [.read, .say(Scene.head + "\r\n"), .drip(String(repeating: "x", count: 5_000))], .timeout),
    Trouble("says headers forever", [.read, .say(Scene.head), .sayForever("X: y\r\n")], .badResponse, "65536 bytes"),
    Trouble("says continue forever", [.read, .sayForever("HTTP/1.1 100 Continue\r\n\r\n")], .badResponse),
    Trouble("hangs up", [.read], .gone), Trouble("resets", [.read, .reset], .gone),
    Trouble("hangs up in the body", [.read, .say(Scene.head + "Content-Length: 5\r\n\r\nabc")], .gone),
    Trouble("garbage", [.read, .say("garbage\r\n\r\n")], .badResponse),
    Trouble("bad chunk", [.read, .say(Scene.chunked + "xyz\r\n"), .wait], .badResponse),
    Trouble(
      "leads in a circle",
      [.read, .say("HTTP/1.1 302 Found\r\nLocation: /\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")], .badResponse
    ),
    Trouble(
      "leads to a file",
      [.read, .say("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"), .wait],
      .badResponse),
  ]
}

struct HTTPClientTests {
  @Test(arguments: Trouble.all)
  fileprivate func `whatever a server does, the client returns in time and says what was wrong`(
    trouble: Trouble
  ) throws {
    let server = try ScriptedServer(trouble.script)
    var client = try HTTPClient(userAgent: "poolops/test")
    let start = milliseconds()
    let fault = #expect(throws: HTTPFault.self) {
      _ = try client.fetch(
        "\(server.base)/a?token=secret", timeout: .milliseconds(700), bodyLimit: 100_000, followsRedirects: true)
    }
    #expect(fault?.code == trouble.code && fault?.message.hasPrefix("\(server.base): ") == true)
    #expect(fault?.message.contains(trouble.message) == true && fault?.message.contains("secret") == false)
    #expect(milliseconds() - start < 3_000)
  }

  @Test(arguments: [
    ("http://user:secret@127.0.0.1:1/", HTTPFault.Code.refused), ("http://user:1/secret@127.0.0.1:1/", .unresolved),
    ("http://user:sec/ret@127.0.0.1:1/", .invalidRequest), ("ftp://user:secret@127.0.0.1/", .invalidRequest),
    ("http://127.0.0.1:1/secret", .refused), ("http:///secret", .invalidRequest),
    ("http://a b/secret", .invalidRequest),
    ("http://127.0.0.1:1/\r\nX: secret", .invalidRequest), ("file:///etc/secret", .invalidRequest),
    ("", .invalidRequest),
    ("http://example.invalid:99999/secret", .invalidRequest), ("http://no-such-host.invalid/secret", .unresolved),
  ]) func `no user, password or path of a URL is in a message`(url: String, code: HTTPFault.Code) throws {
    var client = try HTTPClient(userAgent: "poolops/test")
    let fault = #expect(throws: HTTPFault.self) { _ = try client.fetch(url, timeout: .milliseconds(700)) }
    #expect(fault?.code == code || code == .unresolved && fault?.code == .timeout)
    let shown = ["secret", "sec", "user:", "ret@"].filter { fault?.message.contains($0) == true }
    #expect(shown == [], "\(fault?.message ?? "")")
  }

  @Test func `a user and a password of a URL are sent`() throws {
    let server = try ScriptedServer([.read, .say(Scene.ok), .wait])
    var client = try HTTPClient(userAgent: "poolops/test")
    let url = "http://user:secret@127.0.0.1:\(server.port)/a"
    #expect(try client.fetch(url, timeout: .seconds(5)).body == Array("ok".utf8))
    let request = String(decoding: server.requests.first ?? [], as: UTF8.self)
    #expect(request.hasPrefix("GET /a HTTP/1.1\r\n") && request.contains("Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"))
  }

  /// In a process of its own, because an environment is everybody's.
  @Test func `a proxy of the environment is not for what runs here`() async {
    await #expect(processExitsWith: .success) {
      let server = try ScriptedServer([.read, .say(Scene.ok), .wait])
      setenv("http_proxy", "http://127.0.0.1:\(try Loopback.freePort())", 1)
      var client = try HTTPClient(userAgent: "poolops/test")
      for host in ["127.0.0.1", "localhost"] {
        let answer = try client.fetch("http://\(host):\(server.port)/", timeout: .seconds(5))
        precondition(answer.status == 200, "the proxy was not asked")
      }
      do throws(HTTPFault) {
        _ = try client.fetch("http://no-such-host.invalid/", timeout: .seconds(5))
      } catch {
        precondition(error.code == .refused, "the proxy is asked for others")
      }
    }
  }

  @Test(arguments: [("GET", 1), ("POST", 2)]) func `a connection is kept, but not for what may not be done twice`(
    method: String, connections: Int
  ) throws {
    let server = try ScriptedServer([.read, .say(Scene.ok), .read, .say(Scene.ok), .wait])
    var client = try HTTPClient(userAgent: "poolops/test")
    for _ in 0..<2 {
      _ = try client.fetch(server.base, method: method, body: method == "POST" ? [1] : nil, timeout: .seconds(5))
    }
    #expect(server.connections == connections)
  }

  @Test(arguments: [("X", "a\r\nY: b"), ("X:", "a"), ("", "a"), ("X", "\0")]) func `a header that is none is refused`(
    name: String, value: String
  ) throws {
    var client = try HTTPClient(userAgent: "poolops/test")
    #expect(throws: HTTPFault.self) {
      _ = try client.fetch("http://127.0.0.1:1", headers: [(name, value)], timeout: .seconds(1))
    }
  }
}
