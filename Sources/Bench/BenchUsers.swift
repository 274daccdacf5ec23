import EventLoop
import Glibc
import Load
import Model
import Statistics

/// Users who think between their requests, far more than connections: the timers, the queue and the memory of a large load.
func benchUsers(_ options: BenchOptions) -> Int32 {
  let shape = LoadShape.constant(
    users: options.users, warmUp: options.warmUpSpan, duration: .ofSeconds(options.measuredSeconds))
  return benchPace(shape, think: options.think, options) { latency in Double(options.users) / (options.think + latency)
  }
}

/// Requests that fall due by a schedule: whether they are sent when they are due.
func benchArrivals(_ options: BenchOptions) -> Int32 {
  let shape = LoadShape.arrivalRate(
    rate: options.rate, spacing: options.isPoisson ? .poisson : .even, warmUp: options.warmUpSpan,
    duration: .ofSeconds(options.measuredSeconds))
  return benchPace(shape, think: 0, options) { _ in options.rate }
}

extension BenchOptions {
  /// With a number of requests to count instructions, there is nothing to be timed.
  fileprivate var measuredSeconds: Double { transactions == nil ? seconds : 86_400 }
  fileprivate var warmUpSpan: Duration { transactions == nil ? .ofSeconds(warmUp) : .zero }
}

/// - Parameter expected: the rate that the mean latency leaves room for.
private func benchPace(
  _ shape: LoadShape, think: Double, _ options: BenchOptions, expected: (_ latency: Double) -> Double
) -> Int32 {
  do throws(BenchFault) {
    var load = LoadSpec(shape: shape, transactions: [pointSelect(scale: options.scale)])
    load.thinkTime = .constant(think)
    let (slices, report) = try carryOut(try sqlPlan(load, options))
    print(pace(slices.filter { !$0.isWarmUp }, report, expected))
    return 0
  } catch {
    return refuse(error.reason)
  }
}

/// Takes the seconds while they come, as an experiment does: so none pile up in memory.
private func carryOut(_ plan: LoadPlan) throws(BenchFault) -> (slices: [Slice], report: LoadReport) {
  let generator = LoadGenerator(plan)
  do throws(LoadError) { try generator.start() } catch { throw BenchFault(reason: error.message) }
  var slices: [Slice] = []
  while !generator.isFinished {
    usleep(100_000)
    slices += generator.takeSlices()
  }
  let report = generator.join()
  if let fault = report.fault { throw BenchFault(reason: fault.message) }
  return (slices + report.slices, report)
}

private func pace(_ slices: [Slice], _ report: LoadReport, _ expected: (Double) -> Double) -> String {
  func histogram(_ kind: HistogramKind) -> Histogram {
    .merged(slices.compactMap { $0.histograms[kind].flatMap { Histogram(encoded: $0) } })
  }
  let seconds = slices.map(\.length).reduce(0, +)
  let rate = Double(report.totals.completed) / max(seconds, 1e-9)
  let wanted = expected((histogram(.latency).mean ?? 0) / 1e9)
  let slip = histogram(.slip)
  func micros(_ quantile: Double) -> String { fixed((slip.quantile(quantile) ?? 0) / 1000, places: 1) }
  let busy = slices.map(\.generatorCPU).reduce(0, +) / max(seconds, 1e-9)
  return
    "requests=\(report.totals.completed) failed=\(report.totals.failures) rate=\(fixed(rate, places: 2)) "
    + "expected=\(fixed(wanted, places: 2)) slip_p50_us=\(micros(0.5)) slip_p99_us=\(micros(0.99)) "
    + "late=\(fixed(slip.share(above: 1_000_000) ?? 0, places: 5)) core=\(fixed(busy, places: 3)) "
    + "resident_mb=\(fixed(peakResidentMegabytes, places: 1))"
}

/// The most memory that the process ever had. Not `ru_maxrss`, which begins with that of the program that started it.
private var peakResidentMegabytes: Double {
  guard let file = fopen("/proc/self/status", "r") else { return 0 }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 8192)
  let count = fread(&bytes, 1, bytes.count, file)
  let text = String(decoding: bytes.prefix(count), as: UTF8.self)
  let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  return (line?.split { !$0.isNumber }.first.flatMap { Double($0) } ?? 0) / 1024
}
