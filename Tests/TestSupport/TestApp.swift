import CPlatform
import Glibc
import Postgres
import Staging
import System

/// The app of `examples/asyncpg-app`, in a folder of its own and on a free port, with a real pool on the test cluster.
/// Stopped and removed with the last reference or when the process ends, however it ends.
package final class TestApp {
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

  package let folder: String
  package let port: Int
  /// What the URL in its env file has for a password; the test cluster does not ask for it.
  package static let secret = "hunter2-planted"
  private let end: Int32

  /// - Parameters:
  ///   - more: lines at the end of its env file.
  ///   - database: where its pool connects; nil: the test cluster's own.
  package init(
    _ manner: Manner = .good, limit: Int = 5, more: String = "", database: ConnectionInfo? = nil
  ) throws {
    folder = TemporaryFolder(surviving: true).path
    port = try Self.freePort()
    let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    for name in ["app.py", "service.sh"] {
      let bytes = try FileSystem.bytes(of: "\(top)/examples/asyncpg-app/\(name)") ?? []
      try FileSystem.replace("\(folder)/\(name)", with: bytes, mode: 0o755)
    }
    try FileSystem.replace("\(folder)/strange.py", with: Array(Self.strange.utf8))
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
    try FileSystem.replace("\(folder)/app.env", with: Array(env.utf8), mode: 0o640)
    end = Self.watch(folder)
    try run("start")
  }

  deinit { close(end) }

  package var envFile: String { folder + "/app.env" }
  package var env: String { FileSystem.text(of: envFile) ?? "" }
  package var log: String { FileSystem.text(of: folder + "/app.log") ?? "" }
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

  /// A shell stops the app at the end of a pipe that only this process holds open: also after SIGKILL.
  private static func watch(_ folder: String) -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return -1 }
    for end in ends { _ = poolops_fcntl(end, F_SETFD, FD_CLOEXEC) }
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    var pid: pid_t = 0
    let script = "read -r _; \"$1/service.sh\" stop; rm -rf -- \"$1\""
    let arguments = ["/bin/sh", "-c", script, "sh", folder]
    let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
    _ = poolops_spawn("/bin/sh", words, variables, ends[0], nowhere, nowhere, &pid)
    for word in words + variables { free(word) }
    close(ends[0])
    close(nowhere)
    return ends[1]
  }

  /// A port that nothing listens on now.
  package static func freePort() throws -> Int {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard bind(probe, address, length) == 0, getsockname(probe, address, &length) == 0 else {
          throw SystemFault("bind", "127.0.0.1")
        }
        return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      }
    }
  }
}
