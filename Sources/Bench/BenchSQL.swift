import EventLoop
import Load
import Model
import Postgres

/// As many users as connections, without think time: what `pgbench -M prepared -S` does, through the engine of every load.
func benchSQL(_ options: BenchOptions) -> Int32 {
  do throws(BenchFault) {
    let report = try run(plan(options))
    print(report)
    return 0
  } catch {
    return refuse(error.reason)
  }
}

struct BenchFault: Error { var reason: String }

private func plan(_ options: BenchOptions) throws(BenchFault) -> LoadPlan {
  let seconds = options.transactions == nil ? options.seconds : 86_400
  let shape = LoadShape.constant(users: options.connections, warmUp: .zero, duration: .ofSeconds(seconds))
  return try sqlPlan(LoadSpec(shape: shape, transactions: [pointSelect(scale: options.scale)]), options)
}

/// What `pgbench -S` asks.
func pointSelect(scale: Int) -> Transaction {
  Transaction(
    name: "select", sql: "SELECT abalance FROM pgbench_accounts WHERE aid = :aid;",
    parameters: [Parameter(name: "aid", values: .integers(low: 1, high: Int64(scale) * 100_000))])
}

/// A load over as many connections as asked for, all of them opened at the beginning.
func sqlPlan(_ load: LoadSpec, _ options: BenchOptions) throws(BenchFault) -> LoadPlan {
  var settings = PoolSettings()
  settings.maxSize = options.connections
  settings.minSize = options.connections
  return LoadPlan(
    server: try server(options.conninfo), settings: settings, load: load, seed: 1, requestLimit: options.transactions,
    usesLibpq: options.usesLibpq)
}

private func server(_ text: String) throws(BenchFault) -> ConnectionInfo {
  do throws(ConnectionInfoError) {
    return try ConnectionInfo(parsing: text)
  } catch {
    throw BenchFault(reason: error.reason)
  }
}

private func run(_ plan: LoadPlan) throws(BenchFault) -> String {
  let generator = LoadGenerator(plan)
  let begin = MonotonicClock.now
  do throws(LoadError) {
    try generator.start()
  } catch {
    throw BenchFault(reason: error.message)
  }
  let report = generator.join()
  if let fault = report.fault { throw BenchFault(reason: fault.message) }
  let elapsed = Double(MonotonicClock.now - begin) / 1e9
  let (user, system) = ProcessCPU.seconds
  return
    "transactions=\(report.totals.completed) failed=\(report.totals.failures) seconds=\(fixed(elapsed, places: 3)) "
    + "cpu_user=\(fixed(user, places: 4)) cpu_system=\(fixed(system, places: 4))"
}
