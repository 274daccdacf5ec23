internal import CCurl
internal import CPlatform
internal import Glibc
internal import Synchronization

/// One request and its answer, carried by libcurl.
///
/// Unchecked, because it belongs to one thread at a time: to the load's, or, from `begin` to the signal of `descriptor`, to libcurl's.
final class CurlTransfer: @unchecked Sendable {
  private static let repeatLimit = 20

  private unowned let loop: CurlLoop
  private let setup: CurlSetup
  let descriptor: Int32
  private var handle: CurlHandle
  let hasBegun = Atomic(false)
  private let isOver = Atomic(false)
  /// What is set in the handle: the same again needs no work.
  private var request = -1
  private var revision = -1
  private var session: HTTPSession?
  private var parser = ResponseParser()
  /// Whether libcurl may send the request again on another connection, when the one it was sent on ends before it is answered.
  private var mayRepeat = false
  private var repeats = 0
  private var isHTTP2 = false
  private var status2 = 0
  /// Why it is broken off, as the callbacks saw it.
  private var problem: HTTPFault?
  var kept = KeptResponse()
  private(set) var status = 0
  private(set) var loss: HTTPFault?
  /// When libcurl's thread took the request up, and when it was sent: when it had a connection.
  var taken: Int64 = 0
  private(set) var sent: Int64?
  /// Counts the requests that it carried to their end; libcurl's thread only.
  private(set) var turn = 0

  init(_ loop: CurlLoop) throws(HTTPFault) {
    self.loop = loop
    setup = loop.setup
    handle = try CurlHandle()
    descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else {
      throw HTTPFault(code: .unknown, message: "eventfd: \(String(cString: strerror(errno)))")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  var pointer: UnsafeMutableRawPointer { handle.pointer }

  // MARK: The load's side

  /// Sets the handle up for a request.
  func prepare(_ request: Int, _ requests: borrowing HTTPRequests) throws(HTTPFault) {
    let entry = requests.entries[request]
    sent = nil
    session = requests.session
    let check = requests.session.checks[request]
    if self.request != request || revision != entry.revision { try describe(request, entry) }
    parser.begin(isHead: check.isHead, wantsHeaders: check.wantsHeaders, wantsBody: false)
    kept.begin(requests.session.expectations[request].captures.count)
    isHTTP2 = false
    status2 = 0
    problem = nil
    loss = nil
    repeats = 0
    hasBegun.store(false, ordering: .relaxed)
    isOver.store(false, ordering: .relaxed)
  }

  private func describe(_ request: Int, _ entry: HTTPRequests.Entry) throws(HTTPFault) {
    self.request = -1
    let parts = entry.parts.takeUnretainedValue()
    try handle.reset(caFile: setup.caFile)
    try handle.set(CURLOPT_URL, setup.base.text + String(decoding: entry.bytes(parts.target), as: UTF8.self))
    try handle.set(CURLOPT_PROXY, "")
    try handle.setTimeout(CURLOPT_CONNECTTIMEOUT_MS, setup.connectTimeout)
    try handle.set(CURLOPT_TCP_NODELAY, 1)
    try handle.set(CURLOPT_PIPEWAIT, setup.version == .http2 ? 1 : 0)
    try handle.set(CURLOPT_HTTP_VERSION, setup.version.curl)
    try handle.setMethod(parts.method, body: parts.body.map { entry.bytes($0) })
    mayRepeat = setup.version == .http2 && ["GET", "HEAD", "OPTIONS"].contains(parts.method)
    try handle.setHeaders(lines(entry, parts))
    try handle.setReceivers(write: Self.write, header: Self.header, self)
    try handle.check(poolops_curl_set_prerequest(handle.pointer, Self.beforeRequest))
    let own = Unmanaged.passUnretained(self).toOpaque()
    try handle.check(poolops_curl_set_pointer(handle.pointer, CURLOPT_PREREQDATA, own))
    try loop.watchClosing(handle)
    (self.request, revision) = (request, entry.revision)
  }

  /// Those of the request, and none that libcurl would add of its own.
  private func lines(_ entry: HTTPRequests.Entry, _ parts: RequestParts) -> [String] {
    let lines = parts.headers.map { String(decoding: entry.bytes($0), as: UTF8.self) }
    let names = lines.map { $0.prefix { $0 != ":" }.lowercased() }
    let absent = ["Accept", "Content-Type", "Expect"].filter { !names.contains($0.lowercased()) }
    return lines.map { $0.hasSuffix(": ") ? $0.dropLast(2) + ";" : $0 } + absent.map { "\($0):" }
  }

  /// Takes note of the descriptor's signal; whether the transfer is over.
  func takeEnd() -> Bool {
    guard isOver.load(ordering: .acquiring) else { return false }
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    return true
  }

  func judge() -> HTTPFault? { session?.expectations[request].judge(status, &kept) }

  // MARK: libcurl's side

  /// Whether the transfer that ended with `code` is to be added once more.
  ///
  /// libcurl (7.88) gives up after six connections that died under a handle, counting those of earlier requests, and takes it for a fault of the
  /// protocol when a connection that the server takes leave of has no other stream.
  func isToBeRepeated(_ code: CURLcode) -> Bool {
    guard mayRepeat, repeats < Self.repeatLimit, code == CURLE_HTTP2 || hasDied,
      !hasBegun.load(ordering: .relaxed)
    else { return false }
    repeats += 1
    return true
  }

  private var hasDied: Bool { handle.errorMessage.hasPrefix("Connection died") }

  /// libcurl has ended the transfer: the load's side has it again.
  func end(_ code: CURLcode) {
    status = handle.number(CURLINFO_RESPONSE_CODE)
    end(problem ?? failure(code))
  }

  func end(_ loss: HTTPFault?) {
    self.loss = loss
    turn &+= 1
    isOver.store(true, ordering: .releasing)
    var one: UInt64 = 1
    _ = Glibc.write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// How long it took to open the connection, if it was opened for this transfer.
  var openingTime: Duration {
    .microseconds(max(handle.microseconds(CURLINFO_APPCONNECT_TIME_T), handle.microseconds(CURLINFO_CONNECT_TIME_T)))
  }

  private func failure(_ code: CURLcode) -> HTTPFault? {
    let text = handle.text(code)
    switch code {
    // A head that ends with the connection is whole to libcurl.
    case CURLE_OK:
      return isHTTP2 || parser.hasHead
        ? nil : HTTPFault(code: .gone, message: "the server closed the connection in the middle of its answer")
    // The server answered before it had the whole request, and has closed the stream in order; libcurl says more where that is not so.
    case CURLE_HTTP2_STREAM where status2 >= 200 && handle.errorMessage.isEmpty: return nil
    case _ where hasDied: return .closedUnanswered
    // What it says of a line that is too long for it.
    case CURLE_OUT_OF_MEMORY where !isHTTP2 && !parser.hasHead: return refusal(.headTooLong)
    // Its connection died, and libcurl could not open the one on which it would be sent again.
    case _ where sent != nil && HTTPFault.Code(code, text).isOfConnecting: return .closedUnanswered
    default:
      let told = setup.told(code, text, verification: handle.number(CURLINFO_SSL_VERIFYRESULT))
      return HTTPFault(code: .init(code, text), message: told)
    }
  }

  private static func one(_ data: UnsafeMutableRawPointer) -> CurlTransfer {
    Unmanaged<CurlTransfer>.fromOpaque(data).takeUnretainedValue()
  }

  /// libcurl asks before each request, and so before it sends one again because a kept connection was closed: that is not its to decide.
  private static let beforeRequest: curl_prereq_callback = { data, _, _, _, localPort in
    guard let data else { return CURL_PREREQFUNC_ABORT }
    return one(data).isToBeSent(from: localPort) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
  }

  private func isToBeSent(from localPort: Int32) -> Bool {
    loop.noteConnection(localPort, self)
    if sent == nil {
      sent = loop.noteSent(self)
      return true
    }
    if mayRepeat { return true }
    problem = .closedUnanswered
    return false
  }

  private static let write: curl_write_callback = { bytes, size, count, data in
    guard let bytes, let data else { return 0 }
    let transfer = one(data)
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    if transfer.session?.checks[transfer.request].wantsBody == true { transfer.kept.add(part) }
    return part.count
  }

  private static let header: curl_write_callback = { bytes, size, count, data in
    guard let bytes, let data else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return one(data).note(line) ? line.count : 0
  }

  /// A line of a head or of the trailers. What the plain client refuses is refused here.
  private func note(_ line: UnsafeRawBufferPointer) -> Bool {
    hasBegun.store(true, ordering: .relaxed)
    if line.starts(with: "HTTP/2".utf8) {
      isHTTP2 = true
      status2 = line.dropFirst(7).prefix(3).reduce(0) { $0 * 10 + Int($1) - 48 }
      return true
    }
    if isHTTP2 { return noteHeader2(line) }
    if setup.version == .http2 {
      problem = .notHTTP2
      return false
    }
    return parser.hasHead || parse(line)
  }

  private func noteHeader2(_ line: UnsafeRawBufferPointer) -> Bool {
    if status2 >= 200, let header = headerParts(line) {
      session?.expectations[request].note(header.name, header.value, &kept)
    }
    return true
  }

  private func parse(_ line: UnsafeRawBufferPointer) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: line.count + ResponseParser.slack, alignment: 8) { room in
      room.initializeMemory(as: UInt8.self, repeating: 0)
      room.copyMemory(from: line)
      return parse(padded: UnsafeRawBufferPointer(rebasing: room[..<line.count]))
    }
  }

  private func parse(padded line: UnsafeRawBufferPointer) -> Bool {
    var cursor = 0
    while true {
      switch parser.next(line, &cursor) {
      case .more:
        if cursor == line.count { return true }
        return refuse(.lineEnd)
      case .over, .body: return true
      case .header: session?.expectations[request].note(line[parser.name], line[parser.value], &kept)
      case .impossible(let problem): return refuse(problem)
      }
    }
  }

  private func refuse(_ problem: ResponseProblem) -> Bool {
    self.problem = refusal(problem)
    return false
  }

  private func refusal(_ problem: ResponseProblem) -> HTTPFault {
    HTTPFault(code: .badResponse, message: "the response \(problem.sentence)")
  }
}

extension HTTPFault {
  fileprivate static let closedUnanswered = HTTPFault(
    code: .stale, message: "the server closed the connection before it answered")
}

extension HTTPRequests.Entry {
  /// The parts with the values that are set now.
  func bytes(_ parts: [RequestParts.Part]) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in parts {
      switch part {
      case .literal(let text): bytes += text
      case .slot(let slot): bytes += UnsafeBufferPointer(start: values[slot].base, count: values[slot].count)
      case .pathSlot(let slot):
        bytes += UnsafeBufferPointer(start: pathValues[slot].base, count: pathValues[slot].count)
      case .length: break
      }
    }
    return bytes
  }
}
