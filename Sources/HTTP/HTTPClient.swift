internal import CCurl
internal import Glibc

/// What a server answered.
package struct HTTPAnswer: Hashable, Sendable {
  package struct Header: Hashable, Sendable {
    package var name: String
    package var value: String
  }
  package var status: Int
  /// Of the final response, in their order.
  package var headers: [Header]
  package var body: [UInt8]

  /// The first header of this name, in any case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// A client for control, not for load: probes, health checks, webhooks. Blocks, and keeps its connections between requests.
///
/// Unchecked, because it owns a C handle: not copyable, used by one thread at a time.
package struct HTTPClient: ~Copyable, @unchecked Sendable {
  private var handle: CurlHandle
  private let userAgent: String
  private let caFile: String?

  /// - Parameters:
  ///   - userAgent: such as `poolops/1.0`.
  ///   - caFile: PEM file of the authorities to trust; nil: those of the system.
  package init(userAgent: String, caFile: String? = nil) throws(HTTPFault) {
    handle = try CurlHandle()
    self.userAgent = userAgent
    self.caFile = caFile
  }

  /// Whatever the server does, this returns or throws when `timeout` is over; a body of more than `bodyLimit` bytes is a fault, and
  /// is not read on. Any status is an answer.
  /// - Parameter url: `http://` or `https://`. Of it, faults name only the host and the port.
  package mutating func fetch(
    _ url: String, method: String = "GET", headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
    timeout: Duration, bodyLimit: Int = 1 << 20, followsRedirects: Bool = false
  ) throws(HTTPFault) -> HTTPAnswer {
    let place = try URLPlace(url)
    let sink = ClientSink(bodyLimit: bodyLimit)
    do throws(HTTPFault) {
      try prepare(method, url, headers, body, timeout, place)
      if followsRedirects {
        try handle.set(CURLOPT_FOLLOWLOCATION, 1)
        try handle.set(CURLOPT_MAXREDIRS, 5)
      }
      try handle.setReceivers(write: ClientSink.write, header: ClientSink.header, sink)
      let pointer = handle.pointer
      let code = withExtendedLifetime(sink) { withoutBrokenPipe { curl_easy_perform(pointer) } }
      if let fault = sink.fault { throw fault }
      guard code == CURLE_OK else { throw fault(code, place) }
    } catch {
      throw HTTPFault(code: error.code, message: place.named(error.message))
    }
    return HTTPAnswer(status: handle.number(CURLINFO_RESPONSE_CODE), headers: sink.headers, body: sink.body)
  }

  private mutating func prepare(
    _ method: String, _ url: String, _ headers: [(name: String, value: String)], _ body: [UInt8]?,
    _ timeout: Duration, _ place: borrowing URLPlace
  ) throws(HTTPFault) {
    guard !method.isEmpty, method.utf8.allSatisfy(isTokenByte) else { throw .invalid("the method is no word") }
    try handle.reset(caFile: caFile)
    try handle.set(CURLOPT_URL, url)
    try handle.set(CURLOPT_USERAGENT, userAgent)
    try handle.setTimeout(CURLOPT_TIMEOUT_MS, timeout)
    if place.isLoopback { try handle.set(CURLOPT_PROXY, "") }
    // libcurl sends a request again when a kept connection turns out to be closed; what may not be done twice gets a new one.
    if method != "GET", method != "HEAD" { try handle.set(CURLOPT_FRESH_CONNECT, 1) }
    try handle.setMethod(method, body: body)
    var lines = ["Expect:"]
    if !headers.contains(where: { $0.name.lowercased() == "content-type" }) { lines.append("Content-Type:") }
    for header in headers {
      guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenByte), header.value.utf8.allSatisfy(isFieldByte)
      else { throw .invalid("a header has a name that is no word, or a value with a line break or a NUL") }
      lines.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
    }
    try handle.setHeaders(lines)
  }

  private func fault(_ code: CURLcode, _ place: borrowing URLPlace) -> HTTPFault {
    let text = handle.text(code)
    return HTTPFault(
      code: .init(code, text), message: place.isPlain ? text : oneLine(String(cString: curl_easy_strerror(code))))
  }
}

/// Where a URL leads, without what it may hide.
private struct URLPlace: ~Copyable {
  /// `http://127.0.0.1:8080`; empty where a password may have been taken for a host.
  let text: String
  let isLoopback: Bool
  /// Whether libcurl's own text can be shown.
  let isPlain: Bool

  init(_ url: String) throws(HTTPFault) {
    let lower = url.lowercased()
    let isSecure = lower.hasPrefix("https://")
    // libcurl would take the path for the host where none is written.
    guard isSecure || lower.hasPrefix("http://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
      let first = url.dropFirst(isSecure ? 8 : 7).first, !"/\\?#".contains(first)
    else {
      throw .invalid("a URL begins with http:// or https:// and a host, and has neither spaces nor control characters")
    }
    guard let parts = curl_url() else { throw HTTPFault(code: .unknown, message: "out of memory") }
    defer { curl_url_cleanup(parts) }
    guard curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK, let host = Self.part(parts, CURLUPART_HOST) else {
      throw .invalid("the URL cannot be taken apart")
    }
    // A password with a slash ends the host where nobody meant it to end.
    isPlain = !url.contains("@")
    let isCertain = isPlain || Self.part(parts, CURLUPART_USER) != nil
    let scheme = isSecure ? "https" : "http"
    text = isCertain ? "\(scheme)://\(host):\(Self.part(parts, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)) ?? "")" : ""
    isLoopback =
      host.lowercased() == "localhost" || host.lowercased().hasSuffix(".localhost") || host == "[::1]"
      || host.hasPrefix("127.") && host.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
  }

  private static func part(_ parts: OpaquePointer, _ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }

  func named(_ message: String) -> String { text.isEmpty ? message : "\(text): \(message)" }
}

/// What libcurl's callbacks fill while `fetch` waits.
private final class ClientSink {
  private let bodyLimit: Int
  private var headBytes = 0
  var headers: [HTTPAnswer.Header] = []
  var body: [UInt8] = []
  var fault: HTTPFault?

  init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

  static let write: curl_write_callback = { bytes, size, count, sink in
    guard let bytes, let sink else { return 0 }
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<ClientSink>.fromOpaque(sink).takeUnretainedValue().add(part) ? part.count : 0
  }

  static let header: curl_write_callback = { bytes, size, count, sink in
    guard let bytes, let sink else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<ClientSink>.fromOpaque(sink).takeUnretainedValue().note(line) ? line.count : 0
  }

  private func add(_ part: UnsafeRawBufferPointer) -> Bool {
    guard part.count <= bodyLimit - body.count else {
      fault = HTTPFault(code: .tooLarge, message: "the body has more than \(bodyLimit) bytes")
      return false
    }
    body.append(contentsOf: part)
    return true
  }

  private func note(_ line: UnsafeRawBufferPointer) -> Bool {
    headBytes += line.count
    guard headBytes <= ResponseParser.headLimit else {
      fault = HTTPFault(code: .badResponse, message: "the response \(ResponseProblem.headTooLong.sentence)")
      return false
    }
    if line.starts(with: "HTTP/".utf8) {
      // Of an interim response or of one that leads elsewhere, nothing counts.
      headers = []
      body = []
    } else if let header = headerParts(line) {
      headers.append(
        .init(name: String(decoding: header.name, as: UTF8.self), value: String(decoding: header.value, as: UTF8.self)))
    }
    return true
  }
}

/// Name and value of a line of a head; nil when it has no colon.
func headerParts(
  _ line: UnsafeRawBufferPointer
) -> (name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>)? {
  guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
  var value = line[(colon + 1)...]
  while let first = value.first, first <= 0x20 { value.removeFirst() }
  while let last = value.last, last <= 0x20 { value.removeLast() }
  return (line[..<colon], value)
}
