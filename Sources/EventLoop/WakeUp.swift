internal import CPlatform
internal import Glibc

/// An eventfd by which one thread wakes another that waits in a `Poller`.
package final class WakeUp: Sendable {
  package let descriptor: Int32

  package init() throws(SystemError) {
    descriptor = try system("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
  }

  deinit { close(descriptor) }

  package func signal() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Takes note of all signals so far.
  package func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
