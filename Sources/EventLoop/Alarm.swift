internal import CPlatform
internal import Glibc

/// A timerfd that wakes a `Poller` at one moment of the monotonic clock.
///
/// For a time that many waits have in common: set once, it costs nothing, where a timeout is armed and taken down again
/// by the kernel for every single wait.
package struct Alarm: ~Copyable {
  package let descriptor: Int32

  package init() throws(SystemError) {
    descriptor = try system("timerfd_create") {
      timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
    }
  }

  deinit { close(descriptor) }

  /// - Parameter moment: as `MonotonicClock.now` counts; one that is past wakes at once.
  package func set(at moment: Int64) {
    var time = itimerspec()
    time.it_value.tv_sec = Int(max(moment, 1) / 1_000_000_000)
    time.it_value.tv_nsec = Int(max(moment, 1) % 1_000_000_000)
    _ = timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &time, nil)
  }

  /// Takes note that it went off.
  package func clear() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }
}
