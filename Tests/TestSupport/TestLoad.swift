import Postgres
import System

/// pgbench, until the last reference goes: clients that ask the server to sleep for 20 ms, without a pause.
package final class TestLoad: Sendable {
  private let process: TestProcess

  package init(_ server: ConnectionInfo, clients: Int) throws {
    let versions = FileSystem.entries(of: "/usr/lib/postgresql").reversed()
    let programs = versions.map { "/usr/lib/postgresql/\($0)/bin/pgbench" }
    let program = programs.first { FileSystem.isExecutable($0) } ?? "pgbench"
    let home = TemporaryFolder()
    try home.write("SELECT pg_sleep(0.02);\n", to: "script")
    let words = [
      program, "-n", "-c", "\(clients)", "-T", "60", "-f", "\(home.path)/script", "-h", server["host"] ?? "", "-p",
      server["port"] ?? "", "-U", server["user"] ?? "", server["dbname"] ?? "",
    ]
    process = try TestProcess(words, in: home)
  }
}
