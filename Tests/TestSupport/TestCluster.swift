import Postgres
import Staging

/// One embedded cluster for all tests of a process: scale 1, started by the first test that asks for it, and stopped and
/// removed when the process ends, however it ends.
package enum TestCluster {
  private static let folder = TemporaryFolder()
  private static let outcome = Result { try start(in: folder.path, settings: ["max_connections": "100"]) }

  /// The running cluster. Throws when there is no PostgreSQL: such a test must fail, not be skipped.
  package static func running() throws -> RunningCluster { try outcome.get() }

  /// A session of the superuser, for what a test has to arrange.
  package static func admin() throws -> Session { try Session(running().admin, applicationName: "poolops-test") }

  /// Another cluster, for tests that ill-treat it. It and the folder are removed when this process ends, however it ends.
  package static func start(in folder: String, settings: [String: String]) throws -> RunningCluster {
    let cluster = try EmbeddedCluster(root: folder).up(scale: 1, settings: settings)
    _ = try Reaper(removal, [folder, cluster.folder])
    return cluster
  }

  private static let removal = """
    for folder; do
      pid=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null) || continue
      kill -INT "$pid"
      for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$folder/data/postmaster.pid" ] && sleep 0.2; done
    done
    rm -rf -- "$@"
    """
}
