import Glibc
import Postgres

/// A real PgBouncer on a Unix socket of its own folder.
package final class TestPgBouncer: Sendable {
  /// Of the socket's name only: nothing listens on TCP unless the file says `listen_addr`.
  package let port: Int
  private let home: TemporaryFolder
  private let process: TestProcess

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
    home = TemporaryFolder()
    self.port = port
    let text = """
      [databases]
      \(databases)
      [pgbouncer]
      unix_socket_dir = %FOLDER%
      listen_port = \(port)
      auth_type = any
      admin_users = pgbouncer
      \(settings)

      """
    for (name, text) in files.merging(["pgbouncer.ini": text], uniquingKeysWith: { own, _ in own }) {
      try home.write(text.replacing("%FOLDER%", with: home.path), to: name)
    }
    let info =
      console ?? ConnectionInfo(["host": home.path, "port": "\(port)", "user": "pgbouncer", "dbname": "pgbouncer"])
    process = try TestProcess(["/usr/sbin/pgbouncer", "-q", "\(home.path)/pgbouncer.ini"], in: home) { _ in
      (try? Session(info).console("SHOW VERSION")) != nil
    }
  }

  package var folder: String { process.folder }

  /// It stands still: takes connections, and answers none.
  package func freeze() { process.signal(SIGSTOP) }
  package func thaw() { process.signal(SIGCONT) }

  /// The console, as its administrator.
  package var console: ConnectionInfo { connection(user: "pgbouncer", database: "pgbouncer") }

  package func connection(user: String, database: String) -> ConnectionInfo {
    ConnectionInfo(["host": folder, "port": "\(port)", "user": user, "dbname": database])
  }

  /// What it has written since it was started.
  package var log: String { process.log }

  /// Replaces the file, for a RELOAD.
  package func rewrite(_ name: String, _ text: String) throws {
    try home.write(text.replacing("%FOLDER%", with: folder), to: name)
  }
}
