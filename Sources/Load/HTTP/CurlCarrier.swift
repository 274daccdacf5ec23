internal import HTTP
internal import Model
internal import Statistics

/// Requests to an app over TLS, HTTP/2 included, which libcurl carries on a thread of its own. A slot is a place for one request; which
/// connection carries it is libcurl's to say.
struct CurlCarrier: RequestCarrier, ~Copyable {
  static var connectsOnDemand: Bool { true }

  private var places: ConnectionTable<CurlSlot>
  private let transfers: CurlTransfers
  private var requests: HTTPRequests
  private var draws: ParameterDraws
  private var captures: FlowCaptures

  /// - Parameter plan: one thread's part.
  init(_ plan: LoadPlan, _ templates: HTTPTemplates) throws(ConnectFault) {
    guard case .http(let http) = plan.load.carrier else { preconditionFailure("a load over HTTP is carried by HTTP") }
    let made = try templates.requests()
    transfers = try CurlTransfers(opening: CurlSetup(templates.base, http, plan.load), made.session)
    requests = made
    places = ConnectionTable(count: plan.settings.maxSize)
    draws = ParameterDraws(plan.load.transactions, captures: plan.load.captureNames, settingTextsIn: &requests)
    captures = FlowCaptures(plan.load, connections: plan.settings.maxSize)
  }

  mutating func adopt(_ attempt: CurlPlace, _ slot: Int) -> Int32? {
    guard let place = try? transfers.slot() else { return nil }
    let descriptor = place.descriptor
    places.put(place, slot)
    return descriptor
  }

  mutating func descriptor(_ slot: Int) -> Int32 { places.contains(slot) ? places[slot].descriptor : -1 }

  mutating func isBusy(_ slot: Int) -> Bool { places.contains(slot) && places[slot].isBusy }

  mutating func hasBegun(_ slot: Int) -> Bool { places.contains(slot) && places[slot].hasBegun }

  mutating func send(_ transaction: Int, visit: Int, _ slot: Int, _ random: inout RandomSource) -> SendOutcome {
    captures.note(transaction, visit: visit, slot)
    guard draws.fill(transaction, of: &requests, visit: visit, captures.values, &random) else {
      captures.miss(slot)
      return .lost
    }
    return SendOutcome(places[slot].send(transaction, of: requests))
  }

  mutating func flush(_ slot: Int) -> SendOutcome { SendOutcome(places[slot].flush()) }

  mutating func receive(_ slot: Int) -> Reply {
    switch places[slot].receive() {
    case .pending: return .pending
    // What broke was a connection; the place is as good as before.
    case .failed, .lost: return .failed
    case .done:
      guard captures.isUsed else { return .done }
      let found = places[slot].captured.map { Array($0.utf8) }
      return captures.keep(found, slot) ? .done : .failed
    }
  }

  mutating func isReusable(_ slot: Int) -> Bool { places.contains(slot) }

  mutating func takeError(_ slot: Int) -> ErrorClass {
    if captures.takeMissing(slot) { return .valueMissing }
    let fault = places[slot].takeFault()
    return places[slot].sent == nil ? fault.whileConnecting : fault.whileRunning
  }

  /// Closing the place gives the transfer up.
  mutating func cancel(_ slot: Int) {}

  mutating func close(_ slot: Int) { places.remove(slot) }

  mutating func sending(_ slot: Int) -> Sending { Sending(taken: places[slot].taken, sent: places[slot].sent) }

  mutating func takeConnections() -> CarrierConnections {
    let taken = transfers.takeConnections()
    return CarrierConnections(opened: taken.opened, closed: taken.closed)
  }

  var helperCPU: Int64 { transfers.cpu }
}

/// A place at libcurl is there as soon as it is wanted.
final class CurlPlace: ConnectionAttempt {
  var descriptor: Int32 { -1 }
  var beginning: AttemptProgress { .established }
  func advance() -> AttemptProgress { .established }
}

extension CurlTransfers {
  fileprivate convenience init(opening setup: CurlSetup, _ session: HTTPSession) throws(ConnectFault) {
    do throws(HTTPFault) { try self.init(setup, session) } catch { throw ConnectFault(error) }
  }
}

extension CurlSetup {
  /// - Parameter http: resolved.
  init(_ base: HTTPBase, _ http: HTTPLoadSpec, _ load: LoadSpec) {
    self.init(
      base, version: http.version == .http2 ? .http2 : .http1, caFile: http.caFile,
      connectTimeout: http.connectTimeout, firstByteTimeout: http.firstByteTimeout, requestTimeout: load.requestTimeout,
      connections: http.connections ?? 1, streams: http.streams)
  }
}
