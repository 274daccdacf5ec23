internal import Model
internal import Statistics

/// What carries the requests of a loop: SQL, HTTP. Owns the connections, in slots from 0, and one request at a time on each.
///
/// After `send` the loop calls `receive` whenever the descriptor is readable, until the reply is not `pending`.
protocol RequestCarrier: ~Copyable, SendableMetatype {
  associatedtype Attempt: ConnectionAttempt

  /// Whether it connects by itself when a request needs it. Then its slots are places for requests, it tells of its connections and of when
  /// a request was sent, and sees to the limits of time.
  static var connectsOnDemand: Bool { get }

  /// Takes over an opened connection; returns its descriptor, nil when it was lost meanwhile.
  mutating func adopt(_ attempt: Attempt, _ slot: Int) -> Int32?
  /// -1 where there is no connection.
  mutating func descriptor(_ slot: Int) -> Int32
  mutating func isBusy(_ slot: Int) -> Bool
  /// Whether the first byte of the answer has come.
  mutating func hasBegun(_ slot: Int) -> Bool

  /// Draws the parameters of `transaction` and sends it.
  /// - Parameter visit: whose captured values are used, and where those of the answer go.
  mutating func send(_ transaction: Int, visit: Int, _ slot: Int, _ random: inout RandomSource) -> SendOutcome
  /// Sends what is left; to be called when the socket is writable.
  mutating func flush(_ slot: Int) -> SendOutcome
  mutating func receive(_ slot: Int) -> Reply
  /// After `done` or `failed`: whether the connection is fit for another request.
  mutating func isReusable(_ slot: Int) -> Bool
  /// Why the last reply was `failed` or `lost`, or the last send `lost`; forgets it.
  mutating func takeError(_ slot: Int) -> ErrorClass
  /// Asks the server to give up what runs.
  mutating func cancel(_ slot: Int)
  mutating func close(_ slot: Int)

  /// What became of the last request before its answer.
  mutating func sending(_ slot: Int) -> Sending
  /// What became of its connections since the last call.
  mutating func takeConnections() -> CarrierConnections
  /// CPU time in nanoseconds that threads of its own have used.
  var helperCPU: Int64 { get }
}

/// What only a carrier with connections of its own has to say.
extension RequestCarrier where Self: ~Copyable {
  static var connectsOnDemand: Bool { false }
  mutating func sending(_ slot: Int) -> Sending { Sending(taken: 0, sent: nil) }
  mutating func takeConnections() -> CarrierConnections { CarrierConnections() }
  var helperCPU: Int64 { 0 }
}

/// The way of a request through a carrier that connects by itself, on the monotonic clock.
struct Sending: BitwiseCopyable {
  /// The carrier's thread took it up. How long that took is lateness of the generator.
  var taken: Int64
  /// It had a connection, and went out; nil: it never did.
  var sent: Int64?
}

/// Connections that were opened and closed in a while.
struct CarrierConnections: Sendable {
  /// How long it took to open each.
  var opened: [Duration] = []
  var closed = 0
}

enum SendOutcome: BitwiseCopyable {
  case sent
  /// The socket is full: `flush` when it is writable.
  case blocked
  /// The connection is lost; `takeError` says why.
  case lost
}

enum Reply: BitwiseCopyable {
  /// Not all of it is there yet; or nothing was asked, and nothing of weight was said.
  case pending
  /// The server has made room for the request: to be sent again.
  case again
  case done
  /// `takeError` says why; the connection may be fit for another request.
  case failed
  /// `takeError` says why; the connection is of no more use.
  case lost
}

/// A connection that is being opened, step by step and without blocking. It moves from thread to thread, and is used by one at a time.
protocol ConnectionAttempt: AnyObject, Sendable {
  /// May be another one after each step.
  var descriptor: Int32 { get }
  /// How it stands before the first `advance`.
  var beginning: AttemptProgress { get }
  func advance() -> AttemptProgress
}

enum AttemptProgress: Sendable {
  /// To be called again when the descriptor is readable, or writable.
  case reading
  case writing
  case established
  case failed(ConnectFault)
}

/// Why a connection could not be opened.
struct ConnectFault: Error, Hashable, Sendable {
  var error: ErrorClass
  /// One line, without a secret.
  var message: String
}
