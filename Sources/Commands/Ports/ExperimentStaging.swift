import EventLoop
import Model
import Postgres
import Probes
import Runner
import Staging

/// The staging of an experiment, and its targets.
///
/// Holds what an execution holds: the locks with a session of their own, and the embedded cluster where it started it.
final class ExperimentStaging: StagingPort {
  private let experiment: Experiment
  private let project: Project
  private let say: (String) -> Void
  private let maker: TargetMaker

  private var hold: StagingHold?
  private var cluster: RunningCluster?
  /// Where the load connects, once the preflight has passed.
  private(set) var server: ConnectionInfo?

  init(_ experiment: Experiment, with maker: TargetMaker, say: @escaping (String) -> Void) {
    self.experiment = experiment
    self.maker = maker
    self.say = say
    project = maker.project
  }

  /// The postmaster of an embedded cluster, whose CPU and memory can be read.
  var postmasterPID: Int32? { cluster == nil ? nil : EmbeddedCluster(root: project.root).postmasterPID }
  /// What guards and checks name.
  var watched: Set<Metric> {
    let checks = experiment.checks + (experiment.rollout?.checks ?? [])
    return Set(experiment.guardsInForce.map(\.condition.metric) + checks.map(\.metric))
  }
  var admin: ConnectionInfo? { cluster?.admin ?? server }

  func preflight() throws(Failure) -> [String: String] {
    try requireWay()
    let lock = try attempt { () throws(StagingError) in
      try StagingLock(folder: EmbeddedCluster(root: project.root).folder)
    }
    let (server, admin, place) = try reach()
    let hold = try StagingHold(lock) { [self] () throws(Failure) in try connect(admin, place) }
    self.hold = hold
    self.server = server
    try hold.hold(try maker.targets(of: experiment).filter { $0.kind != "builtin" }, root: project.root)
    let session = hold.session
    try requireGuards(session)
    try requireSlots(session)
    return try facts(session)
  }

  /// The load must pass through the pool that is tuned; otherwise it measures another one.
  private func requireWay() throws(Failure) {
    guard case .sql = experiment.load.carrier else { return }
    switch experiment.target {
    case .app:
      throw Failure(
        .badConfiguration, "the load sends statements to the server, past the app whose pool is tuned",
        hint: "Let the load ask the app over HTTP.")
    case .pgBouncer where !experiment.load.writes || experiment.load.statementTimeout != nil:
      throw Failure(
        .badConfiguration,
        "through PgBouncer the load's sessions can be neither made read-only nor given a statement_timeout",
        hint: "Write 'writes: true' into load, and no statement_timeout; or let the load ask an app over HTTP.")
    default: return
    }
  }

  private func connect(_ admin: ConnectionInfo, _ place: String) throws(Failure) -> Session {
    let session: Session
    let name = StagingLock.sessionName(of: experiment.name)
    do throws(PostgresError) { session = try Session(admin, applicationName: name) } catch {
      throw StagingError(error, target: place).failure
    }
    let production = ProductionGuard(try project.production())
    _ = try attempt { () throws(StagingError) in try StagingGuard(production).check(session, place: place) }
    return session
  }

  private func reach() throws(Failure) -> (server: ConnectionInfo, admin: ConnectionInfo, place: String) {
    switch experiment.staging {
    case .embedded(let scale, let settings):
      let cluster = try attempt { () throws(StagingError) in
        try EmbeddedCluster(root: project.root).up(scale: scale, settings: settings, progress: say)
      }
      self.cluster = cluster
      return (cluster.connection, cluster.admin, "the embedded staging")
    case .urlFromEnvironment(let variable):
      let info = try attempt { () throws(StagingError) in
        try StagingGuard.connection(fromVariable: variable, in: maker.variables)
      }
      return (info, info, variable)
    }
  }

  /// This one and that of the probes. They take slots from the load also where they come in by reserved ones.
  private static let ownSessions = 2

  /// The largest pool that fits beside what is connected already; after the preflight.
  private(set) var largestPool = 0

  /// Both arms must fit beside what is connected already; otherwise the server is measured, not the pool.
  private func requireSlots(_ session: Session) throws(Failure) {
    // This session is counted as taken.
    let free = try asking { () throws(PostgresError) in try ConnectionSlots.free(session) } + 1
    largestPool = free - Self.ownSessions
    let largest = Arm.allCases.map { experiment.settings(of: $0).maxSize }.max() ?? 0
    let needed = largest + Self.ownSessions
    guard needed > free else { return }
    throw Failure(
      .badConfiguration,
      "the server has \(free) free connection slots; a pool of \(largest) and poolops's own \(Self.ownSessions) sessions need \(needed)",
      hint: "Raise max_connections (staging.embedded.settings) or lower max_size.")
  }

  /// A guard that cannot see anything would let everything pass.
  private func requireGuards(_ session: Session) throws(Failure) {
    guard let blind = experiment.guardsInForce.first(where: { $0.condition.metric == .replicationLag }) else { return }
    let seen = try asking { () throws(PostgresError) in
      try session.query("SELECT count(state) FROM pg_stat_replication").scalar
    }
    guard seen == "0" else { return }
    throw Failure(
      .badConfiguration,
      "the guard '\(blind.text)' would watch nothing: the server has no standby that poolops's role sees",
      hint: "Connect a standby, grant pg_monitor to the role, or take the guard out.")
  }

  private func facts(_ session: Session) throws(Failure) -> [String: String] {
    var scale: Int?
    if case .embedded(let datasetScale, _) = experiment.staging { scale = datasetScale }
    let facts = try asking { () throws(PostgresError) in try EnvironmentFacts.collect(session, datasetScale: scale) }
    return project.facts(for: experiment).merging(facts) { own, _ in own }
  }

  private func asking<Value>(_ body: () throws(PostgresError) -> Value) throws(Failure) -> Value {
    do throws(PostgresError) { return try body() } catch { throw StagingError(error, target: "staging").failure }
  }

  func targets(of experiment: Experiment) throws(Failure) -> [any TargetPort] {
    try maker.targets(of: experiment).map { StagedTarget($0, in: project) }
  }

  func renew() throws(Failure) { try hold?.renew() }

  /// What poolops's own pool takes that starts now: it reads the target as an app does, and nobody hands it the wanted
  /// settings. nil where another pool is the one that is tuned.
  func poolSettings() throws(Failure) -> PoolSettings? {
    guard experiment.target == .builtin else { return nil }
    return try attempt { () throws(StagingError) in try maker.pool(of: experiment).effectiveSettings() }
  }

  /// Where statements are sent: through the PgBouncer that is tuned, else to the server itself.
  func loadServer() throws(Failure) -> ConnectionInfo? {
    guard case .pgBouncer(let spec) = experiment.target, var info = server else { return server }
    let console = try console(spec)
    for keyword in ["host", "hostaddr", "port"] { info[keyword] = console[keyword] }
    info["dbname"] = spec.database ?? info["dbname"]
    info["options"] = nil
    return info
  }

  private func console(_ spec: PgBouncerTargetSpec) throws(Failure) -> ConnectionInfo {
    try attempt { () throws(StagingError) in
      try StagingGuard.connection(fromVariable: spec.consoleVariable, in: maker.variables)
    }
  }

  var poolUnderLoad: PoolUnderLoad { experiment.poolUnderLoad }

  /// Begins to ask the PgBouncer through which the load goes; nil where it goes elsewhere.
  func poolerGauges() throws(Failure) -> AppPool? {
    guard poolUnderLoad == .pooler, case .pgBouncer(let spec) = experiment.target, let load = try loadServer() else {
      return nil
    }
    let teller = PgBouncerPool(console: try console(spec), database: load["dbname"] ?? "", user: load["user"])
    do throws(SystemError) { return try AppPool(teller) } catch {
      throw Failure(.unexpected, "PgBouncer's console cannot be asked: \(error)")
    }
  }

  /// Lets go of everything, and stops the cluster where this execution started it.
  func release() throws(Failure) {
    hold?.release()
    hold = nil
    guard cluster?.wasStartedByUs == true else { return }
    try attempt { () throws(StagingError) in try EmbeddedCluster(root: project.root).down() }
  }
}
