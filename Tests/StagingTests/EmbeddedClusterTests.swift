import CPlatform
import Dispatch
import Glibc
import Model
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Staging
import System

/// Each test has a cluster of its own in a folder of its own, and tears it down.
@Suite(.serialized) struct EmbeddedClusterTests {
  private let folder = TemporaryFolder()
  private var cluster: EmbeddedCluster { EmbeddedCluster(root: folder.path) }
  private var data: String { folder.path + "/.poolops/staging/cluster/data" }

  private func withCluster(_ body: (RunningCluster) throws -> Void) throws {
    defer { try? cluster.remove() }
    try body(try cluster.up(scale: 1))
  }

  private func accounts(_ cluster: RunningCluster) throws -> String? {
    try Session(cluster.connection).query("SELECT count(*) FROM pgbench_accounts").scalar
  }

  @Test func `up makes a filled and marked cluster, a second up adopts it, down stops it, and the data stays`() throws {
    try withCluster { first in
      #expect(first.wasStartedByUs)
      #expect(try accounts(first) == "100000")
      #expect(try StagingMark.name(in: Session(first.connection)) == "embedded")
      let seen = try Session(first.connection).query("SELECT current_setting('poolops.staging', true)").scalar
      #expect(seen == "embedded")

      var lines: [String] = []
      let second = try cluster.up(scale: 1) { lines.append($0) }
      #expect(second.postmasterPID == first.postmasterPID && !second.wasStartedByUs && lines.isEmpty)
      #expect(try cluster.status().state == .running && cluster.status().datasetScale == 1)

      try cluster.down()
      try cluster.down()
      #expect(try cluster.status().state == .stopped)
      #expect(!ServerProcesses.isAlive(first.postmasterPID))

      let third = try cluster.up(scale: 1) { lines.append($0) }
      #expect(third.wasStartedByUs && lines.isEmpty)
      #expect(third.port == first.port)
    }
  }

  @Test func `the load's role is no superuser, and loopback takes only it, and only with the password`() throws {
    try withCluster { running in
      let role = try Session(running.connection).query("SELECT usesuper FROM pg_user WHERE usename = current_user")
      #expect(role.scalar == "f")
      let home = ClusterHome(root: folder.path, account: try .current())
      let password = try #require(FileSystem.text(of: home.passwordFile)).filter { !$0.isNewline }
      #expect(FileSystem.status(of: home.passwordFile)?.st_mode == 0o100600)
      func failure(user: String, password: String) -> PostgresError.Code? {
        let info = ConnectionInfo([
          "host": "127.0.0.1", "port": "\(running.port)", "user": user, "dbname": "poolops_staging",
          "password": password,
        ])
        do { _ = try Session(info); return nil } catch { return error.code }
      }
      #expect(failure(user: "poolops_app", password: password) == nil)
      #expect(failure(user: "poolops_app", password: "wrong") == .connect(.authentication))
      #expect(failure(user: "poolops", password: password) == .connect(.authentication))
      let log = FileSystem.text(of: home.log) ?? ""
      #expect(!log.contains(password) && !"\(running)".contains(password))
    }
  }

  @Test func `settings of the experiment are in force, and other ones restart the server`() throws {
    defer { try? cluster.remove() }
    func setting(_ cluster: RunningCluster) throws -> String? {
      try Session(cluster.admin).query("SHOW max_connections").scalar
    }
    let first = try cluster.up(scale: 1, settings: ["max_connections": "23", "work_mem": "5MB"])
    #expect(try setting(first) == "23")
    let second = try cluster.up(scale: 1, settings: ["max_connections": "31"])
    #expect(try setting(second) == "31")
    #expect(second.postmasterPID != first.postmasterPID)
    #expect(try accounts(second) == "100000")
  }

  @Test(arguments: [
    ["max_conections": "5"], ["max_connections": "many"], ["work_mem": "-5"], ["port": "5432"], ["LC_Messages": "de"],
    ["max_connections": "10\nport = 1"], ["a b": "c"], ["poolops.staging": "x"],
  ])
  func `a setting that cannot be is refused by name`(settings: [String: String]) throws {
    defer { try? cluster.remove() }
    let error = #expect(throws: StagingError.self) { try cluster.up(scale: 1, settings: settings) }
    #expect(error?.setting == settings.keys.first)
    #expect([.badSetting, .reservedSetting].contains(error?.code))
    #expect(try cluster.status().state != .running)
  }

  /// What a killed run can leave behind.
  enum Leftover: String, CaseIterable {
    case killedPostmaster, frozenPostmaster, stalePIDFile, foreignPIDFile, unmarkedFolder, damagedControlFile,
      missingPIDFile
    case otherBoot, busyPort, missingPassword, deletedFolder, orphanSession, runningInitdb
  }

  /// One after the other on one folder: each begins with what the repair of the one before has given.
  @Test func `what a killed run leaves is put right`() throws {
    try withCluster { cluster in
      var running = cluster
      for leftover in Leftover.allCases { running = try repaired(leftover, of: running) }
    }
  }

  private func repaired(_ leftover: Leftover, of first: RunningCluster) throws -> RunningCluster {
    let home = ClusterHome(root: folder.path, account: try .current())
    var guest: SilentListener?
    var orphan: Session?
    switch leftover {
    case .killedPostmaster: kill(first.postmasterPID, SIGKILL)
    case .frozenPostmaster: kill(first.postmasterPID, SIGSTOP)
    case .stalePIDFile:
      let text = try #require(FileSystem.text(of: data + "/postmaster.pid"))
      try cluster.down()
      try writePIDFile(text, home)
    case .foreignPIDFile:
      try cluster.down()
      try writePIDFile("\(getpid())\n\(data)\n1\n5432\n\n\n\nready\n", home)
    case .unmarkedFolder: try FileSystem.remove(home.completeMark)
    case .damagedControlFile:
      try cluster.down()
      try FileSystem.replace(data + "/global/pg_control", with: Array("nonsense".utf8))
    case .missingPIDFile: try FileSystem.remove(data + "/postmaster.pid")
    case .otherBoot:
      kill(first.postmasterPID, SIGKILL)
      try FileSystem.replace(home.bootMark, with: Array("another boot".utf8))
    case .busyPort:
      try cluster.down()
      guest = try SilentListener(port: first.port)
    case .missingPassword: try FileSystem.remove(home.passwordFile)
    case .deletedFolder: try FileSystem.removeTree(home.home)
    case .orphanSession:
      try Session(first.admin).execute("COMMENT ON TABLE pgbench_accounts IS NULL")
      orphan = try Session(first.admin, applicationName: ClusterContent.sessionName)
      try orphan?.execute("BEGIN; LOCK TABLE pgbench_accounts")
    case .runningInitdb:
      try cluster.remove()
      _ = try ClusterHome.make(root: folder.path, account: home.account)
      let command = [try ServerBinaries.newest().initdb, "-D", home.data, "-U", "poolops", "--no-sync"]
      let maker = try Subprocess.spawn(home.account.command(command), input: 0, output: open("/dev/null", O_WRONLY))
      while !FileSystem.exists(home.data + "/PG_VERSION"), ServerProcesses.isAlive(maker) { usleep(1000) }
    }
    let start = ContinuousClock.now
    let again = try cluster.up(scale: 1)
    #expect(ContinuousClock.now - start < .seconds(20), "\(leftover)")
    #expect(try accounts(again) == "100000", "\(leftover)")
    let isAdopted = leftover == .missingPassword || leftover == .orphanSession
    #expect(isAdopted == (again.postmasterPID == first.postmasterPID), "\(leftover)")
    #expect(isAdopted || !ServerProcesses.isAlive(first.postmasterPID), "\(leftover)")
    #expect(leftover != .busyPort || again.port != first.port)
    #expect(home.processes.all.contains(again.postmasterPID))
    withExtendedLifetime((guest, orphan)) {}
    return again
  }

  private func writePIDFile(_ text: String, _ home: ClusterHome) throws {
    try FileSystem.replace(data + "/postmaster.pid", with: Array(text.utf8))
    chown(data + "/postmaster.pid", home.account.user, home.account.group)
  }

  /// As a killed poolops may leave it: the user's own restart goes on.
  @Test func `a restart that somebody else has begun comes to its end, and gives the server`() throws {
    try withCluster { first in
      let home = ClusterHome(root: folder.path, account: try .current())
      let command = [try ServerBinaries.newest().folder + "/pg_ctl", "-D", home.data, "-w", "-m", "fast", "restart"]
      for milliseconds: UInt32 in [0, 10, 30, 100, 300] {
        let before = try #require(home.processes.postmaster)
        let restart = try Subprocess.spawn(home.account.command(command), input: 0, output: open("/dev/null", O_WRONLY))
        while home.processes.postmaster?.isReady == true, home.processes.postmaster == before { usleep(500) }
        usleep(milliseconds * 1000)
        var lines: [String] = []
        let again = try cluster.up(scale: 1) { lines.append($0) }
        var status: Int32 = 0
        #expect(
          waitpid(restart, &status, 0) == restart && status == 0, "\(milliseconds) ms: pg_ctl ended with \(status)")
        let isWhole = lines.isEmpty && !again.wasStartedByUs && again.postmasterPID != before.pid
        #expect(
          isWhole && home.processes.postmaster?.pid == again.postmasterPID, "\(milliseconds) ms: \(lines) \(again)")
        #expect(try accounts(again) == "100000")
      }
    }
  }

  @Test func `two that start it at once get the same server`() throws {
    try withCluster { _ in
      try cluster.down()
      let pids = Mutex<[Int32]>([])
      let root = folder.path
      DispatchQueue.concurrentPerform(iterations: 2) { _ in
        if let pid = try? EmbeddedCluster(root: root).up(scale: 1).postmasterPID {
          pids.withLock { $0.append(pid) }
        }
      }
      let found = pids.withLock { $0 }
      #expect(found.count == 2 && Set(found).count == 1)
    }
  }

  @Test func `another scale makes the dataset anew, and so does one that was half made`() throws {
    try withCluster { first in
      try Session(first.admin).execute(
        "COMMENT ON TABLE pgbench_accounts IS NULL; DELETE FROM pgbench_accounts WHERE aid > 5")
      #expect(try accounts(cluster.up(scale: 1)) == "100000")
      #expect(try accounts(cluster.up(scale: 2)) == "200000")
      #expect(try cluster.status().datasetScale == 2)
    }
  }

  @Test func `a scale out of range is refused before anything is made`() {
    let error = #expect(throws: StagingError.self) { try cluster.up(scale: 0) }
    #expect(error?.code == .badScale)
    #expect(!FileSystem.exists(folder.path + "/.poolops"))
  }

  @Test func `another process's execution keeps its server`() throws {
    try withCluster { running in
      let home = ClusterHome(root: folder.path, account: try .current())
      let holder = try Subprocess.spawn(
        ["/usr/bin/flock", home.folder + "/execution.lock", "/bin/sleep", "60"], input: 0, output: 1)
      defer {
        kill(-holder, SIGKILL)
        waitpid(holder, nil, 0)
      }
      while StagingLock.holder(in: home.folder) == nil { usleep(1000) }
      for body in [
        { try cluster.down() }, { _ = try cluster.up(scale: 1, settings: ["work_mem": "9MB"]) },
        { _ = try cluster.up(scale: 2) },
      ] {
        let error = #expect(throws: StagingError.self) { try body() }
        #expect(error?.code == .locked)
      }
      #expect(try cluster.up(scale: 1).postmasterPID == running.postmasterPID)
    }
  }

  @Test func `a socket path that would be too long is made short`() throws {
    let deep = folder.path + "/" + String(repeating: "d", count: 90)
    try FileSystem.makeFolder(deep, mode: 0o755)
    let cluster = EmbeddedCluster(root: deep)
    defer { try? cluster.remove() }
    #expect(try accounts(cluster.up(scale: 1)) == "100000")
  }

  @Test func `a folder that the server's account cannot reach gets its files elsewhere, and says so`() throws {
    guard geteuid() == 0 else { return }
    chmod(folder.path, 0o700)
    defer { try? cluster.remove() }
    var lines: [String] = []
    let running = try cluster.up(scale: 1) { lines.append($0) }
    #expect(running.folder.hasPrefix("/var/tmp/poolops-"))
    #expect(lines.contains { $0.contains(running.folder) })
    #expect(try accounts(running) == "100000")
    try cluster.remove()
    #expect(!FileSystem.exists(running.folder))
  }
}
