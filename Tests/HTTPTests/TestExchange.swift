import Glibc

@testable import HTTP

/// What the plain connection and libcurl's slot have in common, as the load's loop sees them.
protocol TestExchange: ~Copyable {
  var descriptor: Int32 { get }
  var isReusable: Bool { get }
  var hasBegun: Bool { get }
  var isBusy: Bool { get }
  var captured: [String] { get }
  var status: Int { get }
  mutating func send(_ request: Int, of requests: borrowing HTTPRequests) -> HTTPConnection.SendOutcome
  mutating func flush() -> HTTPConnection.SendOutcome
  mutating func receive() -> HTTPConnection.Reply
  mutating func takeFault() -> HTTPFault
}

extension HTTPConnection: TestExchange {}
extension CurlSlot: TestExchange {}

/// What came of a request.
enum Answer: Hashable, Sendable {
  case done(isReusable: Bool)
  case failed(HTTPFault.Code, isReusable: Bool)
  case lost(HTTPFault.Code)
  /// Nothing came within the time that was given.
  case pending(hasBegun: Bool)
}

func wait(_ descriptor: Int32, _ events: Int32, milliseconds: Int32) -> Bool {
  var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  return poll(&request, 1, milliseconds) > 0
}

func milliseconds() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

extension TestExchange where Self: ~Copyable {
  /// Sends and receives as the loop does, but waits.
  mutating func ask(_ request: Int, of requests: borrowing HTTPRequests, milliseconds limit: Int = 10_000) -> (
    Answer, String
  ) {
    let deadline = milliseconds() + limit
    var outcome = send(request, of: requests)
    while true {
      if case .lost = outcome { return loss() }
      let isBlocked = if case .blocked = outcome { true } else { false }
      let left = Int32(deadline - milliseconds())
      guard left > 0, wait(descriptor, isBlocked ? POLLIN | POLLOUT : POLLIN, milliseconds: left) else {
        return (.pending(hasBegun: hasBegun), "")
      }
      switch receive() {
      case .pending: break
      case .done: return (.done(isReusable: isReusable), "")
      case .failed:
        let fault = takeFault()
        return (.failed(fault.code, isReusable: isReusable), fault.message)
      case .lost: return loss()
      }
      if isBlocked { outcome = flush() }
    }
  }

  /// Receives while nothing is asked, until something comes or half a second is over.
  mutating func listen() -> Answer {
    guard wait(descriptor, POLLIN, milliseconds: 500) else { return .pending(hasBegun: hasBegun) }
    guard case .lost = receive() else { return .pending(hasBegun: hasBegun) }
    return loss().0
  }

  private mutating func loss() -> (Answer, String) {
    let fault = takeFault()
    return (.lost(fault.code), fault.message)
  }
}

func connect(_ base: String, _ session: HTTPSession) throws(HTTPFault) -> HTTPConnection {
  let attempt = HTTPConnectionAttempt(try HTTPServer(HTTPBase(base)))
  var progress = attempt.beginning
  while true {
    switch progress {
    case .reading: _ = wait(attempt.descriptor, POLLIN, milliseconds: 10_000)
    case .writing: _ = wait(attempt.descriptor, POLLOUT, milliseconds: 10_000)
    case .failed(let fault): throw fault
    case .established:
      guard let connection = attempt.take(session) else { throw HTTPFault(code: .unknown, message: "taken twice") }
      return connection
    }
    progress = attempt.advance()
  }
}
