import EventLoop
import Glibc
import Load
import Model
import Probes
import Runner

/// Puts the load of one block on staging, with its probes beside it.
final class BlockLoad: LoadPort {
  private let staging: ExperimentStaging
  private let spec: LoadSpec
  private var generator: LoadGenerator?
  private var probes: ProbeThread?
  /// Whether the load's own pool is the one that is tuned.
  private var tellsSettings = true

  init(_ staging: ExperimentStaging, spec: LoadSpec) {
    self.staging = staging
    self.spec = spec
  }

  func begin(seed: UInt64) throws(Failure) {
    guard let server = try staging.loadServer(), let admin = staging.admin else {
      preconditionFailure("the load begins after the preflight")
    }
    let own = try staging.poolSettings()
    let settings = own ?? spec.widePool
    tellsSettings = own != nil
    let generator = LoadGenerator(LoadPlan(server: server, settings: settings, load: spec, seed: seed))
    do throws(LoadError) { try generator.start() } catch { throw error.failure }
    self.generator = generator
    let (postmaster, watchesMemory) = (staging.postmasterPID, staging.watchesMemory)
    do throws(SystemError) {
      probes = try ProbeThread(warmUp: spec.shape.warmUp) {
        ProbeSet(admin, postmasterPID: postmaster, watchesMemory: watchesMemory)
      }
    } catch {
      generator.stop()
      _ = generator.join()
      throw Failure(.unexpected, "the probes cannot be started: \(error)")
    }
  }

  func poll() throws(Failure) -> LoadUpdate {
    usleep(100_000)
    guard let generator else { preconditionFailure("poll comes between begin and end") }
    let isFinished = generator.isFinished
    let slices = generator.takeSlices()
    var live = LiveFigures(generator.progress)
    live.isWarmUp = live.isWarmUp && spec.shape.warmUp > .zero
    return LoadUpdate(slices: slices, samples: probes?.take() ?? [], live: live, isFinished: isFinished)
  }

  func end() throws(Failure) -> LoadEnding {
    guard let generator else { preconditionFailure("end comes after begin") }
    generator.stop()
    let report = generator.join()
    let samples = probes?.finish() ?? []
    self.generator = nil
    probes = nil
    if let fault = report.fault { throw fault.failure }
    return LoadEnding(
      slices: report.slices, samples: samples, inFlight: report.inFlightAtEnd,
      effective: tellsSettings ? report.effective : nil)
  }
}

extension LoadSpec {
  /// A pool that never holds a request back, where the one that is measured is behind it: a connection for each user.
  fileprivate var widePool: PoolSettings {
    var settings = PoolSettings()
    settings.maxSize = shape.users ?? 200
    settings.acquireTimeout = nil
    // Poolers hand a session to others after each transaction, and what was prepared with it.
    settings.statementCache = 0
    return settings
  }
}

extension LiveFigures {
  init(_ progress: LoadProgress) {
    self.init()
    elapsed = progress.elapsed
    rate = Double(progress.rate)
    p95 = progress.p95
    errors = progress.errors
    active = progress.active
    idle = progress.idle
    waiting = progress.waiting
    isWarmUp = progress.isWarmUp
  }
}

extension LoadError {
  fileprivate var failure: Failure {
    switch code {
    case .cannotConnect(.authentication): Failure(.badConfiguration, "the server refused the load's role: \(message)")
    case .cannotConnect: Failure(.unreachable, "no connection to the server could be opened: \(message)")
    case .system: Failure(.unreachable, "the load could not be put on: \(message)")
    }
  }
}
