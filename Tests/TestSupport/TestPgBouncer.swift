import CPlatform
import Glibc
import Postgres

/// A real PgBouncer on a Unix socket of its own folder, stopped and removed with the last reference or when the process
/// ends, however it ends.
package final class TestPgBouncer {
  /// It ended before it let anybody in: its log says why.
  package struct NotStarted: Error, CustomStringConvertible {
    package var log: String
    package var description: String { "PgBouncer did not start:\n\(log)" }
  }

  package let folder: String
  /// Of the socket's name only: nothing listens on TCP unless the file says `listen_addr`.
  package let port: Int
  private let ends: [Int32]

  package static let program = "/usr/sbin/pgbouncer"

  /// Starts it with the file `pgbouncer.ini` of this text, and returns when its console answers.
  ///
  /// Above the text go `unix_socket_dir`, `listen_port`, `auth_type = any` and `admin_users = pgbouncer`, so that no file of users is needed;
  /// where the text has them too, the text's stand, as the last one counts.
  /// - Parameters:
  ///   - settings: lines of the section `[pgbouncer]`, and any sections after it.
  ///   - databases: lines of the section `[databases]`.
  ///   - files: other files of the folder by name, such as `userlist.txt` or an include; `%FOLDER%` in any text stands
  ///     for the folder's path. A `pgbouncer.ini` among them is taken as it is, in place of all the above.
  package init(
    _ settings: String, databases: String = "", files: [String: String] = [:], port: Int = 6432,
    asking console: ConnectionInfo? = nil
  ) throws {
    let folder = TemporaryFolder(surviving: true).path
    self.folder = folder
    self.port = port
    let text = """
      [databases]
      \(databases)
      [pgbouncer]
      unix_socket_dir = \(folder)
      listen_port = \(port)
      auth_type = any
      admin_users = pgbouncer
      \(settings)

      """
    for (name, text) in files.merging(["pgbouncer.ini": text], uniquingKeysWith: { own, _ in own }) {
      try Self.write(text.replacing("%FOLDER%", with: folder), to: "\(folder)/\(name)")
    }
    chmod(folder, 0o777)
    ends = Self.start(folder)
    let info =
      console ?? ConnectionInfo(["host": folder, "port": "\(port)", "user": "pgbouncer", "dbname": "pgbouncer"])
    guard Self.answers(info, folder) else {
      close(ends[1])
      throw NotStarted(log: Self.text("\(folder)/log"))
    }
  }

  deinit { close(ends[1]) }

  /// Its process.
  package func pid() throws -> Int32 {
    guard let pid = Int32(Self.text("\(folder)/pid").prefix { $0.isNumber }) else { throw NotStarted(log: log) }
    return pid
  }

  /// The console, as its administrator.
  package var console: ConnectionInfo { connection(user: "pgbouncer", database: "pgbouncer") }

  package func connection(user: String, database: String) -> ConnectionInfo {
    ConnectionInfo(["host": folder, "port": "\(port)", "user": user, "dbname": database])
  }

  /// What it has written since it was started.
  package var log: String { Self.text("\(folder)/log") }

  /// Replaces the file, for a RELOAD.
  package func rewrite(_ name: String, _ text: String) throws {
    try Self.write(text.replacing("%FOLDER%", with: folder), to: "\(folder)/\(name)")
  }

  /// A shell starts it, and stops it at the end of a pipe that only this process holds open: also after SIGKILL.
  /// PgBouncer refuses to run as root, and the test cluster's socket is for the account that runs it.
  private static let script = """
    exec 3<&0
    as_user=
    if [ "$(id -u)" -eq 0 ]; then
      account=postgres
      id $account >/dev/null 2>&1 || account=nobody
      as_user="setpriv --reuid=$(id -u $account) --regid=$(id -g $account) --clear-groups"
    fi
    $as_user \(program) -q "$1/pgbouncer.ini" >"$1/log" 2>&1 &
    pid=$!
    echo $pid >"$1/pid"
    (read -r _ <&3; kill -9 $pid; rm -rf -- "$1") &
    exec 3<&-
    wait $pid
    : >"$1/ended"
    """

  private static func start(_ folder: String) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return ends }
    for end in ends { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var pid: pid_t = 0
    let words = copies(["/bin/sh", "-c", script, "sh", folder])
    let variables = copies(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"])
    _ = poolops_spawn("/bin/sh", words, variables, ends[0], nowhere, nowhere, &pid)
    for copy in words + variables { free(copy) }
    close(ends[0])
    close(nowhere)
    return ends
  }

  private static func copies(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] { words.map { strdup($0) } + [nil] }

  /// False when it ended, or said nothing for ten seconds.
  private static func answers(_ info: ConnectionInfo, _ folder: String) -> Bool {
    for _ in 0..<500 {
      if (try? Session(info).console("SHOW VERSION")) != nil { return true }
      if access("\(folder)/ended", F_OK) == 0 { return false }
      usleep(20_000)
    }
    return false
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw NotStarted(log: "\(path) cannot be written") }
    fputs(text, file)
    fclose(file)
    chmod(path, 0o644)
  }

  private static func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
