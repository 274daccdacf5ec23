import EventLoop
import Model
import Statistics
import Workload

/// The timers of users who think, without sockets and in a time of their own: each falls due, is taken and goes on to think.
func benchTimers(_ options: BenchOptions) -> Int32 {
  let service: Int64 = 200_000
  var source = ConstantUsers(
    users: options.users, thinkTime: .uniform(low: 0.5 * options.think, high: 1.5 * options.think), start: 0, end: .max,
    random: RandomSource(seed: options.seed))
  let begin = MonotonicClock.now
  for _ in 0..<options.values {
    guard let request = source.take(dueAt: source.nextDue) else { return refuse("nobody is due") }
    source.finished(user: request.user, succeeded: true, at: request.due + service)
  }
  let elapsed = Double(MonotonicClock.now - begin)
  print("events=\(options.values) ns_per_event=\(fixed(elapsed / Double(options.values), places: 2))")
  return 0
}
