import Model
import YAML

/// The app that a load over HTTP goes to, and its requests.
extension ExperimentReader {
  mutating func http(_ node: Node) -> HTTPLoadSpec? {
    let known = [
      "url", "connections", "streams", "headers", "connect_timeout", "first_byte_timeout", "version", "ca_file",
    ]
    guard let fields = fields(node, "http", known: known, required: ["url"]) else { return nil }
    let day = Duration.seconds(86_400)
    let base = fields["url"].flatMap { address($0) }
    let connections = fields["connections"].flatMap { integer($0, "connections", 1...100_000) }
    let streams = fields["streams"].map { integer($0, "streams", 1...10_000) } ?? 100
    let headers = fields["headers"].map { self.headers($0) } ?? []
    let connect = fields["connect_timeout"].map { duration($0, "connect_timeout", atMost: day) } ?? .seconds(10)
    let firstByte = fields["first_byte_timeout"].flatMap { duration($0, "first_byte_timeout", atMost: day) }
    let versions = HTTPLoadSpec.Version.allCases.map(\.rawValue)
    let version =
      fields["version"].map { word($0, "version", of: versions).flatMap(HTTPLoadSpec.Version.init) } ?? .http1
    let authorities = fields["ca_file"].flatMap { file($0, "ca_file") }
    guard let base, let streams, let headers, let connect, let version,
      connections != nil || fields["connections"] == nil,
      firstByte != nil || fields["first_byte_timeout"] == nil, authorities != nil || fields["ca_file"] == nil
    else { return nil }
    let spec = HTTPLoadSpec(
      base: base, connections: connections, streams: streams, headers: headers, connectTimeout: connect,
      firstByteTimeout: firstByte,
      version: version, caFile: authorities)
    if version == .http1, let node = fields["streams"] {
      return fault(
        node.mark, "streams are of HTTP/2, where several requests share a connection; write version: 2, or remove it")
    }
    return tellPlain(spec, fields) ? nil : spec
  }

  /// What only an encrypted connection has; returns whether something was told.
  private mutating func tellPlain(_ spec: HTTPLoadSpec, _ fields: Fields) -> Bool {
    guard !spec.isSecure else { return false }
    var isTold = false
    if spec.version == .http2, let node = fields["version"] {
      report(node.mark, "version 2 of HTTP needs https; write 'https://...' in url, or version 1.1")
      isTold = true
    }
    if let node = fields["ca_file"] {
      report(node.mark, "ca_file has no meaning with http://, where nothing is encrypted; remove it")
      isTold = true
    }
    return isTold
  }

  // MARK: The URL

  /// `http://host:port`. A faulty one is not quoted back where it may hold a password.
  private mutating func address(_ node: Node) -> String? {
    let accepts = "such as http://127.0.0.1:8080, without a path"
    guard let text = scalar(node, "url", accepts: accepts) else { return nil }
    guard let colon = text.firstRange(of: "://") else {
      return fault(node.mark, "url has no scheme; write http:// or https:// before the host, \(accepts)")
    }
    let scheme = text[..<colon.lowerBound]
    let rest = text[colon.upperBound...]
    guard scheme == "http" || scheme == "https" else {
      return fault(
        node.mark,
        "\(quoted(String(scheme))) is no scheme of a load; write http or https\(suggestion(String(scheme), ["http", "https"]))"
      )
    }
    if rest.contains("@") {
      return fault(
        node.mark,
        "url holds a user or a password, which must not stand in a file; send it as a header from the environment")
    }
    let place = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    let path = rest.dropFirst(place.count)
    guard path.isEmpty || path == "/" else {
      return fault(
        node.mark, "url ends with \(quoted(String(path))); the path belongs to each request, as in 'GET \(path)'")
    }
    guard place.isHostAndPort else {
      return fault(node.mark, "\(quoted(String(place))) is no host with a port; write url \(accepts)")
    }
    return "\(scheme)://\(place)"
  }

  private mutating func file(_ node: Node, _ name: String) -> String? {
    let accepts = "the path of a file"
    guard let text = scalar(node, name, accepts: accepts) else { return nil }
    guard !text.isEmpty, !text.hasControls else { return refuse(node, text, name, accepts) }
    return text
  }

  // MARK: Headers

  /// Set by poolops itself, from the body and the connection.
  private static let ownHeaders = [
    "content-length", "transfer-encoding", "connection", "host", "upgrade", "te", "expect",
  ]
  private static let secretHeaders = ["authorization", "proxy-authorization", "cookie"]

  private mutating func headers(_ node: Node) -> [HTTPHeader]? {
    guard let entries = entries(node, "headers", accepts: "such as Accept: application/json") else { return nil }
    let found = entries.compactMap { header($0.key, $0.mark, $0.value) }
    return found.count == entries.count ? found : nil
  }

  private mutating func header(_ name: String, _ mark: Mark, _ node: Node) -> HTTPHeader? {
    guard name.isHeaderName else { return fault(mark, "\(quoted(name)) is no name of a header") }
    if Self.ownHeaders.contains(name.lowercased()) {
      return fault(
        mark, "\(quoted(name)) is set by poolops itself, from the url, the body and the connection; remove it")
    }
    if case .map = node.content {
      guard let (_, value) = choice(node, name, of: ["env"]) else { return nil }
      return variable(value, name).map { HTTPHeader(name: name, value: .environment($0)) }
    }
    guard let text = scalar(node, name, accepts: "a text, or { env: NAME } to read it from the environment") else {
      return nil
    }
    // Not quoted back: it may be one.
    if Self.secretHeaders.contains(name.lowercased()) {
      return fault(
        node.mark, "a secret must not stand in the file; write { env: NAME } to read \(name) from the environment")
    }
    guard !text.hasControls else {
      return fault(node.mark, "the value of \(name) holds a line break or another control character")
    }
    return HTTPHeader(name: name, value: .text(text))
  }

  private mutating func variable(_ node: Node, _ name: String) -> String? {
    let accepts = "the name of an environment variable, such as API_TOKEN"
    guard let text = scalar(node, "env", accepts: accepts) else { return nil }
    guard text.isVariableName else { return fault(node.mark, "env of \(name) takes \(accepts), not the value itself") }
    return text
  }

  // MARK: Requests

  private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
  private static let readingMethods = ["GET", "HEAD", "OPTIONS"]

  /// `GET /orders/{id}`, or its parts as keys.
  mutating func request(_ node: Node, expect: Node?, _ context: LoadContext) -> HTTPRequestSpec? {
    let expected = expect.map { expectation($0) } ?? (statuses: [], body: nil)
    var request = shortRequest(node)
    if case .map = node.content { request = longRequest(node) }
    guard var request, let expected else { return nil }
    if !context.writes, !Self.readingMethods.contains(request.method) {
      return fault(
        (node.value(of: "method") ?? node).mark,
        "\(request.method) writes, as a rule, and a load reads only; write 'writes: true' in load if it may")
    }
    request.statuses = expected.statuses
    request.bodyContains = expected.body
    return request
  }

  private mutating func shortRequest(_ node: Node) -> HTTPRequestSpec? {
    if case .map = node.content { return nil }
    let accepts = "a method and a path, such as GET /orders/{id}"
    guard let text = scalar(node, "request", accepts: accepts) else { return nil }
    let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      let hint = text.hasPrefix("/") ? "; did you mean 'GET \(text)'?" : ""
      return fault(node.mark, "\(quoted(text)) is no request; write \(accepts)\(hint)")
    }
    guard let method = method(parts[0], node), let path = path(parts[1], node) else { return nil }
    return HTTPRequestSpec(method: method, path: path)
  }

  private mutating func longRequest(_ node: Node) -> HTTPRequestSpec? {
    let known = ["method", "path", "headers", "body"]
    guard let fields = fields(node, "request", known: known, required: ["path"]) else { return nil }
    let method =
      fields["method"].map { node in
        scalar(node, "method", accepts: "one of \(Self.methods.joined(separator: ", "))").flatMap {
          self.method($0, node)
        }
      } ?? (fields["body"] == nil ? "GET" : "POST")
    let path = fields["path"].flatMap { node in
      scalar(node, "path", accepts: "a path such as /orders/{id}").flatMap { self.path($0, node) }
    }
    let headers = fields["headers"].map { self.headers($0) } ?? []
    let body = fields["body"].flatMap { scalar($0, "body", accepts: "a text, with {{name}} placeholders") }
    guard let method, let path, let headers, body != nil || fields["body"] == nil else { return nil }
    if let node = fields["body"], method == "GET" || method == "HEAD" {
      return fault(node.mark, "a \(method) request has no body; write method: POST, or remove the body")
    }
    return HTTPRequestSpec(method: method, path: path, headers: headers, body: body)
  }

  private mutating func method(_ text: String, _ node: Node) -> String? {
    guard Self.methods.contains(text) else {
      let known = Self.methods.joined(separator: ", ")
      return fault(
        node.mark,
        "\(quoted(text)) is no method of a load; write one of \(known)\(suggestion(text.uppercased(), Self.methods))")
    }
    return text
  }

  private mutating func path(_ text: String, _ node: Node) -> String? {
    guard text.hasPrefix("/") else {
      let whole = text.contains("://") ? "; the host stands in 'http: { url: ... }'" : ""
      return fault(node.mark, "\(quoted(text)) is no path; it begins with '/'\(whole)")
    }
    guard !text.contains("#") else {
      return fault(node.mark, "\(quoted(text)) holds a '#', and no server is ever sent what follows it; remove it")
    }
    guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      return fault(
        node.mark, "\(quoted(text)) holds what no path may; write blanks and other signs percent-encoded, as in %20")
    }
    let plain = PlaceholderText(path: text).pieces.compactMap { if case .text(let text) = $0 { text } else { nil } }
    if let brace = plain.joined().first(where: { $0 == "{" || $0 == "}" }) {
      return fault(
        node.mark, "\(quoted(text)) holds a '\(brace)' that belongs to no {name}; names are of letters, digits and '_'")
    }
    return text
  }

  // MARK: Expectations

  private mutating func expectation(_ node: Node) -> (statuses: [Int], body: String?)? {
    guard let fields = fields(node, "expect", known: ["status", "body_contains"]) else { return nil }
    let statuses = fields["status"].map { self.statuses($0) } ?? []
    let body = fields["body_contains"].flatMap { scalar($0, "body_contains", accepts: "a text") }
    guard let statuses, body != nil || fields["body_contains"] == nil else { return nil }
    if let node = fields["body_contains"], body?.isEmpty == true {
      return fault(node.mark, "body_contains is empty, which every body contains; remove it")
    }
    return (statuses, body)
  }

  private mutating func statuses(_ node: Node) -> [Int]? {
    guard case .list(let nodes) = node.content else { return integer(node, "status", 100...599).map { [$0] } }
    guard !nodes.isEmpty else { return fault(node.mark, "status is empty; write at least one, such as 200") }
    let found = nodes.compactMap { integer($0, "status", 100...599) }
    return found.count == nodes.count ? found : nil
  }
}

extension Substring {
  /// `host`, `host:8080`, `[::1]:8080`.
  fileprivate var isHostAndPort: Bool {
    let name: Substring
    if first == "[" {
      guard let close = firstIndex(of: "]") else { return false }
      name = self[...close]
      let digits: Set<Character> = [":", "."]
      guard name.count > 4, name.dropFirst().dropLast().allSatisfy({ $0.isHexDigit || digits.contains($0) }) else {
        return false
      }
    } else {
      name = prefix { $0 != ":" }
      let signs: Set<Character> = ["-", ".", "_"]
      guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || signs.contains($0) }) else {
        return false
      }
    }
    let rest = dropFirst(name.count)
    if rest.isEmpty { return true }
    guard rest.first == ":", let port = Int(rest.dropFirst()), rest.dropFirst().allSatisfy(\.isNumber) else {
      return false
    }
    return (1...65_535).contains(port)
  }
}
