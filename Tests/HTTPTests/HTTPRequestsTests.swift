import Testing

@testable import HTTP

private typealias Template = HTTPRequestTemplate

private func load(_ templates: Template..., headers: [Template.Header] = []) throws -> HTTPRequests {
  try HTTPRequests(templates, host: "app:8080", userAgent: "poolops/1", headers: headers)
}

private func text(_ bytes: [UInt8]) -> String {
  String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "|")
}

private struct Encoding: Sendable {
  var template: Template
  var expected: String

  static let own = " HTTP/1.1|Host: app:8080|User-Agent: poolops/1|"

  static let all = [
    Encoding(template: Template(path: "/"), expected: "GET /\(own)|"),
    Encoding(template: Template(method: "POST", path: "/a?b=%20"), expected: "POST /a?b=%20\(own)Content-Length: 0||"),
    Encoding(template: Template(method: "DELETE", path: "/a"), expected: "DELETE /a\(own)|"),
    Encoding(
      template: Template(
        method: "PUT", path: [.text("/a")], headers: [.init("X-Y", "z"), .init("host", "other")],
        body: [.text("grüße")]),
      expected: "PUT /a HTTP/1.1|User-Agent: poolops/1|X-Y: z|host: other|Content-Length: 7||grüße"),
    Encoding(
      template: Template(method: "POST", path: [.text("/")], body: []), expected: "POST /\(own)Content-Length: 0||"),
    Encoding(
      template: Template(
        method: "POST", path: [.text("/u/"), .slot(0), .text("/x?q="), .slot(1)],
        headers: [.init(name: "X", value: [.text("<"), .slot(1), .text(">")])],
        body: [.slot(2), .text("=\r\n\r\n"), .slot(0)], slots: 3),
      expected: "POST /u/-42/x?q=a%20%2F%C3%A9%250\(own)X: <a /é%0>|Content-Length: 19||0.050000000=||-42"),
    Encoding(
      template: Template(path: [.text("/"), .slot(0), .slot(0)], slots: 3), expected: "GET /-42-42\(own)|"),
  ]

  static let refused: [(Template, String)] = [
    (Template(method: "GE T", path: "/"), "the method 'GE T' is no word"),
    (Template(method: "", path: "/"), "the method '' is no word"),
    (Template(method: "CONNECT", path: "/"), "the method CONNECT is none of a load"),
    (Template(path: "a"), "a path begins with '/'; this is 'a'"),
    (Template(path: [.slot(0)], slots: 1), "a path begins with '/'; this is '{}'"),
    (Template(path: "/a b"), "the path '/a b' has a character that must be percent-encoded, such as %20 for a space"),
    (Template(path: "/é"), "the path '/é' has a character that must be percent-encoded, such as %20 for a space"),
    (Template(path: "/#a"), "the path '/#a' has a character that must be percent-encoded, such as %20 for a space"),
    (
      Template(path: "/\r\nX: y"),
      "the path '/\r\nX: y' has a character that must be percent-encoded, such as %20 for a space"
    ),
    (
      Template(path: [.text("/")], headers: [.init("X", "a\r\nY: b")]),
      "the value of the header X has a line break or a NUL"
    ),
    (Template(path: [.text("/")], headers: [.init("X", "\0")]), "the value of the header X has a line break or a NUL"),
    (Template(path: [.text("/")], headers: [.init("X:", "a")]), "the header's name 'X:' is no word"),
    (Template(path: [.text("/")], headers: [.init("", "a")]), "the header's name '' is no word"),
    (
      Template(path: [.text("/")], headers: [.init("Content-length", "1")]),
      "the header Content-length is not for the load to choose"
    ),
    (Template(path: [.text("/"), .slot(1)], slots: 1), "there is no slot 1"),
  ]
}

struct HTTPRequestsTests {
  @Test(arguments: Encoding.all)
  fileprivate func `a request has its values in their places, each as its place wants it`(
    example: Encoding
  ) throws {
    var requests = try load(Template(path: "/other"), example.template)
    if example.template.slots == 3 {
      requests.set(1, 0, integer: 7)
      _ = requests.bytes(of: 1)
      requests.set(1, 0, integer: -42)
      try requests.set(1, 1, text: "a /é%0")
      requests.set(1, 2, decimal: 0.05)
    }
    let seen = [text(requests.bytes(of: 1)), text(requests.bytes(of: 1))]
    #expect(seen == [example.expected, example.expected])
  }

  @Test func `headers of all requests give way to a request's own`() throws {
    let own = Template(path: [.text("/")], headers: [.init("b", "3")])
    let requests = try load(own, headers: [.init("A", "1"), .init("B", "2")])
    #expect(text(requests.bytes(of: 0)) == "GET / HTTP/1.1|Host: app:8080|User-Agent: poolops/1|A: 1|b: 3||")
  }

  @Test(arguments: Encoding.refused) fileprivate func `what would break a request is refused`(
    template: Template, message: String
  ) {
    #expect(throws: HTTPFault(code: .invalidRequest, message: message)) { _ = try load(template) }
  }

  @Test(arguments: ["a\r\nX: y", "\n", "\0", "\r"]) func `a value that ends a line is refused where there are lines`(
    value: String
  ) throws {
    let header = Template(path: [.text("/")], headers: [.init(name: "X", value: [.slot(0)])], slots: 1)
    let path = Template(path: [.text("/"), .slot(0)], slots: 1)
    let body = Template(method: "POST", path: [.text("/")], body: [.slot(0)], slots: 1)
    for template in [header, path] {
      #expect(throws: HTTPFault.self) {
        var requests = try load(template)
        try requests.set(0, 0, text: value)
      }
    }
    var requests = try load(body)
    try requests.set(0, 0, text: value)
    #expect(
      text(requests.bytes(of: 0)).hasSuffix(
        "Content-Length: \(value.utf8.count)||" + value.replacing("\r\n", with: "|")))
  }

  @Test func `values of any length, and numbers of any size, in any order`() throws {
    var requests = try load(Template(method: "POST", path: [.text("/")], body: [.slot(0)], slots: 1))
    for round in 0..<2 {
      let long = String(repeating: "x", count: 100_000 - round)
      try requests.set(0, 0, text: long)
      #expect(text(requests.bytes(of: 0)).hasSuffix("Content-Length: \(100_000 - round)||\(long)"))
      for value in [Int64.min, -1, 0, 9, 10, 99, 100, .max] {
        requests.set(0, 0, integer: value)
        #expect(text(requests.bytes(of: 0)).hasSuffix("Content-Length: \("\(value)".utf8.count)||\(value)"))
      }
      for (value, written) in [
        (0.0, "0.000000000"), (-1.5, "-1.500000000"), (1e20, "1e20"), (123.456789, "123.456789000"),
      ] {
        requests.set(0, 0, decimal: value)
        #expect(text(requests.bytes(of: 0)).hasSuffix("||\(written)"))
      }
    }
  }
}
