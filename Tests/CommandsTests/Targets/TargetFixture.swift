import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

/// A real target in a project, and what of it must be as before: read past the code that is tested.
final class TargetFixture {
  /// The lines of an experiment file that name the targets.
  let targets: String
  /// The environment of poolops.
  let variables: [String: String]
  /// What is written there, and what is in force.
  let state: () throws -> String
  /// Makes the target unreachable, and reachable again; nil where nothing can.
  let silence: ((Bool) throws -> Void)?
  /// Changes the tuned value as a person would.
  let edit: () throws -> Void
  /// Longest time of an act: kills inside it are spread over that.
  let act: Duration

  init(
    targets: String, variables: [String: String] = [:], act: Duration = .milliseconds(10),
    state: @escaping () throws -> String, edit: @escaping () throws -> Void, silence: ((Bool) throws -> Void)? = nil
  ) {
    self.targets = targets
    self.variables = variables
    self.act = act
    self.state = state
    self.edit = edit
    self.silence = silence
  }

  /// The port of an app that the load goes to; nil: it sends statements.
  private(set) var port: Int?
  func loadedOverHTTP(_ port: Int) -> TargetFixture {
    self.port = port
    return self
  }

  func experiment(_ adjust: (inout Tiny) -> Void = { _ in }) -> String {
    var tiny = Tiny(targets: targets, duration: "20ms")
    if let port {
      (tiny.baseline, tiny.change) = ("{ max_size: 2 }", "{ max_size: 8 }")
      tiny.work = """
        http: { url: "http://127.0.0.1:\(port)" }
          transactions:
            - { name: look, request: GET /shop }
        """
    }
    adjust(&tiny)
    return tiny.text
  }
}

/// A kind of target, with how a fixture of it is made. A new kind joins every test below by its line in `all`.
struct TargetKind: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let make: @Sendable (TestProject) throws -> TargetFixture

  /// Those that share a project are tested one after the other.
  static let lanes: [[TargetKind]] = [
    [builtin, command, pgBouncer("set")], [pgBouncer("file"), postgres], [restarted, several], [app],
  ]
  static var all: [TargetKind] { lanes.flatMap { $0 } }

  static let builtin = TargetKind(testDescription: "builtin") { project in
    project.writeEnvFile()
    return TargetFixture(targets: "target: { pool: builtin }") {
      text(of: project.envFile) ?? "gone"
    } edit: {
      let held = text(of: project.envFile) ?? ""
      write(held.replacing(#/DB_CONNECTION_LIMIT = "?\d+"?/#, with: "DB_CONNECTION_LIMIT = 77"), to: project.envFile)
    }
  }

  /// A small app that reads its env file when it starts, and tells what it runs with.
  static let app = TargetKind(testDescription: "app") { project in
    let port = try Loopback.freePort()
    write(
      "# of the app\nPORT=\(port)\nexport DB_CONNECTION_LIMIT=\"5\"   # tuned by hand\nLAST=1",
      to: project.root + "/shop.env")
    write(appProgram, to: project.root + "/app.py")
    project.addProgram("service", serviceScript)
    let started = try Program(project.root + "/service", ["start"]).wait()
    try #require(started.status == 0, "\(started)")
    let url = "http://127.0.0.1:\(port)/pool"
    let service = try Service(project)
    for _ in 0..<500 where (try? TestFetcher().get(url, within: .seconds(1)))?.status != 200 { usleep(20_000) }
    return TargetFixture(
      targets: """
        target:
          app:
            env_file: shop.env
            variables: { max_size: DB_CONNECTION_LIMIT }
            restart: [./service, restart]
            restart_timeout: 10s
            read_back: { url: "\(url)", json: { max_size: pool.max } }
        """, act: .milliseconds(300)
    ) {
      let answer = (try? TestFetcher().get(url, within: .seconds(5)))?.body ?? "no answer"
      return "\(answer) \(text(of: project.root + "/shop.env") ?? "gone")"
    } edit: {
      let held = text(of: project.root + "/shop.env") ?? ""
      write(held.replacing(#/LIMIT="?\d+"?/#, with: "LIMIT=\"77\""), to: project.root + "/shop.env")
    } silence: { isSilent in
      // Restarts fail while it is there.
      if isSilent { write("", to: project.root + "/silent") } else { unlink(project.root + "/silent") }
      withExtendedLifetime(service) {}
    }.loadedOverHTTP(port)
  }

  /// Stops the app with the last reference, or when this process ends.
  private final class Service {
    private let reaper: Reaper
    init(_ project: TestProject) throws { reaper = try Reaper("\"$1\" stop", [project.root + "/service"]) }
    deinit { reaper.act() }
  }

  private static let appProgram = """
    if True: import http.server, os
    limit = int(os.environ["DB_CONNECTION_LIMIT"])
    class Shop(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def do_GET(self):
            body = ('{"pool": {"max": %d}}' % limit).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def log_message(self, *_): pass
    http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shop).serve_forever()

    """

  private static let serviceScript = """
    cd "$(dirname "$0")"
    # One after the other, as a service manager does: a restart outlives the poolops that asked for it.
    exec 9>service.lock
    flock 9
    [ -e silent ] && { echo "service: not now" >&2; exit 1; }
    if [ "$1" != start ] && [ -s app.pid ]; then
      kill -9 "$(cat app.pid)" 2>/dev/null
      for _ in $(seq 100); do kill -0 "$(cat app.pid)" 2>/dev/null || break; sleep 0.01; done
      rm -f app.pid
    fi
    [ "$1" = stop ] && exit 0
    set -a
    . ./shop.env
    set +a
    setsid /usr/bin/python3 -E -S app.py </dev/null >>app.log 2>&1 9>&- &
    echo $! >app.pid
    """

  static let command = TargetKind(testDescription: "command") { project in
    let values = project.root + "/values"
    write("level=5\n", to: values)
    project.addProgram("set", "echo \"level=$POOLOPS_LEVEL\" >\(values).new && mv \(values).new \(values)")
    project.addProgram("tell", "[ -e \(project.root)/silent ] && exit 3; cat \(values)")
    return TargetFixture(
      targets: """
        targets:
          - command: { apply: [./set], read_back: [./tell], revert: [./set], timeout: 5s }
            baseline: { level: 2 }
            change: { level: 8 }
          - pool: builtin
        """
    ) {
      (text(of: values) ?? "gone") + (text(of: project.envFile) ?? "gone")
    } edit: {
      write("level=77\n", to: values)
    } silence: { isSilent in
      if isSilent { write("", to: project.root + "/silent") } else { unlink(project.root + "/silent") }
    }
  }

  static func pgBouncer(_ method: String) -> TargetKind {
    TargetKind(testDescription: "pgbouncer, \(method)") { project in
      let server = try project.staging().admin
      let line = ["host", "port", "dbname", "user"].map { "\($0)=\(server[$0] ?? "")" }.joined(separator: " ")
      let pooler = try TestPgBouncer("query_wait_timeout = 9\nmax_client_conn = 60", databases: "shop = \(line)")
      let console = pooler.console
      let variable = "CONSOLE_OF_\(method.uppercased())"
      let words = "host=\(pooler.folder) port=\(pooler.port) user=pgbouncer dbname=pgbouncer"
      let file = method == "file" ? ", method: file, ini: \(pooler.folder)/pgbouncer.ini" : ""
      return TargetFixture(
        targets: """
          targets:
            - pgbouncer: { console_env: \(variable)\(file) }
              baseline: { query_wait_timeout: 7, max_client_conn: 50 }
              change: { query_wait_timeout: 5, max_client_conn: 70 }
            - pool: builtin
          """, variables: [variable: words]
      ) {
        let rows = try Session(console).console("SHOW CONFIG")
        let values = (0..<rows.count).compactMap { row in
          rows[row, "key"].flatMap { key in
            ["query_wait_timeout", "max_client_conn"].contains(key) ? "\(key)=\(rows[row, "value"] ?? "")" : nil
          }
        }
        return
          "\(values) \(text(of: pooler.folder + "/pgbouncer.ini") ?? "gone") \(text(of: project.envFile) ?? "gone")"
      } edit: {
        if method == "file" {
          let held = text(of: pooler.folder + "/pgbouncer.ini") ?? ""
          write(
            held.replacing(#/max_client_conn = \d+/#, with: "max_client_conn = 77"),
            to: pooler.folder + "/pgbouncer.ini")
          _ = try Session(console).console("RELOAD")
        } else {
          _ = try Session(console).console("SET max_client_conn = 77")
        }
      } silence: { isSilent in
        if isSilent { pooler.freeze() } else { pooler.thaw() }
      }
    }
  }

  static let postgres = TargetKind(testDescription: "postgres, reloaded") { project in
    let admin = try project.staging().admin
    return TargetFixture(
      targets: """
        targets:
          - postgres: {}
            baseline: { work_mem: 5MB, statement_timeout: 0 }
            change: { work_mem: 9MB, statement_timeout: 1min }
          - pool: builtin
        """
    ) {
      try stateOfServer(admin, project, ["work_mem", "statement_timeout"])
    } edit: {
      try Session(admin).query("ALTER SYSTEM SET work_mem = '77MB'")
      try Session(admin).query("SELECT pg_reload_conf()")
    }
  }

  static let restarted = TargetKind(testDescription: "postgres, restarted") { project in
    let cluster = try project.staging()
    project.addProgram("restart-server", restartScript)
    return TargetFixture(
      targets: """
        targets:
          - postgres: { restart: [./restart-server, \(cluster.folder)], restart_timeout: 20s }
            baseline: { max_prepared_transactions: 3 }
            change: { max_prepared_transactions: 7 }
          - pool: builtin
        """, act: .milliseconds(400)
    ) {
      try stateOfServer(cluster.admin, project, ["max_prepared_transactions"])
    } edit: {
      try Session(cluster.admin).query("ALTER SYSTEM SET max_prepared_transactions = 77")
    }
  }

  static let several = TargetKind(testDescription: "three in order") { project in
    let first = try command.make(project)
    let second = try postgres.make(project)
    return TargetFixture(
      targets: """
        \(first.targets.split(separator: "\n").dropLast().joined(separator: "\n"))
        \(second.targets.split(separator: "\n").dropFirst().joined(separator: "\n"))
        """
    ) {
      try first.state() + second.state()
    } edit: {
      try second.edit()
    } silence: { isSilent in
      try first.silence?(isSilent)
    }
  }

  private static func stateOfServer(
    _ admin: ConnectionInfo, _ project: TestProject, _ names: [String]
  ) throws -> String {
    let session = try patientSession(admin)
    let inForce = try names.map { "\($0)=\(try session.query("SHOW \($0)").scalar ?? "")" }
    let written = try session.query(
      """
      SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_file_settings
      WHERE sourcefile LIKE '%postgresql.auto.conf'
      """
    ).scalar
    return "\(inForce) auto: \(written ?? "nothing") \(text(of: project.envFile) ?? "gone")"
  }

  /// The restart that a killed poolops had just begun may come after the one of `recover`: then the server is away once more.
  private static func patientSession(_ admin: ConnectionInfo) throws -> Session {
    for _ in 0..<200 {
      if let session = try? Session(admin) { return session }
      usleep(50_000)
    }
    return try Session(admin)
  }

  /// As a person would have it: the server's own way, as its own account.
  static let restartScript = """
    # One after the other, as a service manager does: a restart outlives the poolops that asked for it.
    exec 9>"$(dirname "$0")/restart.lock"
    flock 9
    bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
    run=
    [ "$(id -u)" -ne 0 ] || run="setpriv --reuid=$(stat -c %u "$1/data") --regid=$(stat -c %g "$1/data") --clear-groups"
    $run "$bin/pg_ctl" -D "$1/data" -w -t 20 -m fast -l "$1/server.log" restart 9>&-
    """
}

extension TestProject {
  /// A program of the project that a target starts.
  func addProgram(_ name: String, _ body: String) {
    write("#!/bin/sh\n\(body)\n", to: "\(root)/\(name)")
    chmod("\(root)/\(name)", 0o755)
  }
}
