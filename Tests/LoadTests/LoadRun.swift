import Glibc
import Load
import Model
import Postgres
import Staging
import Statistics
import TestSupport

/// A load that is over.
struct Outcome {
  var slices: [Slice]
  var report: LoadReport

  func histogram(_ kind: HistogramKind) -> Histogram {
    Histogram.merged(
      slices.filter { !$0.isWarmUp }.compactMap { $0.histograms[kind].flatMap { Histogram(encoded: $0) } })
  }

  func sum(_ count: (Slice) -> Int) -> Int { slices.filter { !$0.isWarmUp }.map(count).reduce(0, +) }
}

func users(_ count: Int, warmUp: Double = 0, seconds: Double) -> LoadShape {
  .constant(users: count, warmUp: .ofSeconds(warmUp), duration: .ofSeconds(seconds))
}

func settings(_ change: (inout PoolSettings) -> Void) -> PoolSettings {
  var settings = PoolSettings()
  change(&settings)
  return settings
}

/// Puts a load on the test cluster; `meanwhile` runs beside it.
func run(
  _ sql: [String], _ shape: LoadShape, _ settings: PoolSettings, statementTimeout: Duration? = nil,
  parameters: [Parameter] = [], server: ConnectionInfo? = nil, usesLibpq: Bool = false, requestTimeout: Duration? = nil,
  writes: Bool = false,
  threads: Int = 1, seed: UInt64 = 11,
  meanwhile: (LoadGenerator) throws -> Void = { _ in }
) throws -> Outcome {
  let transactions = sql.enumerated().map { Transaction(name: "t\($0)", sql: $1, parameters: parameters) }
  var load = LoadSpec(shape: shape, transactions: transactions, statementTimeout: statementTimeout)
  load.requestTimeout = requestTimeout
  load.writes = writes
  load.threads = threads
  let generator = LoadGenerator(
    LoadPlan(
      server: try server ?? TestCluster.running().connection, settings: settings, load: load, seed: seed,
      usesLibpq: usesLibpq))
  try generator.start()
  try meanwhile(generator)
  let report = generator.join()
  return Outcome(slices: report.slices, report: report)
}

/// Puts a load on the app that it names; `meanwhile` runs beside it.
func runOnApp(_ load: LoadSpec, meanwhile: (LoadGenerator) throws -> Void = { _ in }) throws -> Outcome {
  let generator = LoadGenerator(LoadPlan(server: nil, settings: PoolSettings(), load: load, seed: 11))
  try generator.start()
  try meanwhile(generator)
  let report = generator.join()
  return Outcome(slices: report.slices, report: report)
}

func get(_ path: String) -> HTTPRequestSpec { HTTPRequestSpec(path: path) }

/// Fails with 22012 unless `condition` holds in the load's session.
func assertion(_ condition: String) -> String { "SELECT 1 / (CASE WHEN \(condition) THEN 1 ELSE 0 END)" }

/// Of the suites that run beside each other each ends only its own sessions.
func terminateLoad(where condition: String) throws {
  try TestCluster.admin().query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'poolops-load' AND \(condition)")
}

func waitForSecond(_ generator: LoadGenerator) {
  while generator.progress.elapsed < .seconds(1) { usleep(5000) }
}
