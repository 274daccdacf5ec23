import Model
import Postgres
import Telemetry

/// All sources of facts that are read once a second while a block runs. Uses one connection.
///
/// Not for use by two threads at once. A frozen server holds `sample` for at most 2 s, and then no more for 5 s.
package final class ProbeSet {
  private var database: PostgreSQLProbe
  private var server: ProcessTreeCPU?
  private let machine = MachineCPU()
  private var memory: BackendMemory
  private var own = OwnMemory()
  private let isLocal: Bool
  private let app: AppPool?

  /// Sources that were missing from the latest sample: `postgresql`, `server_cpu`, `machine_cpu`, `app_pool`. Memory is
  /// read less often than the others, so it is not among them.
  package private(set) var gone: [String] = []

  /// - Parameters:
  ///   - info: for the session of the probe, `application_name=poolops`.
  ///   - postmasterPID: nil for a server on another machine; then there is no CPU and no memory of it.
  ///   - loadName: what `application_name` of the load's sessions begins with.
  ///   - app: the pool of the app under load.
  ///   - watched: what guards and checks name: memory among it is read each second and not each fifth, lag and slots are
  ///     read only then.
  package init(
    _ info: ConnectionInfo, postmasterPID: Int32?, loadName: String = "poolops-load", app: AppPool? = nil,
    watched: Set<Metric> = []
  ) {
    self.app = app
    memory = watched.contains(.backendMemory) ? BackendMemory(every: 0.9) : BackendMemory()
    database = PostgreSQLProbe(info, loadName: loadName, watched: watched)
    server = postmasterPID.flatMap { ProcessTreeCPU(postmaster: $0) }
    isLocal = postmasterPID != nil
  }

  /// What the app told last of its pool; nil while it tells nothing.
  package var appPool: PoolGauges? { app?.fault == nil ? lastTold : nil }
  private var lastTold: PoolGauges?

  /// What the app has told of its pool since the last call, each at its own moment, and then a sample of all other
  /// sources.
  /// - Parameter second: of the block, see `sample`.
  package func samples(second: Double) -> [ProbeSample] {
    let now = AppPool.clockSeconds()
    let readings = app?.take() ?? []
    lastTold = readings.last?.pool.gauges ?? lastTold
    let told = readings.map { reading in
      ProbeSample(second: second - (now - reading.at), values: reading.pool.gauges.probeValues)
    }
    // What was told before a long pause belongs to another block, or to none.
    return told.filter { second - $0.second < Self.oldest && !$0.values.isEmpty } + [sample(second: second)]
  }

  private static let oldest = 5.0

  /// Reads every source but the app. One that does not answer is left out.
  /// - Parameter second: of the block, negative during warm-up; a new block may start again from a lower one.
  package func sample(second: Double) -> ProbeSample {
    var sample = ProbeSample(second: second, values: [:])
    var missing: [String] = []
    let now = AppPool.clockSeconds()
    if let seconds = server?.seconds() {
      sample.values[.serverCPUSeconds] = seconds
    } else if isLocal {
      missing.append("server_cpu")
    }
    if let values = machine.read() { sample.values.merge(values) { $1 } } else { missing.append("machine_cpu") }
    if let bytes = own.bytes(now: now) { sample.values[.generatorMemory] = bytes }
    if let reading = database.read(now: now) {
      sample.values.merge(reading.values) { $1 }
      if isLocal, let bytes = memory.mean(of: reading.backends, now: now) { sample.values[.backendMemory] = bytes }
    } else {
      missing.append("postgresql")
    }
    if app?.fault != nil { missing.append("app_pool") }
    gone = missing
    return sample
  }
}

extension PoolGauges {
  fileprivate var probeValues: [ProbeGauge: Double] {
    var values: [ProbeGauge: Double] = [:]
    for figure in figures { if let gauge = ProbeGauge(figure) { values[gauge] = self[figure] } }
    return values
  }
}
