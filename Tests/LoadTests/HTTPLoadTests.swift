import Glibc
import Load
import Model
import Statistics
import TestSupport
import Testing

/// Puts a load on an app; `meanwhile` runs beside it.
private func run(
  _ requests: [HTTPRequestSpec], _ shape: LoadShape, on base: String, connections: Int? = nil,
  firstByteTimeout: Duration? = nil, requestTimeout: Duration? = nil, threads: Int = 1,
  meanwhile: (LoadGenerator) throws -> Void = { _ in }
) throws -> Outcome {
  let http = HTTPLoadSpec(
    base: base, connections: connections, connectTimeout: .milliseconds(400), firstByteTimeout: firstByteTimeout)
  let load = LoadSpec(
    shape: shape, transactions: requests.enumerated().map { Transaction(name: "t\($0)", work: .http($1)) },
    carrier: .http(http), requestTimeout: requestTimeout, threads: threads)
  return try runOnApp(load, meanwhile: meanwhile)
}

@Suite(.serialized) struct HTTPLoadTests {
  @Test func `a closed system over HTTP keeps Little's law`() throws {
    let app = try TestHTTPApp()
    let outcome = try run([get("/sleep/20")], users(40, warmUp: 1, seconds: 4), on: app.base, connections: 5)
    let throughput = Double(outcome.report.totals.completed) / 4
    let service = try #require(outcome.histogram(.query).mean) / 1e9
    let response = try #require(outcome.histogram(.latency).mean) / 1e9
    #expect(abs(throughput / (5 / service) - 1) < 0.08)
    #expect(abs(response / (40 / throughput) - 1) < 0.08)
    #expect(outcome.report.totals.failures == 0 && outcome.sum(\.connectionsOpened) == 0)
  }

  /// Only who is to outwait a limit has a short one: on a busy machine others would too.
  @Test(arguments: [
    ("/status/503", ErrorClass.status(503)), ("/garbage", .badResponse), ("/short", .serverGone),
    ("/silent", .firstByteTimeout), ("/drip", .requestTimeout),
  ]) func `each way to answer wrongly has its class, and others are answered meanwhile`(
    path: String, error: ErrorClass
  ) throws {
    let app = try TestHTTPApp()
    let outcome = try run(
      [get(path), get("/")], users(6, seconds: 1.5), on: app.base,
      firstByteTimeout: error == .firstByteTimeout ? .milliseconds(150) : .seconds(5),
      requestTimeout: error == .requestTimeout ? .milliseconds(300) : .seconds(10))
    let totals = outcome.report.totals
    #expect(Set(totals.failed.keys) == [error] && totals.addsUp)
    #expect(totals.failures > 5 && totals.completed > 5)
  }

  @Test func `a header whose variable is not set is told by the variable's name, before anything is asked`() throws {
    let header = HTTPHeader(name: "Authorization", value: .environment("POOLOPS_TEST_UNSET"))
    let load = LoadSpec(
      shape: users(1, seconds: 1), transactions: [Transaction(name: "t", work: .http(get("/")))],
      carrier: .http(HTTPLoadSpec(base: "http://127.0.0.1:1", headers: [header])))
    let generator = LoadGenerator(LoadPlan(server: nil, settings: PoolSettings(), load: load, seed: 11))
    let fault = #expect(throws: LoadError.self) { try generator.start() }
    #expect(fault?.code == .variableMissing)
    #expect(fault?.message.contains("POOLOPS_TEST_UNSET") == true)
  }

  @Test func `connections that the app closes are opened anew, without an error`() throws {
    let app = try TestHTTPApp()
    let outcome = try run([get("/close")], users(4, seconds: 1), on: app.base)
    #expect(outcome.report.totals.failures == 0 && outcome.report.totals.completed > 50)
    #expect(outcome.sum(\.connectionsOpened) >= outcome.report.totals.completed)
  }

  @Test func `a flow carries values of bodies and headers from step to step`() throws {
    let app = try TestHTTPApp()
    let order = Transaction(
      name: "order", work: .http(HTTPRequestSpec(method: "POST", path: "/orders", body: "{}", statuses: [201])),
      captures: [Capture(name: "id", source: .json("order.id")), Capture(name: "token", source: .header("x-token"))])
    let look = Transaction(
      name: "look",
      work: .http(
        HTTPRequestSpec(path: "/orders/{id}", headers: [HTTPHeader(name: "X-Token", value: .text("{token}"))])),
      parameters: [
        Parameter(name: "id", values: .captured("id")), Parameter(name: "token", values: .captured("token")),
      ])
    let load = LoadSpec(
      shape: users(8, seconds: 1), transactions: [order, look], isFlow: true,
      carrier: .http(HTTPLoadSpec(base: app.base)))
    let outcome = try runOnApp(load)
    #expect(outcome.report.totals.failed == [:] && outcome.report.totals.completed > 100)
  }

  @Test(arguments: [1, 3]) func `a thousand users have a connection each, and their counts add up`(threads: Int) throws
  {
    let app = try TestHTTPApp()
    var shape = LoadSpec(
      shape: users(1000, warmUp: 1, seconds: 2), thinkTime: .exponential(mean: 2),
      transactions: [Transaction(name: "hello", work: .http(get("/")))], carrier: .http(HTTPLoadSpec(base: app.base)))
    shape.threads = threads
    let outcome = try runOnApp(shape)
    #expect(outcome.report.totals.addsUp && outcome.report.totals.failures == 0)
    #expect((600...1400).contains(outcome.report.totals.completed))
  }
}

/// What is done to the app while a load is on it.
enum AppFault: String, CaseIterable {
  case restart
  case frozen
  case failing
  case garbage

  var classes: [ErrorClass] {
    switch self {
    case .restart: [.connectionRefused, .serverGone]
    case .frozen: [.firstByteTimeout, .requestTimeout, .connectTimeout]
    case .failing: [.status(503)]
    case .garbage: [.badResponse]
    }
  }

  func strike(_ app: inout TestHTTPApp) throws {
    switch self {
    case .restart:
      app.die()
      usleep(300_000)
      app = try TestHTTPApp(port: app.port)
    case .frozen:
      app.freeze()
      usleep(700_000)
      app.thaw()
    case .failing:
      app.toggleFailing()
      usleep(400_000)
      app.toggleFailing()
    case .garbage:
      app.toggleGarbage()
      usleep(400_000)
      app.toggleGarbage()
    }
  }
}

@Suite(.serialized) struct AppFaultTests {
  @Test(arguments: AppFault.allCases)
  func `a load goes through a fault of the app, tells it by its class, and recovers`(fault: AppFault) throws {
    var app = try TestHTTPApp()
    let shape = LoadShape.arrivalRate(rate: 150, spacing: .even, warmUp: .zero, duration: .seconds(3))
    let began = ContinuousClock.now
    let outcome = try run(
      [get("/")], shape, on: app.base, connections: 20, firstByteTimeout: .milliseconds(250),
      requestTimeout: .milliseconds(400)
    ) { _ in
      usleep(400_000)
      try fault.strike(&app)
    }
    let totals = outcome.report.totals
    #expect(totals.addsUp && totals.due == 450)
    #expect((totals.failed[fault.classes[0]] ?? 0) > 0 && Set(totals.failed.keys).isSubset(of: fault.classes))
    let slip = outcome.histogram(.slip).quantile(1) ?? 0
    #expect((outcome.histogram(.query).quantile(1) ?? 0) < 450e6 + slip)
    #expect(ContinuousClock.now - began < .seconds(9))
    let last = try #require(outcome.slices.last)
    #expect(last.failures == 0 && last.completed > 100)
  }
}
