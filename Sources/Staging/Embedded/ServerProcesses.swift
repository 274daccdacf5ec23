internal import CPlatform
internal import Glibc
import Model
import System

/// The processes of a cluster, found by their owner and command line and not only by what a file says: the postmaster
/// is started with its data folder, and each of its children bears the cluster's name. (Their working folder would say
/// it too, but root in a container may not read that of another account.)
struct ServerProcesses {
  /// As long as pg_ctl itself waits.
  private static let patience = Duration.seconds(60)

  var dataFolder: String
  var owner: UInt32

  /// PostgreSQL's `cluster_name`; one for each data folder.
  var clusterName: String { "poolops-" + Checksum(dataFolder).text }

  /// What `postmaster.pid` says.
  struct PIDFile: Equatable {
    var pid: Int32
    var port: Int
    var isReady: Bool

    init?(_ text: String) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      guard let pid = lines.first.flatMap({ Int32($0) }), pid > 0 else { return nil }
      self.pid = pid
      port = lines.count > 3 ? Int(lines[3]) ?? 0 : 0
      isReady = lines.count > 7 && lines[7].hasPrefix("ready")
    }
  }

  var pidFilePath: String { dataFolder + "/postmaster.pid" }
  var pidFile: PIDFile? { FileSystem.text(of: pidFilePath).flatMap(PIDFile.init) }

  /// The live postmaster; nil when the file is missing or stale.
  var postmaster: PIDFile? { pidFile.flatMap { belongs($0.pid) ? $0 : nil } }

  /// Live PostgreSQL processes of the data folder, also of one that has been deleted meanwhile.
  var all: [Int32] { FileSystem.entries(of: "/proc").compactMap { Int32($0) }.filter(belongs) }

  private enum Role {
    case postmaster, child
    /// `initdb`, which goes on when the poolops that started it is killed; the processes under it are of its group.
    case maker
    /// `pg_ctl`: somebody starts, stops or restarts the server.
    case controller
  }

  private func belongs(_ pid: Int32) -> Bool { role(of: pid) != nil }

  private func role(of pid: Int32) -> Role? {
    guard let user = FileSystem.status(of: "/proc/\(pid)")?.st_uid, user == owner || user == geteuid(),
      let text = FileSystem.text(of: "/proc/\(pid)/cmdline")
    else { return nil }
    if text.hasPrefix("postgres: \(clusterName): ") { return .child }
    let words = text.split(separator: "\0")
    guard let option = words.firstIndex(of: "-D"), option > 0, option + 1 < words.count, words[option + 1] == dataFolder
    else { return nil }
    switch words[option - 1].split(separator: "/").last {
    case "postgres": return .postmaster
    case "initdb": return .maker
    case "pg_ctl": return .controller
    default: return nil
    }
  }

  /// The value of `-c name=value` on the process's command line.
  static func commandLineSetting(_ name: String, of pid: Int32) -> String? {
    guard let text = FileSystem.text(of: "/proc/\(pid)/cmdline") else { return nil }
    return text.split(separator: "\0").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
  }

  /// False for a process that has ended, also when nobody has collected its exit yet.
  static func isAlive(_ pid: Int32) -> Bool {
    var status: Int32 = 0
    if waitpid(pid, &status, WNOHANG) == pid { return false }
    return state(of: pid).map { $0 != "Z" && $0 != "X" } ?? false
  }

  /// The kernel's letter for the process: R, S, T (stopped) ...
  private static func state(of pid: Int32) -> Character? {
    guard let text = FileSystem.text(of: "/proc/\(pid)/stat"), let mark = text.lastIndex(of: ")") else { return nil }
    return text[mark...].dropFirst(2).first
  }

  /// A restart that somebody has begun comes to its end first: to stop the server in the midst of it would be to fight over it.
  /// One that hangs is not waited for without end.
  func awaitControllers() {
    let end = ContinuousClock.now + Self.patience
    while ContinuousClock.now < end, all.contains(where: { role(of: $0) == .controller }) { usleep(20_000) }
  }

  /// Ends every process: fast shutdown, then immediate, then SIGKILL, which also ends a frozen one.
  func stop() throws(StagingError) {
    for (signal, patience) in [(SIGINT, Duration.seconds(10)), (SIGQUIT, .seconds(3))] {
      let running = all.filter { role(of: $0) == .postmaster && Self.state(of: $0) != "T" }
      for pid in running { kill(pid, signal) }
      if !running.isEmpty { waitForEnd(of: running, patience) }
    }
    for _ in 0..<5 where !all.isEmpty {
      let rest = all
      for pid in rest { kill(role(of: pid) == .maker ? -pid : pid, SIGKILL) }
      waitForEnd(of: rest, .seconds(1))
    }
    if let pid = all.first { throw StagingError(.stopFailed, path: dataFolder, pid: pid) }
  }

  private func waitForEnd(of processes: [Int32], _ patience: Duration) {
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end, processes.contains(where: Self.isAlive) { usleep(1000) }
  }
}
