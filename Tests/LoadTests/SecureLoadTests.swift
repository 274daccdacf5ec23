import Glibc
import Load
import Model
import Statistics
import TestSupport
import Testing

/// One for all tests that leave it as it is.
private let shared = Result { try TestNginx() }

private struct Case: Sendable, CustomTestStringConvertible {
  var version: HTTPLoadSpec.Version
  var threads: Int
  var testDescription: String { "HTTP/\(version.rawValue) on \(threads) threads" }

  static let all = [1, 3].flatMap { threads in
    HTTPLoadSpec.Version.allCases.map { Case(version: $0, threads: threads) }
  }
}

private func run(
  _ requests: [HTTPRequestSpec], _ shape: LoadShape, _ http: HTTPLoadSpec, requestTimeout: Duration? = nil,
  threads: Int = 1, meanwhile: (LoadGenerator) throws -> Void = { _ in }
) throws -> Outcome {
  try runOnApp(
    LoadSpec(
      shape: shape, transactions: requests.enumerated().map { Transaction(name: "t\($0)", work: .http($1)) },
      carrier: .http(http), requestTimeout: requestTimeout, threads: threads), meanwhile: meanwhile)
}

private func app(
  _ base: String, _ nginx: TestNginx, _ version: HTTPLoadSpec.Version, connections: Int? = nil, streams: Int = 100,
  firstByteTimeout: Duration? = nil
) -> HTTPLoadSpec {
  HTTPLoadSpec(
    base: base, connections: connections, streams: streams, connectTimeout: .seconds(2),
    firstByteTimeout: firstByteTimeout, version: version, caFile: nginx.caFile)
}

@Suite(.serialized) struct SecureLoadTests {
  private static let rate = LoadShape.arrivalRate(rate: 300, spacing: .even, warmUp: .zero, duration: .seconds(1))

  @Test(arguments: Case.all) fileprivate func `users have the connections that the file says`(way: Case) throws {
    let nginx = try shared.get()
    let connections = way.version == .http2 ? 4 : 12
    let outcome = try run(
      [HTTPRequestSpec(path: "/", bodyContains: "hello"), get("/json")], users(12, seconds: 1),
      app(nginx.secureBase, nginx, way.version, connections: connections), threads: way.threads)
    let totals = outcome.report.totals
    #expect(outcome.report.isComplete && totals.addsUp && totals.failed == [:] && totals.completed > 100)
    #expect(outcome.sum(\.connectionsOpened) == connections && outcome.sum(\.connectionsClosed) == 0)
    #expect(outcome.histogram(.latency).count == totals.completed)
    #expect(outcome.histogram(.query).count == totals.completed)
    #expect(outcome.histogram(.connect).count == connections)
    // The waits of those that were still out are not known yet.
    #expect(outcome.histogram(.wait).count == totals.completed)
    #expect(outcome.slices.reduce(0) { $0 + $1.generatorCPU } > 0)
  }

  @Test(arguments: Case.all) fileprivate func `a rate is kept, and every due request accounted for`(way: Case) throws {
    let nginx = try shared.get()
    let outcome = try run(
      [get("/")], Self.rate, app(nginx.secureBase, nginx, way.version), threads: way.threads)
    let totals = outcome.report.totals
    #expect(totals.due == 300 && totals.addsUp && totals.failed == [:] && totals.inFlightAtEnd < 200)
    if way.version == .http2 { #expect(outcome.sum(\.connectionsOpened) == way.threads) }
  }

  @Test func `as many requests share a connection as the file says, and the server`() throws {
    let nginx = try shared.get()
    let few = try run(
      [get("/large")], users(30, seconds: 1), app(nginx.secureBase, nginx, .http2, connections: 2, streams: 4))
    #expect(few.report.totals.addsUp && few.report.totals.failed == [:] && few.report.totals.completed > 10)
    #expect(few.sum(\.connectionsOpened) == 2 && few.slices.map(\.active.max).max() == 8)
    let limited = try run([get("/")], users(30, seconds: 1), app(nginx.leavingBase, nginx, .http2, connections: 2))
    #expect(limited.report.totals.addsUp && limited.report.totals.failed == [:])
  }

  @Test(arguments: Case.all) fileprivate func `a server that takes leave after twenty requests fails nobody`(way: Case)
    throws
  {
    let nginx = try shared.get()
    let outcome = try run(
      [get("/")], users(9, seconds: 1), app(nginx.leavingBase, nginx, way.version, connections: 3), threads: way.threads
    )
    let totals = outcome.report.totals
    #expect(totals.addsUp && totals.failed == [:] && totals.completed > 60)
    #expect(outcome.sum(\.connectionsOpened) >= totals.completed / 20 && outcome.sum(\.connectionsClosed) > 0)
  }

  @Test(arguments: Case.all) fileprivate func `a server that is reloaded in the midst fails nobody`(way: Case) throws {
    let nginx = try TestNginx()
    let outcome = try run(
      [get("/")], users(9, seconds: 2), app(nginx.secureBase, nginx, way.version, connections: 3), threads: way.threads
    ) { generator in
      waitForSecond(generator)
      nginx.reload()
    }
    let totals = outcome.report.totals
    #expect(totals.addsUp && (outcome.slices.last?.completed ?? 0) > 50)
    // HTTP/1.1 has no way to take leave of a connection that nobody uses at the moment: who sends then is unlucky.
    let unlucky = way.version == .http2 ? 0 : 3
    #expect(totals.failures <= unlucky && totals.failures == totals.failed[.serverGone] ?? 0)
    #expect(outcome.sum(\.connectionsOpened) > 3 && outcome.sum(\.connectionsClosed) >= 3)
  }

  @Test(arguments: HTTPLoadSpec.Version.allCases) func `a certificate that is not trusted is told before the load`(
    version: HTTPLoadSpec.Version
  ) throws {
    let nginx = try shared.get()
    for (file, words) in [
      (nginx.otherCAFile, "the authorities to trust are those of ca_file '\(nginx.otherCAFile)'"),
      ("/nonexistent.pem", "ca_file '/nonexistent.pem' cannot be read"),
      (nil, "ca_file names the authorities to trust"),
    ] {
      var http = app(nginx.secureBase, nginx, version)
      http.caFile = file
      let error = #expect(throws: LoadError.self) { try run([get("/")], users(1, seconds: 1), http) }
      #expect(error?.code == .cannotConnect(.tls) && error?.message.contains(words) == true, "\(error?.message ?? "")")
      #expect(error?.message.hasPrefix(nginx.secureBase) == true)
    }
  }

  @Test func `a server without HTTP/2, or that stops in the handshake, is told before the load`() throws {
    let nginx = try shared.get()
    let older = #expect(throws: LoadError.self) {
      try run([get("/")], users(1, seconds: 1), app("https://127.0.0.1:\(nginx.olderSecurePort)", nginx, .http2))
    }
    #expect(older?.message.hasSuffix("the server speaks HTTP/1, where HTTP/2 is asked for") == true)
    let silent = try SilentListener()
    var http = app("https://127.0.0.1:\(silent.port)", nginx, .http2)
    http.connectTimeout = .milliseconds(200)
    let error = #expect(throws: LoadError.self) { try run([get("/")], users(1, seconds: 1), http) }
    #expect(error?.code == .cannotConnect(.connectTimeout))
  }

  @Test(arguments: HTTPLoadSpec.Version.allCases)
  func `each way to answer wrongly has its class, and others are answered`(
    version: HTTPLoadSpec.Version
  ) throws {
    let nginx = try shared.get()
    let outcome = try run(
      [get("/busy"), HTTPRequestSpec(path: "/", bodyContains: "bye"), get("/slow"), get("/")], users(12, seconds: 1.5),
      app(nginx.secureBase, nginx, version, connections: 12), requestTimeout: .milliseconds(200))
    let totals = outcome.report.totals
    #expect(Set(totals.failed.keys) == [.status(503), .unexpectedBody, .requestTimeout] && totals.addsUp)
    #expect(totals.completed > 20)
    #expect((outcome.histogram(.query).quantile(1) ?? 0) < 300e6)
  }

  @Test(arguments: HTTPLoadSpec.Version.allCases) func `a frozen server is told by its classes, and the load recovers`(
    version: HTTPLoadSpec.Version
  ) throws {
    let nginx = try TestNginx()
    var http = app(nginx.secureBase, nginx, version, connections: 20, firstByteTimeout: .milliseconds(250))
    http.connectTimeout = .milliseconds(400)
    let shape = LoadShape.arrivalRate(rate: 150, spacing: .even, warmUp: .zero, duration: .seconds(3))
    let outcome = try run([get("/")], shape, http, requestTimeout: .milliseconds(400)) { _ in
      usleep(400_000)
      nginx.freeze()
      usleep(700_000)
      nginx.thaw()
    }
    let totals = outcome.report.totals
    #expect(totals.addsUp && totals.due == 450 && (totals.failed[.firstByteTimeout] ?? 0) > 0)
    #expect(Set(totals.failed.keys).isSubset(of: [.firstByteTimeout, .requestTimeout, .connectTimeout]))
    let last = try #require(outcome.slices.last)
    #expect(last.failures == 0 && last.completed > 100)
  }

  @Test(arguments: Case.all) fileprivate func `a flow carries values from step to step`(way: Case) throws {
    let nginx = try shared.get()
    let order = Transaction(
      name: "order", work: .http(get("/json")),
      captures: [
        Capture(name: "id", source: .json("order.id")), Capture(name: "kind", source: .header("content-type")),
      ])
    let look = Transaction(
      name: "look",
      work: .http(
        HTTPRequestSpec(
          method: "POST", path: "/post/{id}", headers: [HTTPHeader(name: "X-Id", value: .text("{kind}"))],
          body: "{{id}}", bodyContains: "POST /echo/17 application/json")),
      parameters: [
        Parameter(name: "id", values: .captured("id")), Parameter(name: "kind", values: .captured("kind")),
      ])
    let outcome = try runOnApp(
      LoadSpec(
        shape: users(6, seconds: 1), transactions: [order, look], isFlow: true,
        carrier: .http(app(nginx.secureBase, nginx, way.version)), threads: way.threads))
    #expect(outcome.report.totals.failed == [:] && outcome.report.totals.completed > 100)
  }
}
