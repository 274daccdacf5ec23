internal import HTTP
internal import Model
internal import Statistics

/// Requests to an app over HTTP/1.1 without TLS.
struct HTTPCarrier: RequestCarrier, ~Copyable {
  private var connections: ConnectionTable<HTTPConnection>
  private var requests: HTTPRequests
  private var draws: ParameterDraws
  private var captures: FlowCaptures

  init(_ load: LoadSpec, _ templates: HTTPTemplates, connections count: Int) throws(ConnectFault) {
    connections = ConnectionTable(count: count)
    requests = try templates.requests()
    draws = ParameterDraws(load.transactions, captures: load.captureNames, settingTextsIn: &requests)
    captures = FlowCaptures(load, connections: count)
  }

  mutating func adopt(_ attempt: HTTPAttempt, _ slot: Int) -> Int32? {
    guard let connection = attempt.take(requests.session) else { return nil }
    let descriptor = connection.descriptor
    connections.put(connection, slot)
    return descriptor
  }

  mutating func descriptor(_ slot: Int) -> Int32 { connections.contains(slot) ? connections[slot].descriptor : -1 }

  mutating func isBusy(_ slot: Int) -> Bool { connections.contains(slot) && connections[slot].isBusy }

  mutating func hasBegun(_ slot: Int) -> Bool { connections.contains(slot) && connections[slot].hasBegun }

  @inline(__always)
  mutating func send(_ transaction: Int, visit: Int, _ slot: Int, _ random: inout RandomSource) -> SendOutcome {
    captures.note(transaction, visit: visit, slot)
    guard draws.fill(transaction, of: &requests, visit: visit, captures.values, &random) else {
      captures.miss(slot)
      return .lost
    }
    return SendOutcome(connections[slot].send(transaction, of: requests))
  }

  mutating func flush(_ slot: Int) -> SendOutcome { SendOutcome(connections[slot].flush()) }

  @inline(__always)
  mutating func receive(_ slot: Int) -> Reply {
    let reply = Reply(connections[slot].receive())
    guard captures.isUsed, case .done = reply else { return reply }
    let found = connections[slot].captured.map { Array($0.utf8) }
    return captures.keep(found, slot) ? .done : .failed
  }

  @inline(__always)
  mutating func isReusable(_ slot: Int) -> Bool { connections.contains(slot) && connections[slot].isReusable }

  mutating func takeError(_ slot: Int) -> ErrorClass {
    if captures.takeMissing(slot) { return .valueMissing }
    return connections[slot].takeFault().whileRunning
  }

  /// HTTP/1.1 has no way to ask for that but to hang up.
  mutating func cancel(_ slot: Int) {}

  mutating func close(_ slot: Int) { connections.remove(slot) }
}

/// A connection to an app that is being opened.
final class HTTPAttempt: ConnectionAttempt {
  private let attempt: HTTPConnectionAttempt

  init(_ server: HTTPServer) { attempt = HTTPConnectionAttempt(server) }

  var descriptor: Int32 { attempt.descriptor }
  var beginning: AttemptProgress { AttemptProgress(attempt.beginning) }
  func advance() -> AttemptProgress { AttemptProgress(attempt.advance()) }
  /// The connection, once it is established; nil the second time.
  func take(_ session: HTTPSession) -> HTTPConnection? { attempt.take(session) }
}

extension AttemptProgress {
  fileprivate init(_ progress: HTTPConnectionAttempt.Progress) {
    switch progress {
    case .reading: self = .reading
    case .writing: self = .writing
    case .established: self = .established
    case .failed(let fault): self = .failed(ConnectFault(fault))
    }
  }
}

extension SendOutcome {
  @inline(__always)
  init(_ outcome: HTTPConnection.SendOutcome) {
    switch outcome {
    case .sent: self = .sent
    case .blocked: self = .blocked
    case .lost: self = .lost
    }
  }
}

extension Reply {
  @inline(__always)
  init(_ reply: HTTPConnection.Reply) {
    switch reply {
    case .pending: self = .pending
    case .done: self = .done
    case .failed: self = .failed
    case .lost: self = .lost
    }
  }
}

extension HTTPRequests: ParameterSink {
  mutating func put(_ transaction: Int, _ parameter: Int, _ text: String) -> Bool {
    do throws(HTTPFault) {
      try set(transaction, parameter, text: text)
      return true
    } catch {
      return false
    }
  }
}
