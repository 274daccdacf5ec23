import Model
import Postgres

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

  /// Sources that were missing from the latest sample: `postgresql`, `server_cpu`, `machine_cpu`. Memory is read less
  /// often than the others, so it is not among them.
  package private(set) var gone: [String] = []

  /// - Parameters:
  ///   - info: for the session of the probe, `application_name=poolops`.
  ///   - postmasterPID: nil for a server on another machine; then there is no CPU and no memory of it.
  ///   - loadName: what `application_name` of the load's sessions begins with.
  ///   - watchesMemory: a guard does, so that it is read each second and not each fifth.
  package init(
    _ info: ConnectionInfo, postmasterPID: Int32?, loadName: String = "poolops-load", watchesMemory: Bool = false
  ) {
    memory = watchesMemory ? BackendMemory(every: 0.9) : BackendMemory()
    database = PostgreSQLProbe(info, loadName: loadName)
    server = postmasterPID.flatMap { ProcessTreeCPU(postmaster: $0) }
    isLocal = postmasterPID != nil
  }

  /// Reads every source. One that does not answer is left out.
  /// - Parameter second: of the block, negative during warm-up; a new block may start again from a lower one.
  package func sample(second: Double) -> ProbeSample {
    var sample = ProbeSample(second: second, values: [:])
    var missing: [String] = []
    let now = Self.clockSeconds()
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
    gone = missing
    return sample
  }

  private static let origin = ContinuousClock.now
  private static func clockSeconds() -> Double { (ContinuousClock.now - origin).seconds }
}
