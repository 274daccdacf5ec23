internal import Glibc
import Model
import Postgres
import System

/// Held by the one process that carries out an execution on a staging.
///
/// Three locks in one: a file lock for other processes of this folder, held from before the cluster is started; an
/// advisory lock in the database for processes of other folders and machines, held by the session given to `hold`; and a
/// file lock for each target, for executions of this machine that have another staging and the same target.
/// All end with the process. Release it by dropping the last reference, before stopping the cluster.
package final class StagingLock {
  private let file: FileLock
  private var targets: [FileLock] = []
  private var session: Session?

  /// Takes the file lock of `folder` (`<root>/.poolops/staging`, made when missing).
  package init(folder: String) throws(StagingError) {
    try forStaging { () throws(SystemFault) in try FileSystem.makeFolder(folder, mode: 0o755) }
    file = try FileLock(Self.path(in: folder))
  }

  deinit {
    if let session, session.isOpen { try? session.execute("SELECT pg_advisory_unlock(\(Self.key))") }
  }

  /// "poolops" in ASCII: one key in each database.
  private static let key: Int64 = 0x70_6f6f_6c6f_7073

  /// What to call the session that holds the lock, so that others can read who does.
  package static func sessionName(of experiment: String) -> String {
    var host = utsname()
    uname(&host)
    let name = withUnsafeBytes(of: host.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    // The server cuts names off at 63 bytes; the process is the part that is needed.
    return "poolops process \(getpid()) on \(name.prefix(24)): \(experiment.prefix(20))"
  }

  /// Keeps others of this machine away from the targets, whatever their staging is.
  /// - Parameter root: what relative places are relative to.
  package func hold(_ targets: [any ChangeTarget], root: String) throws(StagingError) {
    for target in targets {
      try forStaging { () throws(SystemFault) in try FileSystem.makeFolder(Self.targetFolder, mode: 0o1777) }
      // A program of two projects is two targets; a server is one, whoever speaks to it.
      let place = target.kind == "command" ? "\(root) \(target.locator)" : target.locator
      let name = Checksum("\(target.kind) \(place)").text
      do throws(StagingError) {
        self.targets.append(try FileLock("\(Self.targetFolder)/\(name).lock", mode: 0o666))
      } catch {
        guard error.code == .locked else { throw error }
        throw StagingError(.locked, target: target.locator, pid: error.pid)
      }
    }
  }

  /// The same for every user and folder of the machine.
  private static let targetFolder = "/tmp/poolops-targets"

  /// Takes the advisory lock too; it lasts as long as the session, which the server ends within a minute where the
  /// machine of its client is gone.
  package func hold(_ session: Session) throws(StagingError) {
    try forStaging("staging") { () throws(PostgresError) in
      try session.execute(
        "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3")
    }
    let end = ContinuousClock.now + Self.patience
    while try forStaging(
      "staging",
      { () throws(PostgresError) in
        try session.query("SELECT pg_try_advisory_lock($1::bigint)", ["\(Self.key)"]).scalar
      }) != "t"
    {
      guard ContinuousClock.now < end else {
        let holder = try forStaging("staging") { () throws(PostgresError) in try Self.holderText(session) }
        throw StagingError(.locked, reason: holder)
      }
      usleep(50_000)
    }
    self.session = session
  }

  /// A server under load may take a moment to see that the process of a session has died.
  private static let patience = Duration.seconds(2)

  /// Whose session holds the advisory lock, from where, and since when.
  private static func holderText(_ session: Session) throws(PostgresError) -> String? {
    let rows = try session.query(
      """
      SELECT a.pid, coalesce(host(a.client_addr), 'the server''s machine') AS client, a.application_name AS name,
        to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
      FROM pg_locks l
      JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
      """, ["\(key)"])
    guard let pid = rows[0, "pid"] else { return nil }
    let name = rows[0, "name"].flatMap { $0.isEmpty ? nil : "'\($0)', " } ?? ""
    return
      "its session is \(name)server process \(pid), from \(rows[0, "client"] ?? "?"), since \(rows[0, "since"] ?? "?")"
  }

  /// The process that holds the file lock of a staging folder; nil when it is free, 0 when unknown.
  package static func holder(in folder: String) -> Int32? { FileLock.holder(of: path(in: folder)) }

  private static func path(in folder: String) -> String { folder + "/execution.lock" }
}
