internal import Glibc
import Postgres
import System

/// Held by the one process that carries out an execution on a staging.
///
/// Two locks in one: a file lock for other processes of this folder, held from before the cluster is started, and an
/// advisory lock in the database for processes of other folders and machines, held by the session given to `hold`.
/// Both end with the process. Release it by dropping the last reference, before stopping the cluster.
package final class StagingLock {
  private let file: FileLock
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

  /// Takes the advisory lock too; it lasts as long as the session.
  package func hold(_ session: Session) throws(StagingError) {
    let answer = try forStaging("staging") { () throws(PostgresError) in
      try session.query("SELECT pg_try_advisory_lock($1::bigint)", ["\(Self.key)"]).scalar
    }
    guard answer == "t" else {
      let holder = try forStaging("staging") { () throws(PostgresError) in try Self.holderText(session) }
      throw StagingError(.locked, reason: holder)
    }
    self.session = session
  }

  /// Whose session holds the advisory lock: the server's process id and the client's address.
  private static func holderText(_ session: Session) throws(PostgresError) -> String? {
    let rows = try session.query(
      """
      SELECT a.pid, coalesce(host(a.client_addr), 'this machine') AS client, a.application_name FROM pg_locks l
      JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
      """, ["\(key)"])
    guard let pid = rows[0, "pid"] else { return nil }
    return "its session is server process \(pid), from \(rows[0, "client"] ?? "?")"
  }

  /// The process that holds the file lock of a staging folder; nil when it is free, 0 when unknown.
  package static func holder(in folder: String) -> Int32? { FileLock.holder(of: path(in: folder)) }

  private static func path(in folder: String) -> String { folder + "/execution.lock" }
}
