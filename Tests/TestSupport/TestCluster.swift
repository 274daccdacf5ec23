import CPlatform
import Glibc
import Postgres
import Staging

/// One embedded cluster for all tests of a process: scale 1, started by the first test that asks for it, and stopped and
/// removed when the process ends, however it ends.
package enum TestCluster {
  private static let outcome = Result<RunningCluster, StagingError> { () throws(StagingError) in
    let folder = TemporaryFolder(surviving: true)
    let cluster = try EmbeddedCluster(root: folder.path).up(scale: 1, settings: ["max_connections": "100"])
    removeAtEnd(of: folder.path, cluster.folder)
    return cluster
  }

  /// The running cluster. Throws when there is no PostgreSQL: such a test must fail, not be skipped.
  package static func running() throws -> RunningCluster { try outcome.get() }

  /// A session of the superuser, for what a test has to arrange.
  package static func admin() throws -> Session { try Session(running().admin, applicationName: "poolops-test") }

  /// Stops and removes the clusters in these folders, and the folders, when this process ends, however it ends.
  ///
  /// A shell waits for the end of a pipe that only this process holds open, so it acts even after SIGKILL.
  /// (A parent-death signal will not do: it fires when the thread ends that started the server.)
  package static func removeAtEnd(of folders: String...) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var pid: pid_t = 0
    let words = ["/bin/sh", "-c", script, "sh"] + folders
    let copies: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    _ = poolops_spawn("/bin/sh", copies, [strdup("PATH=/usr/bin:/bin"), nil], ends[0], nowhere, nowhere, &pid)
    for copy in copies { free(copy) }
    close(ends[0])
    close(nowhere)
  }

  private static let script = """
    read -r _
    for folder; do
      pid=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null) || continue
      kill -INT "$pid"
      for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$folder/data/postmaster.pid" ] && sleep 0.2; done
    done
    rm -rf -- "$@"
    """
}

/// A new folder under /tmp, with all in it removed by `deinit`. Its path is short, as the paths of sockets must be.
package final class TemporaryFolder: Sendable {
  package let path: String
  private let survives: Bool

  package init(surviving: Bool = false) {
    var template = Array("/tmp/poolops-test-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no folder can be made in /tmp")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    chmod(path, 0o755)
    survives = surviving
  }

  deinit { if !survives { removeTree(path) } }

  private func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR, let folder = opendir(path) else { unlink(path); return }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    closedir(folder)
    for name in names where name != "." && name != ".." { removeTree("\(path)/\(name)") }
    rmdir(path)
  }
}
