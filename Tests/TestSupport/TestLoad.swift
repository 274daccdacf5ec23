import CPlatform
import Glibc
import Postgres
import System

/// pgbench, until the last reference goes: clients that ask the server to sleep for 20 ms, without a pause.
package final class TestLoad {
  private let pid: pid_t
  private let folder = TemporaryFolder()

  package init(_ server: ConnectionInfo, clients: Int) throws {
    let versions = FileSystem.entries(of: "/usr/lib/postgresql").reversed()
    let programs = versions.map { "/usr/lib/postgresql/\($0)/bin/pgbench" }
    let program = programs.first { FileSystem.isExecutable($0) } ?? "pgbench"
    try FileSystem.replace(folder.path + "/script", with: Array("SELECT pg_sleep(0.02);\n".utf8), mode: 0o644)
    let words = [
      program, "-n", "-c", "\(clients)", "-T", "60", "-f", folder.path + "/script", "-h", server["host"] ?? "", "-p",
      server["port"] ?? "", "-U", server["user"] ?? "", server["dbname"] ?? "",
    ]
    let nowhere = try File("/dev/null", O_RDWR)
    pid = try Subprocess.spawn(words, input: nowhere.descriptor, output: nowhere.descriptor)
  }

  deinit {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }
}
