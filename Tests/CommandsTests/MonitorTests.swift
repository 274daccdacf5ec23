import Glibc
import Model
import Postgres
import Staging
import TestSupport
import Testing

/// `poolops monitor` as a person and as a machine calls it, over real servers.
@Suite struct MonitorTests {
  private static let secret = "hunter2-planted"

  private static func url(_ info: ConnectionInfo, _ database: String? = nil) -> String {
    let host = (info["host"] ?? "").replacing("/", with: "%2F")
    return
      "postgresql://\(info["user"] ?? ""):\(secret)@\(host):\(info["port"] ?? "")/\(database ?? info["dbname"] ?? "")"
  }

  static func variables() throws -> [String: String] {
    ["ADMIN_URL": url(try TestCluster.running().admin), "NOWHERE": "postgresql://u:\(secret)@127.0.0.1:1/x"]
  }

  private static let slips: [(line: String, says: [String])] = [
    ("", ["nothing is named", "$DATABASE_URL", "postgres=DATABASE_URL"]),
    ("postgres=postgresql://u:\(secret)@h/db", ["on the command line", "environment variable"]),
    ("postgresql://u:\(secret)@h/db", ["on the command line"]),
    ("postgres=host=h password=\(secret)", ["on the command line"]),
    ("app=http://u:\(secret)@h/pool", ["on the command line"]),
    ("http://u:\(secret)@h/pool", ["on the command line"]),
    ("postgres=UNSET_URL", ["UNSET_URL is not set"]),
    ("postgres=", ["'postgres=' names nothing"]),
    ("postgress=ADMIN_URL", ["'postgress' is no kind of source", "did you mean 'postgres'"]),
    ("pid=many", ["'many' is no number of a process"]),
    ("app=ftp://h/pool", ["no URL that begins with http:// or https://"]),
    ("node=UNSET", ["neither a URL nor an environment variable"]),
    ("something", ["'something' names no source", "node=http://db1:9100/metrics"]),
    ("pid=1 pid=1", ["pid 1 is named twice"]),
    ("pid=1 --interval 1ms", ["'1ms'", "100ms to 1h"]),
    ("pid=1 --acquire-timeout 0s", ["--acquire-timeout", "above 0"]),
    ("pid=1 --once --for 3s", ["--once", "--for", "not both"]),
    ("pid=1 --format nagios --json", ["not both"]),
    ("pid=1 --exit-on panic", ["'panic'", "warning"]),
    ("app=http://h/pool --token-env UNSET", ["UNSET", "--token-env", "is not set"]),
    ("--experiment nothing -C /", ["no experiment 'nothing'"]),
  ]

  @Test(arguments: slips) func `a slip is named, with what is accepted, and no secret is quoted`(
    line: String, says: [String]
  ) throws {
    let words = line.split(separator: " ").map(String.init)
    let ending = run(["monitor"] + (line.contains("password=") ? [line] : words), variables: try Self.variables())
    #expect(ending.status == Exit.usage.rawValue && ending.output.isEmpty, "\(ending)")
    for text in says { #expect(ending.error.contains(text), "\(ending.error)") }
    #expect(!ending.error.contains(Self.secret))
  }

  @Test func `a look at one moment says what is seen and what is not, as lines, as JSON and for Nagios`() throws {
    let variables = try Self.variables()
    let words = ["monitor", "postgres=ADMIN_URL", "NOWHERE", "pid=\(getpid())", "--interval", "300ms", "--once"]
    let plain = run(words, variables: variables)
    #expect(plain.status == 0 && plain.error.isEmpty, "\(plain)")
    let lines = plain.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("ADMIN_URL  calm  ") && $0.contains(" of 100 slots free") }, "\(plain)")
    #expect(lines.contains { $0.hasPrefix("NOWHERE  gone  ") && $0.contains("refused") }, "\(plain)")
    #expect(lines.contains { $0.hasPrefix("pid \(getpid())  CPU ") && $0.contains("memory") }, "\(plain)")
    let json = run(words + ["--json"], variables: variables)
    let tree = try JSONText.parse(json.output)
    #expect(json.output.filter { $0 == "\n" }.count == 1, "one object on one line: \(json.output)")
    withExtendedLifetime(tree) {}
    #expect(json.output.contains(#""transactions_per_second":"#) && !json.output.contains(Self.secret))
    let nagios = run(words.dropLast() + ["--format", "nagios"], variables: variables)
    #expect(nagios.status == 3 && nagios.output.hasPrefix("POOLS UNKNOWN - NOWHERE: "), "\(nagios)")
    let fine = run(
      ["monitor", "postgres=ADMIN_URL", "--format", "nagios", "--interval", "300ms"], variables: variables)
    #expect(fine.status == 0 && fine.output.hasPrefix("POOLS OK - "), "\(fine)")
    #expect(fine.output.contains(#/\| 'ADMIN_URL slots'=\d+;;;0;100\n/#), "\(fine)")
    for ending in [plain, json, nagios, fine] { #expect(!(ending.output + ending.error).contains(Self.secret)) }
  }

  /// A pool of one connection that is taken, and somebody who waits for it: the alert comes before PgBouncer gives up.
  @Test func `an alert is told before a request fails, ends the watching where it is to, and is critical for Nagios`()
    throws
  {
    let cluster = try TestCluster.running()
    let user = cluster.connection["user"] ?? ""
    let line = "host=\(cluster.connection["host"] ?? "") port=\(cluster.port)"
    let bouncer = try TestPgBouncer(
      "pool_mode = transaction\nquery_wait_timeout = 14",
      databases: "app = \(line) dbname=\(cluster.connection["dbname"] ?? "") user=\(user) pool_size=1")
    let app = bouncer.connection(user: user, database: "app")
    let holder = try Session(app)
    try holder.execute("BEGIN; SELECT 1")
    let client = try Program(
      "/usr/bin/psql",
      ["-X", "-h", bouncer.folder, "-p", "\(bouncer.port)", "-U", user, "-d", "app", "-c", "SELECT 1"])
    let variables = ["CONSOLE": Self.url(bouncer.console)]
    let watching = ["monitor", "pgbouncer=CONSOLE", "--interval", "200ms"]
    let alert = run(watching + ["--exit-on", "alert", "--for", "60s"], variables: variables)
    #expect(client.isRunning, "the request has not failed yet")
    #expect(alert.status == Exit.noGo.rawValue && alert.error.contains("alert: app/\(user) (CONSOLE): "), "\(alert)")
    #expect(alert.error.contains("first timeout in about "), "\(alert)")
    let nagios = run(watching + ["--format", "nagios"], variables: variables)
    #expect(nagios.status == 2 && nagios.output.hasPrefix("POOLS CRITICAL - app/\(user)"), "\(nagios)")
    #expect(nagios.output.contains(#/'app\/.* waiting'=1 'app\/.* oldest_wait'=\d+(\.\d+)?s;2.8;7;0/#), "\(nagios)")
    try holder.execute("COMMIT")
    try client.wait()
  }

  @Test func `a pipe gets lines, and SIGTERM and SIGINT end it at once`() throws {
    for (signal, status) in [(SIGTERM, Exit.terminated), (SIGINT, .interrupted)] {
      let program = try Program(
        "poolops", ["monitor", "postgres=ADMIN_URL", "--interval", "200ms"], variables: try Self.variables())
      try program.wait { program.outputSoFar.contains("slots free") }
      program.signal(signal)
      let ending = try program.wait(within: .seconds(20))
      #expect(ending.status == status.rawValue && !ending.output.contains("\u{1B}"), "\(ending)")
      #expect(ending.output.contains(#/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  ADMIN_URL  /#), "\(ending)")
    }
  }

  @Test func `a reader that goes away ends it`() throws {
    for words in ["--json", "--for 600s"] {
      let line = "\"$1\" monitor postgres=ADMIN_URL --interval 200ms \(words) | head -n 1; echo read"
      let program = try Program(
        "/bin/sh", ["-c", line, "sh", Program.products + "/poolops"], variables: try Self.variables())
      let ending = try program.wait(within: .seconds(40))
      #expect(ending.output.hasSuffix("read\n") && ending.output.filter { $0 == "\n" }.count == 2, "\(ending)")
    }
  }

  private static func seen(_ program: Program) -> [String] {
    program.outputSoFar.split(separator: "\n").map(String.init)
  }

  /// Waits for a line that comes from now on and has all of `texts` in it, and none of `others`.
  private static func wait(_ program: Program, for texts: [String], without others: [String] = []) throws {
    let before = seen(program).count
    try program.wait {
      seen(program).dropFirst(before + 1).contains { line in
        texts.allSatisfy(line.contains) && !others.contains(where: line.contains)
      }
    }
  }

  @Test func `while a server stands still and an app is away the others go on, and both come back by themselves`()
    throws
  {
    let cluster = try TestCluster.running()
    let proxy = try TestProxy(before: "\(cluster.connection["host"] ?? "")/.s.PGSQL.\(cluster.port)")
    defer { proxy.thaw() }
    let app = try TestApp()
    var info = cluster.admin
    (info["host"], info["port"]) = ("127.0.0.1", "\(proxy.port)")
    let variables = try Self.variables().merging(["FROZEN": Self.url(info) + "?sslmode=disable"]) { $1 }
    let program = try Program(
      "poolops",
      ["monitor", "postgres=ADMIN_URL", "postgres=FROZEN", "app=\(app.url("/pool"))", "--interval", "200ms", "--json"],
      variables: variables)
    let pool = #""pools":[{"name":"pool","source":"127.0.0.1:\#(app.port)/pool""#
    try Self.wait(program, for: [pool, #"{"source":"FROZEN""#, #"{"source":"ADMIN_URL""#])
    proxy.freeze()
    let frozen = #"{"name":"FROZEN","kind":"postgres","fault":"#
    try Self.wait(program, for: [pool, frozen + "\"", #"{"source":"ADMIN_URL""#])
    let lines = Self.seen(program).count
    try program.wait { Self.seen(program).count > lines + 10 }
    try app.run("stop")
    try Self.wait(program, for: [frozen + "\"", "Couldn't connect", #"{"source":"ADMIN_URL""#], without: [pool])
    proxy.thaw()
    try app.run("start")
    try Self.wait(program, for: [pool, frozen + "null", #"{"source":"FROZEN""#])
    program.signal(SIGTERM)
    #expect(try program.wait(within: .seconds(20)).status == Exit.terminated.rawValue)
  }

  @Test func `an experiment names what is watched, and what is down is shown as gone`() throws {
    let project = TestProject()
    project.add("grow", Tiny(title: "More connections").text)
    let down = project.command("monitor --experiment grow --once --interval 200ms")
    #expect(
      down.status == 0 && down.output == "staging  gone  it is not running\nstaging server  gone  it is not running\n",
      "\(down)")
    #expect(access(project.root + "/.poolops", F_OK) != 0, "it starts nothing")
    _ = try project.staging()
    let up = project.command("monitor --experiment grow --once --interval 200ms")
    #expect(up.output.contains("staging  calm  ") && up.output.contains(" of 40 slots free"), "\(up)")
    #expect(up.output.contains("staging server  CPU "), "\(up)")
  }
}
