import Model
import Testing

@testable import ExperimentFile

/// An experiment with this load, as YAML.
private func experiment(_ load: String) -> Result<Experiment, ExperimentFaults> {
  let text = """
    version: 1
    title: T
    hypothesis: h
    target: { pool: builtin }
    baseline: { max_size: 20 }
    change: { max_size: 40 }
    checks: [ "errors == 0" ]
    load:
      transactions: [ { name: a, sql: SELECT 1 } ]
    \(load.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
    """
  return ExperimentFile.parse(text: text, path: "shape.yaml")
}

private func limit(_ text: String) -> Condition? { try? Condition(parsing: text) }

@Suite struct ShapeSectionTests {
  @Test(
    arguments: [
      ("constant: { users: 5, duration: 1m }", .constant(users: 5, warmUp: .seconds(5), duration: .seconds(60))),
      (
        "soak: { users: 100, duration: 1h, warm_up: 30s }",
        .soak(users: 100, warmUp: .seconds(30), duration: .seconds(3600))
      ),
      (
        "ramp: { start_users: 0, stages: [ { users: 100, duration: 1m }, { users: 20, duration: 0s } ] }",
        .ramp(
          RampShape(
            startUsers: 0,
            stages: [.init(users: 100, duration: .seconds(60)), .init(users: 20, duration: .zero)], warmUp: .zero))
      ),
      (
        "ramp: { start_users: 3, stages: [ { users: 1, duration: 1s } ] }",
        .ramp(RampShape(startUsers: 3, stages: [.init(users: 1, duration: .seconds(1))], warmUp: .seconds(5)))
      ),
      (
        "spike: { users: 300, hold: 10s }",
        .spike(
          SpikeShape(users: 300, rise: .zero, hold: .seconds(10), fall: .zero, recovery: .zero, warmUp: .zero))
      ),
      (
        "spike: { users: 300, base_users: 5, rise: 1s, hold: 10s, fall: 2s, recovery: 20s }",
        .spike(
          SpikeShape(
            users: 300, baseUsers: 5, rise: .seconds(1), hold: .seconds(10), fall: .seconds(2), recovery: .seconds(20),
            warmUp: .seconds(5)))
      ),
      (
        "steps: { start: 50, step: 50, every: 30s, most: 500, until: [ \"p(95) > 400ms\" ] }",
        .steps(
          StepsShape(
            start: 50, step: 50, every: .seconds(30), most: 500, until: [limit("p(95) > 400ms")].compactMap { $0 },
            warmUp: .seconds(5)))
      ),
      (
        "iterations: { users: 5, iterations: 20 }",
        .iterations(IterationsShape(users: 5, iterations: 20, maxDuration: .seconds(600), warmUp: .zero))
      ),
      (
        "ramping_arrival_rate: { start_rate: 0.5, stages: [ { rate: 100, duration: 1m } ], spacing: even, warm_up: 1s }",
        .rampingArrivalRate(
          RampingRateShape(
            startRate: 0.5, stages: [.init(rate: 100, duration: .seconds(60))], spacing: .even, warmUp: .seconds(1)))
      ),
    ] as [(String, LoadShape)]) func `each shape means what it says`(text: String, shape: LoadShape) throws
  {
    #expect(try experiment("shape: { \(text) }").get().load.shape == shape)
  }

  @Test(arguments: [
    ("ramp: { start_users: 0, stages: [ { users: 0, duration: 1m } ] }", "ramp has no users at any time"),
    ("ramp: { start_users: 1, stages: [] }", "stages is empty; write at least one"),
    ("ramp: { start_users: 1, stages: [ { users: 5, duration: 0s } ] }", "ramp takes no time at all"),
    ("ramp: { start_users: 1, stages: [ { user: 5, duration: 1s } ] }", "did you mean 'users'?"),
    ("ramp: { start_users: 0, warm_up: 3s, stages: [ { users: 5, duration: 1s } ] }", "since start_users is 0"),
    ("ramp: { start_users: 1, stages: [ { users: 5, duration: 20h }, { users: 5, duration: 20h } ] }", "at most 24h"),
    ("spike: { users: 5, base_users: 7, hold: 1s }", "base_users is 7, and users 5: a spike is more than its base"),
    ("spike: { users: 5, hold: 1s, warm_up: 1s }", "warm_up has nothing to warm up with, since base_users is 0"),
    ("steps: { start: 5, step: 1, every: 1s, most: 4, until: [ \"errors > 1\" ] }", "most is 4, less than the 5"),
    ("steps: { start: 5, step: 1, every: 1s, most: 9, until: [] }", "until is empty"),
    ("ramping_arrival_rate: { start_rate: 0, stages: [ { rate: 0, duration: 1s } ] }", "no requests at any time"),
    (
      "ramping_arrival_rate: { start_rate: -1, stages: [ { rate: 5, duration: 1s } ] }",
      "'-1' is no value of start_rate"
    ),
    ("iterations: { users: 5 }", "'iterations' is missing in iterations"),
    ("soak: { users: 5, duration: 25h }", "'25h' is too long; duration takes"),
    ("ramping: { users: 5 }", "'ramping' is no key of shape"),
    ("spyke: { users: 5 }", "'spyke' is no key of shape; did you mean 'spike'?"),
  ]) func `a shape that cannot be is said with its reason`(text: String, message: String) throws {
    let faults = #expect(throws: ExperimentFaults.self) { try experiment("shape: { \(text) }").get() }
    #expect(faults?.description.contains(message) == true, "\(faults?.description ?? "")")
  }

  @Test(arguments: [
    ("ftp://x", "'ftp' is no scheme of a load; write http or https"), ("staging:8080", "url has no scheme"),
    ("http://staging/api/v1", "url ends with '/api/v1'; the path belongs to each request, as in 'GET /api/v1'"),
    ("http://staging:99999", "'staging:99999' is no host with a port"), ("http://", "'' is no host with a port"),
    ("htp://x", "'htp' is no scheme of a load; write http or https; did you mean 'http'?"),
    ("https://me@staging", "url holds a user or a password"), ("http://[::1", "is no host with a port"),
  ]) func `a URL that cannot be the place of an app is said`(url: String, message: String) {
    let faults = #expect(throws: ExperimentFaults.self) {
      try experiment("shape: { constant: { users: 1, duration: 1s } }\nhttp: { url: \"\(url)\" }").get()
    }
    #expect(faults?.description.contains(message) == true, "\(faults?.description ?? "")")
  }

  @Test func `a flow over HTTP means what it says`() throws {
    let load = try ExperimentFile.read(path: FixtureTests.folder + "/http.good.yaml").get().experiment.load
    let body = "{\"lines\": [{\"sku\": \"{{sku}}\"}], \"kind\": \"{{kind}}\", \"empty\": {{}}}"
    let expected = LoadSpec(
      shape: .rampingArrivalRate(
        RampingRateShape(
          startRate: 0, stages: [.init(rate: 100.5, duration: .seconds(30)), .init(rate: 0, duration: .zero)],
          spacing: .poisson, warmUp: .zero)),
      transactions: [
        Transaction(
          name: "order",
          work: .http(
            HTTPRequestSpec(
              method: "POST", path: "/orders?kind={kind}",
              headers: [HTTPHeader(name: "Content-Type", value: .text("application/json"))], body: body,
              statuses: [201, 202], bodyContains: "\"id\"")),
          parameters: [
            Parameter(name: "kind", values: .text("express")),
            Parameter(name: "sku", values: .integers(low: 1, high: 9)),
          ],
          captures: [
            Capture(name: "order", source: .json("order.lines[0].id")),
            Capture(name: "place", source: .header("Location")),
          ]),
        Transaction(
          name: "look", work: .http(HTTPRequestSpec(path: "/orders/{id}?from={place}")),
          parameters: [
            Parameter(name: "id", values: .captured("order")), Parameter(name: "place", values: .captured("place")),
          ]),
      ], isFlow: true,
      carrier: .http(
        HTTPLoadSpec(
          base: "https://[::1]:8443", connections: 50, streams: 10,
          headers: [
            HTTPHeader(name: "Accept", value: .text("application/json")),
            HTTPHeader(name: "Authorization", value: .environment("API_TOKEN")),
          ], connectTimeout: .seconds(2), firstByteTimeout: .seconds(1), version: .http2, caFile: "staging/ca.pem")),
      requestTimeout: .seconds(5), writes: true, threads: 30)
    #expect(load == expected && load.captureNames == ["order", "place"])
  }

  @Test func `a flow of statements means what it says`() throws {
    let load = try ExperimentFile.read(path: FixtureTests.folder + "/flow.good.yaml").get().experiment.load
    let pay = try #require(load.transactions.last)
    #expect(load.isFlow && load.writes && load.threads == 2 && load.requestTimeout == .seconds(3))
    #expect(load.transactions.first?.captures == [Capture(name: "order", source: .column("id"))])
    #expect(
      pay.pause == .uniform(low: 0.1, high: 0.3) && pay.preparedSQL == "UPDATE orders SET paid = $1 WHERE id = $2")
    #expect(pay.parameters.map(\.values) == [.text("true"), .captured("order")])
  }
}
