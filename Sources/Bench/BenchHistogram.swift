import EventLoop
import Model
import Statistics

/// Records values that grow by a cheap sequence over 100 ns to 100 ms, so that they hit many buckets.
func benchHistogram(_ options: BenchOptions) -> Int32 {
  var recorder = HistogramRecorder()
  var state: UInt64 = 88_172_645_463_325_252
  let begin = MonotonicClock.now
  for _ in 0..<options.values {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    recorder.record(Int64(truncatingIfNeeded: 100 + (state >> 38)))
  }
  let elapsed = Double(MonotonicClock.now - begin)
  print("values=\(recorder.count) ns_per_value=\(fixed(elapsed / Double(options.values), places: 2))")
  return 0
}
