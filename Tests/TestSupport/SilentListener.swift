import Glibc

/// Takes connections on a port of 127.0.0.1 and never says a word, until the last reference goes.
package final class SilentListener: Sendable {
  package let port: Int
  private let descriptor: Int32

  /// - Parameter port: 0 for any that is free.
  package init(port: Int = 0) throws {
    descriptor = try Loopback.listener(on: UInt16(port))
    self.port = Int(Loopback.port(of: descriptor))
  }

  deinit { close(descriptor) }
}
