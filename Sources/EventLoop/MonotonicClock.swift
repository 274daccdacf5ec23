internal import CPlatform
internal import Glibc

/// CLOCK_MONOTONIC in nanoseconds: the clock that epoll counts by. Only differences mean anything.
package enum MonotonicClock {
  @inline(__always)
  package static var now: Int64 { read(CLOCK_MONOTONIC) }
}

/// Nanoseconds since 1970-01-01 UTC, as far as the machine's clock is right.
package enum WallClock {
  package static var now: Int64 { read(CLOCK_REALTIME) }
}

/// CPU time in nanoseconds that the calling thread has used, in user and kernel mode.
package enum ThreadCPUClock {
  package static var now: Int64 { read(CLOCK_THREAD_CPUTIME_ID) }
}

@inline(__always)
private func read(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}
