import EventLoop
import Glibc
import Load
import Model
import Monitor
import Probes
import Runner

/// Puts the load of one block on staging, with its probes beside it.
final class BlockLoad: LoadPort {
  private let staging: ExperimentStaging
  /// Of the blocks that begin from now on.
  var spec: LoadSpec
  private let gauges: AppGauges?
  /// What is armed; nil: nothing.
  private let rule: EarlyWarning.Rule?
  private let pool: PoolUnderLoad
  private let say: (String) -> Void
  private var silence: Silence
  private var generator: LoadGenerator?
  private var probes: ProbeThread?
  /// Asked while a block runs, and then no more.
  private var app: AppPool?
  /// Asks the same app as often as the rule wants.
  private var watched: AppPool?
  private var warnings: WarningThread?
  /// Whether the load's own pool is the one that is tuned.
  private var tellsSettings = true

  /// - Parameters:
  ///   - gauges: of the app under load; nil where it tells nothing, and for a pooler, whose console does.
  ///   - rule: watches the pool while the load is on.
  ///   - say: one line for people: nothing is told of the pool, or something again.
  init(
    _ staging: ExperimentStaging, spec: LoadSpec, gauges: AppGauges? = nil, rule: EarlyWarning.Rule? = nil,
    say: @escaping (String) -> Void
  ) {
    self.rule = rule
    self.say = say
    self.staging = staging
    self.spec = spec
    self.gauges = gauges
    pool = staging.poolUnderLoad
    silence = Silence(
      of: pool == .pooler ? "PgBouncer's console" : "the app", timeout: gauges?.endpoint.timeout ?? .zero)
  }

  func begin(seed: UInt64) throws(Failure) {
    guard let server = try staging.loadServer(), let admin = staging.admin else {
      preconditionFailure("the load begins after the preflight")
    }
    app = if let gauges { try gauges.open() } else { try staging.poolerGauges() }
    silence.begin()
    if let rule, pool == .app { watched = try gauges?.open(every: rule.interval) }
    let own = try staging.poolSettings()
    let settings = own ?? spec.widePool
    tellsSettings = own != nil
    let generator = LoadGenerator(LoadPlan(server: server, settings: settings, load: spec, seed: seed))
    do throws(LoadError) { try generator.start() } catch { throw error.failure }
    self.generator = generator
    let (postmaster, watched, app) = (staging.postmasterPID, staging.watched, app)
    do throws(SystemError) {
      probes = try ProbeThread(warmUp: spec.shape.warmUp) {
        ProbeSet(admin, postmasterPID: postmaster, app: app, watched: watched)
      }
      if let rule { warnings = try WarningThread(rule, load: generator, app: self.watched) }
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
    if pool.isTold { live.take(probes?.appPool) }
    live.isWarmUp = live.isWarmUp && spec.shape.warmUp > .zero
    if let app, let remark = silence.remark(app.fault, at: .now) { say(remark) }
    live.level = warnings?.level
    var update = LoadUpdate(slices: slices, samples: probes?.take() ?? [], live: live, isFinished: isFinished)
    if let found = warnings?.take() { (update.warnings, update.firstFailure) = found }
    return update
  }

  func end() throws(Failure) -> LoadEnding {
    guard let generator else { preconditionFailure("end comes after begin") }
    generator.stop()
    let found = warnings?.finish() ?? []
    let report = generator.join()
    let samples = probes?.finish() ?? []
    self.generator = nil
    probes = nil
    // Who restarts it next has nothing to do with its telling.
    app = nil
    watched = nil
    warnings = nil
    if let fault = report.fault { throw fault.failure }
    var ending = LoadEnding(
      slices: report.slices, samples: samples, inFlight: report.inFlightAtEnd,
      effective: tellsSettings ? report.effective : nil)
    ending.warnings = found
    ending.firstFailure = report.firstFailure
    return ending
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

/// Whether the app, or a pooler, keeps telling of its pool, asked once a second: says once that it does not, and once that it does again.
///
/// What counts is the time under load: between two blocks poolops itself may restart the app.
struct Silence {
  /// A single answer may be late, and the first one after a restart later.
  private let patience: Duration
  private let name: String
  private var lasted = Duration.zero
  private var lastLook: ContinuousClock.Instant?
  private var isTold = false

  /// - Parameters:
  ///   - name: who tells.
  ///   - timeout: of one answer.
  init(of name: String = "the app", timeout: Duration = .seconds(1)) {
    self.name = name
    patience = max(.seconds(3), timeout + .seconds(1))
  }

  /// A block begins; what lies before it does not count.
  mutating func begin() { lastLook = nil }

  mutating func remark(_ fault: String?, at now: ContinuousClock.Instant) -> String? {
    defer { lastLook = now }
    guard let fault else {
      defer { (lasted, isTold) = (.zero, false) }
      return isTold ? "\(name) tells of its pool again" : nil
    }
    if let lastLook { lasted += now - lastLook }
    guard lasted >= patience, !isTold else { return nil }
    isTold = true
    return "\(name) tells nothing of its pool: \(fault)"
  }
}

extension LiveFigures {
  /// Of a pool that is told of, in place of poolops's own connections to it.
  fileprivate mutating func take(_ gauges: PoolGauges?) {
    active = gauges?[.inUse].map { Int($0) }
    idle = gauges?[.idle].map { Int($0) }
    waiting = gauges?[.waiting].map { Int($0) }
  }

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
    case .cannotConnect(.tls): Failure(.badConfiguration, "no connection over TLS could be opened: \(message)")
    case .cannotConnect: Failure(.unreachable, "no connection to the server could be opened: \(message)")
    case .variableMissing: Failure(.badConfiguration, message)
    case .system: Failure(.unreachable, "the load could not be put on: \(message)")
    }
  }
}
