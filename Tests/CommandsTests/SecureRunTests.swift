import Model
import Store
import TestSupport
import Testing

/// An app behind nginx with TLS and HTTP/2, whose own pool is tuned by the real program.
@Suite(.serialized) struct SecureRunTests {
  private static func experiment(_ app: TestApp, _ nginx: TestNginx, caFile: String) -> String {
    var tiny = Tiny(duration: "2s")
    tiny.targets = """
      target:
        app:
          env_file: \(app.envFile)
          variables: { max_size: DB_CONNECTION_LIMIT }
          restart: [\(app.folder)/service.sh, restart]
          health: { url: "\(app.url("/healthz"))", timeout: 20s }
          read_back: { url: "\(app.url("/pool"))", json: { max_size: pool.max } }
      """
    (tiny.baseline, tiny.change) = ("{ max_size: 2 }", "{ max_size: 8 }")
    tiny.work = """
      http: { url: "\(nginx.secureBase)", version: 2, connections: 2, ca_file: \(caFile) }
        request_timeout: 5s
        transactions: [ { name: report, request: GET /report, expect: { body_contains: ok } } ]
      """
    tiny.more = "gauges: { url: \"\(nginx.secureBase)/pool\", ca_file: \(nginx.caFile) }"
    return tiny.text
  }

  @Test func `the pool of an app is tuned over HTTP/2`() throws {
    let app = try TestApp()
    let nginx = try TestNginx("location / { proxy_pass \(app.url("")); }")
    let project = TestProject()
    _ = try project.staging()
    project.add("trusted", Self.experiment(app, nginx, caFile: nginx.caFile))
    project.add("untrusted", Self.experiment(app, nginx, caFile: nginx.otherCAFile))
    let env = app.env

    let refused = try project.poolops(["experiment", "run", "untrusted"])
    #expect(refused.error.contains("no connection over TLS could be opened: \(nginx.secureBase)"), "\(refused)")
    #expect(refused.error.contains("ca_file '\(nginx.otherCAFile)'") && app.env == env)

    let ending = try project.poolops(["experiment", "run", "trusted"])
    #expect(ending.status == Exit.inconclusive.rawValue, "\(ending)")
    #expect(app.env == env)
    let store = try project.results()
    let runs = try store.runs().filter { $0.status == .finished }
    #expect(runs.map(\.carrier) == ["HTTP/2", "HTTP/2"])
    for run in runs {
      let slices = try store.recordedRun(run.id)?.blocks.flatMap(\.slices) ?? []
      #expect(slices.allSatisfy { $0.failures == 0 } && slices.map(\.completed).reduce(0, +) > 20)
      #expect(slices.map(\.connectionsOpened).reduce(0, +) == 2 && slices.map(\.active.max).max() == 8)
    }
  }
  @Test func `pool sizes of an app are swept against users over TLS`() throws {
    let app = try TestApp()
    let nginx = try TestNginx("location / { proxy_pass \(app.url("")); }")
    let project = TestProject()
    _ = try project.staging()
    project.add("swept", Self.experiment(app, nginx, caFile: nginx.caFile))
    let env = app.env
    let ending = try project.poolops([
      "sweep", "swept", "--pool", "2,8", "--users", "4,12", "--duration", "1s", "--warm-up", "0s",
    ])
    #expect(ending.status == 0 && ending.output.contains("4 of 4 cells measured"), "\(ending)")
    #expect(app.env == env)
    let store = try project.results()
    let sweep = try #require(try store.sweeps(of: "swept").first)
    var rates: [String: Int] = [:]
    for cell in sweep.cells {
      let id = try #require(cell.run)
      let run = try #require(try store.recordedRun(id))
      let slices = run.blocks.flatMap(\.slices)
      #expect(slices.allSatisfy { $0.failures == 0 })
      #expect(run.blocks.allSatisfy { $0.block.effective?.maxSize == cell.size })
      rates["\(cell.size) \(cell.level)"] = slices.map(\.completed).reduce(0, +)
    }
    #expect(rates.count == 4 && rates.values.allSatisfy { $0 > 10 }, "\(rates)")
  }
}
