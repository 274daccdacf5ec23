import EventLoop
import Load
import Model

/// As many users as the connections carry requests, without think time, who ask an app for one small page: what `wrk` does, through the
/// engine of every load.
func benchHTTP(_ options: BenchOptions) -> Int32 {
  guard let slash = options.url.dropFirst(8).firstIndex(of: "/") else {
    return refuse("--url takes a URL with a path, such as http://127.0.0.1:8080/")
  }
  let seconds = options.transactions == nil ? options.seconds : 86_400
  let streams = options.streams ?? 1
  let http = HTTPLoadSpec(
    base: String(options.url[..<slash]), connections: options.connections, streams: streams,
    version: options.streams == nil ? .http1 : .http2, caFile: options.caFile)
  let load = LoadSpec(
    shape: .constant(users: options.connections * streams, warmUp: .zero, duration: .ofSeconds(seconds)),
    transactions: [Transaction(name: "get", work: .http(HTTPRequestSpec(path: String(options.url[slash...]))))],
    carrier: .http(http), threads: options.threads)
  let generator = LoadGenerator(
    LoadPlan(server: nil, settings: PoolSettings(), load: load, seed: 1, requestLimit: options.transactions))
  let begin = MonotonicClock.now
  do throws(LoadError) { try generator.start() } catch { return refuse(error.message) }
  let report = generator.join()
  if let fault = report.fault { return refuse(fault.message) }
  let elapsed = Double(MonotonicClock.now - begin) / 1e9
  let (user, system) = ProcessCPU.seconds
  print(
    "requests=\(report.totals.completed) failed=\(report.totals.failures) seconds=\(fixed(elapsed, places: 3)) "
      + "cpu_user=\(fixed(user, places: 4)) cpu_system=\(fixed(system, places: 4))")
  return 0
}
