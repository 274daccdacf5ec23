import Glibc

/// What a thread has to compute for it: the same on a busy machine, and where others go first.
package func processorTime(_ body: () throws -> Void) rethrows -> Duration {
  let begin = processorClock()
  try body()
  return processorClock() - begin
}

private func processorClock() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
