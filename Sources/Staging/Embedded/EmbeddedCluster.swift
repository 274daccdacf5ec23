internal import CPlatform
internal import Glibc
import Postgres
import System

/// A private PostgreSQL cluster under `<root>/.poolops/staging`: made, started, filled and stopped by poolops.
///
/// A toy in one respect: fsync is off, so a crash of the machine may lose it, and it is then made again.
/// It outlives the process that started it; `up` finds whatever an earlier one left, running or torn, and puts it right.
package struct EmbeddedCluster: Sendable {
  package static let markName = "embedded"
  private let root: String

  /// - Parameter root: the folder that holds `.poolops`; it must exist.
  package init(root: String) { self.root = root }

  /// `<root>/.poolops/staging`
  package var folder: String { ClusterHome.folder(of: FileSystem.canonical(root) ?? root) }

  /// Makes, starts and fills the cluster as far as that is not done yet.
  ///
  /// A server that runs with other settings is restarted, unless another process is running an execution on it.
  /// - Parameters:
  ///   - scale: of the dataset: 100,000 accounts each.
  ///   - settings: PostgreSQL's own names and values.
  ///   - progress: hears one line at the start of each step that takes time.
  package func up(
    scale: Int, settings: [String: String] = [:], progress: @escaping (String) -> Void = { _ in }
  ) throws(StagingError) -> RunningCluster {
    try Dataset.check(scale: scale)
    let home = try ClusterHome.make(root: root, account: ServerAccount.current())
    let configuration = ClusterConfiguration(
      settings: settings, clusterName: home.processes.clusterName, socketFolder: home.socketFolder)
    try configuration.check()
    let lock = try FileLock(home.manageLock, patience: .seconds(60))
    return try withExtendedLifetime(lock) { () throws(StagingError) -> RunningCluster in
      let server = ServerStart(home: home, configuration: configuration, progress: progress)
      home.processes.awaitControllers()
      let wasRunning = home.processes.postmaster != nil
      try refuseToDisturb(home, unless: server.isRunningAsWanted)
      let postmaster = try server.bringUp()
      return try prepare(home, postmaster, scale: scale, wasStarted: !wasRunning, progress: progress)
    }
  }

  /// Stops the server; nothing to do is fine. The data stays.
  package func down() throws(StagingError) {
    guard FileSystem.exists(folder) else { return }
    let home = ClusterHome(root: root, account: try ServerAccount.current())
    let lock = try FileLock(home.manageLock, patience: .seconds(60))
    try withExtendedLifetime(lock) { () throws(StagingError) in
      home.processes.awaitControllers()
      try refuseToDisturb(home, unless: home.processes.all.isEmpty)
      try home.processes.stop()
      try? FileSystem.remove(home.bootMark)
    }
  }

  /// Stops the server and removes all of its files; the env file of the built-in pool stays.
  package func remove() throws(StagingError) {
    try down()
    guard FileSystem.exists(folder) else { return }
    let home = ClusterHome(root: root, account: try ServerAccount.current())
    try forStaging { () throws(SystemFault) in
      for path in [home.home, home.socketFolder, home.passwordFile] { try FileSystem.removeTree(path) }
    }
  }

  /// The server's main process now: another one after each restart. nil when it is down.
  package var postmasterPID: Int32? {
    (try? ServerAccount.current()).flatMap { ClusterHome(root: root, account: $0).processes.postmaster?.pid }
  }

  /// The superuser's way in, as long as there is a process; it is not asked.
  package var adminConnection: ConnectionInfo? {
    guard let account = try? ServerAccount.current() else { return nil }
    let home = ClusterHome(root: root, account: account)
    return home.processes.postmaster.map {
      Self.connection(home, port: $0.port, user: ClusterConfiguration.superuser)
    }
  }

  /// What is there now. Changes nothing and waits at most a few seconds.
  package func status() throws(StagingError) -> EmbeddedStatus {
    let home = ClusterHome(root: root, account: try ServerAccount.current())
    var status = EmbeddedStatus(state: .absent, folder: home.home)
    status.executionPID = StagingLock.holder(in: home.folder)
    guard FileSystem.exists(home.completeMark) else { return status }
    status.state = .stopped
    guard let postmaster = home.processes.postmaster else { return status }
    status.postmasterPID = postmaster.pid
    status.port = postmaster.port
    status.state = .notAnswering
    let admin = Self.connection(home, port: postmaster.port, user: ClusterConfiguration.superuser)
    guard postmaster.isReady, let session = try? Session(admin, connectTimeout: .seconds(3)) else { return status }
    status.state = .running
    status.version = session.versionText
    status.datasetScale = (try? Dataset.scale(in: session)) ?? nil
    status.connection = Self.connection(home, port: postmaster.port, user: ClusterConfiguration.loadRole)
    return status
  }

  /// Another process's execution must not lose its server.
  private func refuseToDisturb(_ home: ClusterHome, unless isFine: Bool) throws(StagingError) {
    guard !isFine, let holder = StagingLock.holder(in: home.folder), holder != getpid() else { return }
    throw StagingError(.locked, path: home.folder, pid: holder)
  }

  static func connection(
    _ home: ClusterHome, port: Int, user: String, database: String = ClusterConfiguration.database
  ) -> ConnectionInfo {
    ConnectionInfo(["host": home.socketFolder, "port": "\(port)", "user": user, "dbname": database])
  }

  private func prepare(
    _ home: ClusterHome, _ postmaster: ServerProcesses.PIDFile, scale: Int, wasStarted: Bool, progress: (String) -> Void
  ) throws(StagingError) -> RunningCluster {
    let target = "the embedded staging"
    let admin = Self.connection(home, port: postmaster.port, user: ClusterConfiguration.superuser)
    var maintenance = admin
    maintenance["dbname"] = "postgres"
    let roles = try forStaging(target) { [maintenance] () throws(PostgresError) in
      try Session(maintenance, applicationName: ClusterContent.sessionName)
    }
    try forStaging(target) { () throws(PostgresError) in try ClusterContent.endOrphans(roles) }
    try ClusterContent.makeRoleAndDatabase(roles, home: home)
    roles.close()
    let session = try forStaging(target) { () throws(PostgresError) in
      try Session(admin, applicationName: ClusterContent.sessionName)
    }
    try forStaging(target) { () throws(PostgresError) in try ClusterContent.mark(session) }
    if try forStaging(target, { () throws(PostgresError) in try Dataset.scale(in: session) }) != scale {
      try refuseToDisturb(home, unless: false)
      try requireSpace(home, scale: scale)
      try forStaging(target) { () throws(PostgresError) in
        try Dataset(scale: scale).fill(session, role: ClusterConfiguration.loadRole, progress: progress)
      }
    }
    return RunningCluster(
      connection: Self.connection(home, port: postmaster.port, user: ClusterConfiguration.loadRole), admin: admin,
      postmasterPID: postmaster.pid, version: session.versionText, port: postmaster.port, wasStartedByUs: wasStarted,
      folder: home.home)
  }

  private func requireSpace(_ home: ClusterHome, scale: Int) throws(StagingError) {
    let needed = UInt64(scale) * Dataset.bytesPerScale
    guard let free = FileSystem.freeBytes(at: home.data), free < needed else { return }
    throw StagingError(
      .diskFull, wanted: "\(needed / 1_000_000) MB", found: "\(free / 1_000_000) MB", path: home.data)
  }
}

/// A cluster that answers, and how to reach it.
package struct RunningCluster: Sendable {
  /// For the load: a role without privileges beyond the dataset, through the Unix socket, without a password.
  package var connection: ConnectionInfo
  /// For poolops's own sessions: the superuser, for whom the server keeps slots free.
  package var admin: ConnectionInfo
  package var postmasterPID: Int32
  /// `15.18`
  package var version: String
  /// Of the loopback address; also in the name of the socket.
  package var port: Int
  /// Whether it was down before: who started it stops it.
  package var wasStartedByUs: Bool
  /// Where its files are; not under the root when the server's account cannot reach that.
  package var folder: String
}

package struct EmbeddedStatus: Sendable {
  package enum State: String, CaseIterable, Sendable {
    /// Never made, or only half made.
    case absent
    case stopped
    case running
    /// The processes are there, but no session can be had: starting, stopping, frozen, or full.
    case notAnswering = "not_answering"
  }
  package var state: State
  /// Where its files are.
  package var folder: String
  package var postmasterPID: Int32?
  package var port: Int?
  package var version: String?
  package var datasetScale: Int?
  /// For the load's role; only while running.
  package var connection: ConnectionInfo?
  /// The process that is carrying out an execution on this staging.
  package var executionPID: Int32?
}

extension Session {
  /// The server's version without the packager's words: `15.18`.
  var versionText: String {
    let version = serverVersion
    return "\(version / 10_000).\(version % 10_000)"
  }
}
