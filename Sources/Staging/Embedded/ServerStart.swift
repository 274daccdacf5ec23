internal import CPlatform
internal import Glibc
import Postgres
import System

/// Brings one server up, from whatever an earlier process left behind. The manage lock is held.
struct ServerStart {
  var home: ClusterHome
  var configuration: ClusterConfiguration
  var progress: (String) -> Void

  /// Whether the server runs with these settings and answers.
  var isRunningAsWanted: Bool {
    guard FileSystem.exists(home.completeMark), let postmaster = home.processes.postmaster else { return false }
    return runsAsWanted(postmaster)
  }

  func bringUp() throws(StagingError) -> ServerProcesses.PIDFile {
    let processes = home.processes
    if let postmaster = processes.postmaster {
      if isRunningAsWanted { return postmaster }
      progress("stopping a server that runs with other settings or does not answer (process \(postmaster.pid))")
    }
    try processes.stop()
    let binaries = try ServerBinaries.newest()
    if home.isElsewhere {
      progress("the account '\(home.account.name)' cannot reach \(home.folder); its files are in \(home.home)")
    }
    try makeDataFolder(binaries)
    do {
      return try start(binaries)
    } catch  where error.code == .startFailed && error.found == "damaged" {
      progress("the cluster's files are damaged; making it again")
      try discard()
      try makeDataFolder(binaries)
      return try start(binaries)
    }
  }

  private func runsAsWanted(_ postmaster: ServerProcesses.PIDFile) -> Bool {
    let digest = ServerProcesses.commandLineSetting(ClusterConfiguration.digestSetting, of: postmaster.pid)
    guard digest == configuration.digest, postmaster.isReady else { return false }
    let admin = EmbeddedCluster.connection(
      home, port: postmaster.port, user: ClusterConfiguration.superuser, database: "postgres")
    do {
      _ = try Session(admin, connectTimeout: .seconds(3)).query("SELECT 1", within: .seconds(3))
      return true
    } catch {
      return error.code == .connect(.tooManyConnections)
    }
  }
}

// Making the data folder.
extension ServerStart {
  private func makeDataFolder(_ binaries: ServerBinaries) throws(StagingError) {
    let wanted = "layout \(ClusterConfiguration.layout), PostgreSQL \(binaries.major)\n"
    if FileSystem.text(of: home.completeMark) == wanted, !wasTornByCrash { return }
    if FileSystem.exists(home.data) { progress("removing a cluster that is half made, torn or of another version") }
    try discard()
    progress("making a PostgreSQL \(binaries.major) cluster in \(home.data)")
    try initialise(binaries)
    try forStaging { () throws(SystemFault) in
      try write(home.data + "/pg_hba.conf", ClusterConfiguration.hba)
      let original = FileSystem.text(of: home.data + "/postgresql.conf") ?? ""
      try write(home.data + "/postgresql.conf", original + "\ninclude 'poolops.conf'\n")
      try FileSystem.replace(home.completeMark, with: Array(wanted.utf8))
    }
  }

  /// Without fsync, a cluster that ran when the machine went down cannot be trusted.
  private var wasTornByCrash: Bool {
    guard let noted = FileSystem.text(of: home.bootMark) else { return false }
    return noted != Self.bootID
  }

  private static var bootID: String { FileSystem.text(of: "/proc/sys/kernel/random/boot_id") ?? "" }

  private func discard() throws(StagingError) {
    try forStaging { () throws(SystemFault) in
      try FileSystem.remove(home.completeMark)
      for path in [home.data, home.bootMark, home.passwordFile] { try FileSystem.removeTree(path) }
    }
  }

  private func initialise(_ binaries: ServerBinaries) throws(StagingError) {
    let command = try home.account.command([
      binaries.initdb, "-D", home.data, "-U", ClusterConfiguration.superuser, "--auth=reject", "--encoding=UTF8",
      "--locale=C", "--no-sync",
    ])
    let result = try forStaging { () throws(SystemFault) in try Subprocess.run(command, within: .seconds(120)) }
    if result.status == 0 { return }
    let code: StagingError.Code = result.output.contains("No space left on device") ? .diskFull : .initFailed
    let reason = result.output.split(separator: "\n").first { $0.contains("error:") || $0.contains("FATAL") }
    throw StagingError(code, path: home.data, reason: reason.map(String.init) ?? "initdb exited with \(result.status)")
  }

  private func write(_ path: String, _ text: String) throws(SystemFault) {
    try FileSystem.replace(path, with: Array(text.utf8))
    if chown(path, home.account.user, home.account.group) != 0 { throw SystemFault("chown", path) }
  }
}

// Starting.
extension ServerStart {
  private func start(_ binaries: ServerBinaries) throws(StagingError) -> ServerProcesses.PIDFile {
    var port = FileSystem.text(of: home.portFile).flatMap { Int($0.prefix { $0.isNumber }) }
    for _ in 0..<5 {
      guard let free = LoopbackPort.free(preferred: port) else { break }
      switch try attempt(binaries, port: free) {
      case .success(let postmaster): return postmaster
      case .failure(.portBusy): port = nil
      case .failure(.otherServer): try clearStalePIDFile()
      case .failure(.diskFull): throw StagingError(.diskFull, path: home.data)
      case .failure(.damaged): throw StagingError(.startFailed, found: "damaged", path: home.data)
      case .failure(.badSetting(let name, let reason)):
        throw StagingError(.badSetting, setting: name, found: configuration.settings[name], reason: reason)
      case .failure(.other(let reason)): throw StagingError(.startFailed, path: home.data, reason: reason)
      }
    }
    throw StagingError(.startFailed, path: home.data, reason: "no free port on 127.0.0.1, or its lock file stays")
  }

  private enum Attempt {
    case success(ServerProcesses.PIDFile)
    case failure(StartFailure)
  }

  private func attempt(_ binaries: ServerBinaries, port: Int) throws(StagingError) -> Attempt {
    let command = try home.account.command([
      binaries.postgres, "-D", home.data, "-c", "\(ClusterConfiguration.digestSetting)=\(configuration.digest)",
    ])
    let (pid, logged) = try forStaging { () throws(SystemFault) in
      try write(home.data + "/poolops.conf", configuration.text(port: port))
      try FileSystem.replace(home.portFile, with: Array("\(port)\n".utf8))
      try FileSystem.replace(home.bootMark, with: Array(Self.bootID.utf8))
      let log = try openLog()
      let logged = Int(lseek(log.descriptor, 0, SEEK_END))
      let nothing = try File("/dev/null", O_RDONLY)
      return (try Subprocess.spawn(command, input: nothing.descriptor, output: log.descriptor), logged)
    }
    return try awaitReady(pid, logged: logged)
  }

  /// The log is kept short: it starts anew when it has passed 4 MB.
  private func openLog() throws(SystemFault) -> File {
    let isLong = (FileSystem.status(of: home.log)?.st_size ?? 0) > 4_000_000
    let log = try File(home.log, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | (isLong ? O_TRUNC : 0))
    if fchown(log.descriptor, home.account.user, home.account.group) != 0 { throw SystemFault("chown", home.log) }
    return log
  }

  /// `postmaster.pid` says on its eighth line when sessions are taken; no connection is needed to see it.
  private func awaitReady(_ pid: Int32, logged: Int) throws(StagingError) -> Attempt {
    let end = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < end {
      if let file = home.processes.pidFile, file.pid == pid, file.isReady { return .success(file) }
      if !ServerProcesses.isAlive(pid) {
        return .failure(StartFailure(log: newLog(from: logged), names: configuration.settings.keys.sorted()))
      }
      usleep(2000)
    }
    try home.processes.stop()
    throw StagingError(.startFailed, path: home.data, reason: "it was not ready within 60 s")
  }

  private func newLog(from offset: Int) -> String {
    let bytes = (try? FileSystem.bytes(of: home.log)).flatMap { $0 } ?? []
    return String(decoding: bytes.dropFirst(offset), as: UTF8.self)
  }

  /// Lock files whose process is gone or is no server of ours; the server itself can only see that the id is in use.
  private func clearStalePIDFile() throws(StagingError) {
    usleep(200_000)
    guard home.processes.all.isEmpty else { return }
    try forStaging { () throws(SystemFault) in
      try FileSystem.remove(home.processes.pidFilePath)
      for name in FileSystem.entries(of: home.socketFolder) { try FileSystem.remove("\(home.socketFolder)/\(name)") }
    }
  }
}

/// Finds a TCP port of the loopback address that nobody uses.
enum LoopbackPort {
  /// `preferred` when it is free, else one that the kernel chooses; nil when it has none.
  static func free(preferred: Int?) -> Int? {
    preferred.flatMap { bindable($0) } ?? bindable(0)
  }

  private static func bindable(_ port: Int) -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0, let number = UInt16(exactly: port) else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = number.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutableBytes(of: &address) { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let pointer = base.assumingMemoryBound(to: sockaddr.self)
      guard bind(descriptor, pointer, length) == 0, getsockname(descriptor, pointer, &length) == 0 else { return nil }
      return Int(UInt16(bigEndian: base.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_port))
    }
  }
}
