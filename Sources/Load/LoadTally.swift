internal import Model

/// The requests of a loop since it began, warm-up included.
struct LoadTally: Sendable {
  /// Fell due, and are neither answered nor failed.
  private(set) var inFlight = 0
  /// Answered or failed.
  private(set) var ended = 0
  private(set) var failed = 0
  /// Of the failed: got no connection.
  private(set) var refused = 0
  /// Of the refused: outwaited the acquire timeout.
  private(set) var timedOut = 0
  private(set) var firstFailure: FirstFailure?

  @inline(__always)
  mutating func fallDue() { inFlight &+= 1 }

  @inline(__always)
  mutating func complete() {
    inFlight &-= 1
    ended &+= 1
  }

  mutating func refuse(_ error: ErrorClass) {
    refused &+= 1
    if error == .acquireTimeout { timedOut &+= 1 }
  }

  /// - Parameter second: since the measured part began.
  mutating func fail(_ error: ErrorClass, second: Double) {
    inFlight &-= 1
    ended &+= 1
    failed &+= 1
    if firstFailure == nil { firstFailure = FirstFailure(second: second, error: error) }
  }

  /// Requests that got a connection. Whoever was answered and not refused had one, and whoever has one now will be answered.
  /// - Parameter active: connections in use.
  func acquisitions(active: Int) -> Int { ended &- refused &+ active }
}
