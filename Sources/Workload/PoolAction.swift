/// What the driver of a pool must do next. Connections are slots from 0, below `max_size`; requests are the driver's own numbers.
package enum PoolAction: BitwiseCopyable, Hashable, Sendable {
  /// The request gets no connection.
  case fail(request: Int32, PoolFault)
  /// Open a connection, and report `established` or `connectFailed`, the latter at the end of `connect_timeout` at the latest.
  case open(connection: Int32)
  /// Close the connection; nothing is to be reported.
  case close(connection: Int32, CloseReason)
}

/// Why the pool refused a request.
package enum PoolFault: UInt8, BitwiseCopyable, Sendable {
  /// `acquire_timeout` is over.
  case acquireTimeout
  /// `max_waiting` requests are waiting already.
  case queueFull
  /// `acquire_timeout` is over, and the pool could not grow meanwhile: `PoolMachine.connectFault` says why.
  case cannotConnect
}

package enum CloseReason: UInt8, BitwiseCopyable, Sendable {
  case idle
  case lifetime
  case broken
  case shutDown
}
