import Glibc
import Model
import Staging
import TestSupport
import Testing

/// `poolops monitor --listen`: what is refused, what is served, and the way of an alert from a real pool to a webhook.
@Suite(.serialized) struct MonitorListenTests {
  private static let token = "hunter2-planted-token"

  private static let wrong: [(words: String, status: Exit, says: String)] = [
    ("--listen 70000", .usage, "'70000' has no port from 0 to 65535; an address and a port are accepted, such as"),
    ("--listen db.example:9187", .usage, "'db.example' is no numeric address"),
    ("--listen :9187", .usage, "9187 alone means 127.0.0.1, and 0.0.0.0:9187 every address"),
    ("--listen 0.0.0.0:0", .usage, "Others can ask at 0.0.0.0:0: give '--token-file'"),
    ("--listen [::]:0", .usage, "Others can ask at [::]:0: give '--token-file'"),
    ("--token-file good", .usage, "'--token-file' is of '--listen'"),
    ("--listen 0 --once", .usage, "'--once'"), ("--listen 0 --format nagios", .usage, "'--format nagios'"),
    ("--listen 192.0.2.1:0", .usage, "give '--token-file'"),
    ("--listen 192.0.2.1:0 --token-file good", .unreachable, "192.0.2.1 is no address of this machine"),
    ("--listen 0 --token-file missing", .badConfiguration, "missing: No such file or directory"),
    ("--listen 0 --token-file open", .badConfiguration, "whose mode is 0644\nType chmod 600"),
    ("--listen 0 --token-file short", .badConfiguration, "its token has 7 bytes; 16 to 4096 are accepted"),
    ("--listen 0 --token-file blanks", .badConfiguration, "it holds more than one token"),
    ("--listen 0 --token-file empty", .badConfiguration, "it is empty"),
    ("--listen 0 --token-file huge", .badConfiguration, "it is no file, or too long"),
    ("--listen 0 --token-file .", .badConfiguration, "no token file"),
    ("--listen 0 --token-file pipe", .badConfiguration, "it is no file, or too long"),
  ]

  @Test func `what cannot be served is refused with what is accepted, and no token is shown`() throws {
    let project = TestProject()
    let files = [
      "good": Self.token, "open": Self.token, "short": "hunter2", "blanks": "hunter2 planted token", "empty": "\n",
      "huge": String(repeating: "hunter2", count: 4000),
    ]
    for (name, text) in files { write(text, to: "\(project.root)/\(name)") }
    for name in files.keys { chmod("\(project.root)/\(name)", name == "open" ? 0o644 : 0o600) }
    mkfifo("\(project.root)/pipe", 0o600)
    for (words, status, says) in Self.wrong {
      var words = "monitor app=http://127.0.0.1:1/pool --for 1s \(words)".split(separator: " ").map(String.init)
      if words.contains("--once") || words.contains("nagios") { words.removeAll { $0 == "--for" || $0 == "1s" } }
      if let index = words.firstIndex(of: "--token-file") { words[index + 1] = "\(project.root)/\(words[index + 1])" }
      let ending = run(words)
      #expect(ending.status == status.rawValue, "\(words): \(ending)")
      #expect(ending.error.contains(says), "\(words): \(ending.error)")
      #expect(!(ending.error + ending.output).contains("hunter2"), "\(words)")
    }
  }

  /// Waits for the port that it says it got.
  private func port(_ program: Program) throws -> Int {
    var port: Int?
    try program.wait {
      let rest = program.errorSoFar.firstRange(of: "http://127.0.0.1:").map { program.errorSoFar[$0.upperBound...] }
      port = rest.flatMap { $0.contains("/metrics\n") ? Int($0.prefix { $0 != "/" }) : nil }
      return port != nil
    }
    return try #require(port)
  }

  private func get(_ port: Int, _ page: String) -> (status: Int, body: String) {
    let answer = try? TestFetcher().get("http://127.0.0.1:\(port)\(page)", within: .seconds(5))
    return (answer?.status ?? 0, answer?.body ?? "")
  }

  @Test func `an app that goes and comes back is served, gone, and served again`() throws {
    let project = TestProject()
    let app = try TestApp(limit: 3)
    let program = try project.start(
      ["monitor", "app=\(app.url("/pool"))", "--interval", "100ms", "--acquire-timeout", "5s", "--listen", "0"])
    let port = try port(program)
    #expect(get(port, "/healthz") == (200, "ok\n"))
    try program.wait { get(port, "/readyz") == (200, "ok\n") }
    let served = get(port, "/metrics").body
    #expect(served.contains("\npoolops_up 1\n"))
    #expect(served.contains(",source=\"127.0.0.1:\(app.port)/pool\"} 3\n"), "\(served)")
    // The port is taken now.
    let second = run(["monitor", "app=\(app.url("/pool"))", "--for", "1s", "--listen", "\(port)"])
    #expect(second.status == Exit.unreachable.rawValue)
    #expect(second.error.contains("127.0.0.1:\(port) is in use: something listens there already"), "\(second.error)")

    try app.run("stop")
    try program.wait { get(port, "/readyz") == (503, "not ready\n") }
    let gone = get(port, "/metrics").body
    #expect(gone.contains("\npoolops_up 0\n") && !gone.contains("db_client_connection"), "\(gone)")
    #expect(get(port, "/healthz").status == 200)
    try app.run("start")
    try program.wait { get(port, "/metrics").body.contains("\ndb_client_connection_max{") }

    program.signal(SIGTERM)
    #expect(try program.wait(within: .seconds(10)).status == Exit.terminated.rawValue)
    #expect(get(port, "/healthz").status == 0)
  }

  @Test func `a source that has not answered yet is not ready`() throws {
    let project = TestProject()
    let app = try TestHTTPApp()
    let program = try project.start(["monitor", "app=\(app.base)/silent", "--listen", "0"])
    let port = try port(program)
    #expect(get(port, "/readyz") == (503, "not ready\n"))
    #expect(get(port, "/metrics").body.contains("\npoolops_up 0\n"))
    program.signal(SIGINT)
    #expect(try program.wait(within: .seconds(10)).status == Exit.interrupted.rawValue)
  }

  @Test
  func `a real pool queues: Prometheus scrapes with the token, Alertmanager delivers the alert, and that it is over`()
    throws
  {
    let project = TestProject()
    let app = try TestApp(limit: 2, more: "DB_POOL_TIMEOUT=3")
    let tokenFile = "\(project.root)/token"
    write(Self.token + "\n", to: tokenFile)
    chmod(tokenFile, 0o600)
    let program = try project.start([
      "monitor", "app=\(app.url("/pool"))", "--interval", "200ms", "--acquire-timeout", "3s", "--listen", "0",
      "--token-file", tokenFile,
    ])
    let port = try port(program)
    #expect(get(port, "/metrics") == (401, "A bearer token is needed.\n"))
    // Rules as people get them; the older Prometheus has none that goes on firing for a while when all is over.
    let rules = run(
      "alerts render --source poolops --acquire-timeout 3s --scrape-interval 1s --prometheus 2.41".split(separator: " ")
        .map(String.init))
    let prometheus = try TestPrometheus(scraping: UInt16(port), token: Self.token, rules: rules.output)
    #expect(prometheus.notifications.isEmpty)

    let crowd = try Program("/usr/bin/hey", ["-z", "120s", "-c", "100", app.url("/report")])
    let firing = ["PoolExhaustionAhead", "PoolExhaustionPredicted"].map {
      prometheus.alert($0, "firing", within: .seconds(60))
    }
    crowd.signal(SIGKILL)
    let source = "127.0.0.1:\(app.port)/pool"
    for alert in firing {
      #expect(alert?.labels["source"] == source, "\(prometheus.log)")
      #expect(alert?.annotations["summary"]?.contains("of \(source): ") == true)
    }
    #expect(firing.map { $0?.labels["severity"] } == ["critical", "warning"])
    for name in ["PoolExhaustionAhead", "PoolExhaustionPredicted"] {
      #expect(prometheus.alert(name, "resolved", within: .seconds(60)) != nil, "\(name): \(prometheus.log)")
    }

    program.signal(SIGTERM)
    let ending = try program.wait(within: .seconds(10))
    #expect(ending.status == Exit.terminated.rawValue)
    #expect(!(ending.output + ending.error).contains(Self.token))
  }
}
