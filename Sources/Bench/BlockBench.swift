import EventLoop
import Glibc
import Load
import Model
import Postgres
import Probes
import Staging

/// Measures single blocks on an embedded staging of its own, as an execution does, without a target and without a store.
final class BlockBench {
  private let cluster: RunningCluster
  private let staging: EmbeddedCluster
  private let probes: ProbeSet
  private var position = 0

  private static let settings = {
    var settings = PoolSettings()
    settings.maxSize = FalseAlarmArm.users
    settings.minSize = FalseAlarmArm.users
    return settings
  }()

  init(root: String) throws(BenchFault) {
    staging = EmbeddedCluster(root: root)
    do throws(StagingError) { cluster = try staging.up(scale: 1) } catch { throw BenchFault(reason: "\(error)") }
    probes = ProbeSet(cluster.admin, postmasterPID: cluster.postmasterPID)
  }

  func close() { try? staging.remove() }

  func measure(_ load: LoadSpec, pair: Int, seed: UInt64) throws(BenchFault) -> RecordedRun.RecordedBlock {
    let generator = LoadGenerator(
      LoadPlan(server: cluster.connection, settings: Self.settings, load: load, seed: seed))
    let started = Timestamp(microseconds: WallClock.now / 1000)
    do throws(LoadError) { try generator.start() } catch { throw BenchFault(reason: error.message) }
    var slices: [Slice] = []
    var samples: [ProbeSample] = []
    while !generator.isFinished {
      usleep(3000)
      take(generator.takeSlices(), &slices, &samples)
    }
    let report = generator.join()
    take(report.slices, &slices, &samples)
    if let fault = report.fault { throw BenchFault(reason: fault.message) }
    defer { position += 1 }
    let block = Block(
      id: position + 1, pair: pair, position: position, status: .finished, started: started,
      ended: Timestamp(microseconds: WallClock.now / 1000), effective: report.effective,
      inFlightAtEnd: report.inFlightAtEnd)
    return RecordedRun.RecordedBlock(block: block, slices: slices, samples: samples)
  }

  private func take(_ new: [Slice], _ slices: inout [Slice], _ samples: inout [ProbeSample]) {
    guard let last = new.last else { return }
    slices += new
    samples.append(probes.sample(second: Double(last.second + 1)))
  }

  /// Blocks as the run of one arm.
  static func run(_ arm: Arm, _ blocks: [RecordedRun.RecordedBlock]) -> RecordedRun {
    let run = Run(
      id: RunID(arm == .baseline ? 1 : 2), execution: ExecutionID(experiment: "bench", number: 1), arm: arm,
      status: .finished, wanted: settings, started: blocks.first?.block.started ?? Timestamp(microseconds: 0))
    return RecordedRun(run: run, blocks: blocks)
  }
}
