import Glibc
import Postgres
import Staging
import System

/// The app of `examples/asyncpg-app`, in a folder of its own and on a free port, with a real pool on the test cluster.
/// Stopped and removed with the last reference or when the process ends, however it ends.
package final class TestApp: Sendable {
  package enum Manner: String {
    /// As the example is.
    case good
    /// Ends at once with more than 30 connections.
    case exits
    /// Takes connections with more than 30, and never answers.
    case hangs
    /// Runs with 10 where it is given more than 30, and says that it is well.
    case silent
    /// Answers its health check with 503 with more than 30.
    case unwell
  }

  package let port: Int
  /// What the URL in its env file has for a password; the test cluster does not ask for it.
  package static let secret = "hunter2-planted"
  private let home = TemporaryFolder()
  private let reaper: Reaper

  /// Starts it, and returns when it answers.
  /// - Parameters:
  ///   - more: lines at the end of its env file.
  ///   - database: where its pool connects; nil: the test cluster's own.
  package init(
    _ manner: Manner = .good, limit: Int = 5, more: String = "", database: ConnectionInfo? = nil
  ) throws {
    port = try Loopback.freePort()
    let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    for name in ["app.py", "service.sh"] {
      try home.write(FileSystem.text(of: "\(top)/examples/asyncpg-app/\(name)") ?? "", to: name, mode: 0o755)
    }
    try home.write(Self.strange, to: "strange.py")
    let server = try database ?? TestCluster.running().connection
    let host = server["host"] ?? ""
    let env = """
      # The app's settings.
      PORT=\(port)
      DATABASE_URL="postgresql://\(server["user"] ?? ""):\(Self.secret)@/\(server["dbname"] ?? "")?host=\(host)&port=\(server["port"] ?? "")"
      APP=\(manner == .good ? "app.py" : "strange.py")
      MANNER=\(manner.rawValue)

      export DB_CONNECTION_LIMIT="\(limit)"   # tuned by hand
      DB_POOL_TIMEOUT=30
      \(more)
      """
    try home.write(env, to: "app.env", mode: 0o640)
    reaper = try Reaper("kill -9 \"$(cat \"$1/app.pid\")\"; rm -rf -- \"$1\"", [home.path])
    try run("start")
    let url = url("/pool")
    for _ in 0..<2000 where (try? TestFetcher().get(url, within: .seconds(2)))?.status != 200 { usleep(10_000) }
  }

  deinit { reaper.act() }

  package var folder: String { home.path }
  package var envFile: String { folder + "/app.env" }
  package var env: String { home.text(of: "app.env") }
  package func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

  /// `start`, `stop` or `restart`.
  package func run(_ word: String) throws {
    _ = try Program(
      ["\(folder)/service.sh", word], variables: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"], folder: folder
    ).run(within: .seconds(30))
  }

  private static let strange = """
    if True: import os, runpy, socket, sys, time
    manner = os.environ["MANNER"]
    large = int(os.environ["DB_CONNECTION_LIMIT"]) > 30
    if large and manner == "exits":
        sys.exit("app: too many connections")
    if large and manner == "hangs":
        listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
        time.sleep(3600)
    if large and manner == "silent":
        os.environ["DB_CONNECTION_LIMIT"] = "10"
    if large and manner == "unwell":
        app = __import__("app")
        web = __import__("aiohttp.web").web
        async def health(*_): return web.Response(status=503)
        app.Shop.health = health
        app.main()
    runpy.run_path("app.py", run_name="__main__")

    """
}
