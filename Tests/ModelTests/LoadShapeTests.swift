import Model
import Testing

private let think = Distribution.exponential(mean: 0.85)
private let transactions = [
  Transaction(
    name: "a", weight: 8, sql: "SELECT :x", parameters: [Parameter(name: "x", values: .integers(low: 1, high: 5))]),
  Transaction(name: "b", sql: "SELECT 2"),
]

@Suite struct LoadShapeTests {
  /// Those of the two oldest shapes stand in recorded runs, which are compared by them: they never change.
  @Test(
    arguments: [
      (
        .constant(users: 500, warmUp: .seconds(5), duration: .seconds(60)),
        "500 users, think time exponential 0.85, blocks of 1m after 5s"
      ),
      (
        .arrivalRate(rate: 120.5, spacing: .poisson, warmUp: .zero, duration: .seconds(20)),
        "120.5/s poisson, blocks of 20s after 0s"
      ),
      (
        .soak(users: 5, warmUp: .zero, duration: .seconds(3600)),
        "soak of 5 users, think time exponential 0.85, blocks of 1h after 0s"
      ),
      (
        .ramp(RampShape(startUsers: 1, stages: [.init(users: 9, duration: .seconds(60))], warmUp: .seconds(2))),
        "ramp from 1 users, 9 in 1m, think time exponential 0.85, blocks of 1m after 2s"
      ),
      (
        .spike(
          SpikeShape(
            users: 300, rise: .seconds(1), hold: .seconds(10), fall: .seconds(2), recovery: .seconds(7), warmUp: .zero)),
        "spike from 0 to 300 users, rise 1s, hold 10s, fall 2s, recovery 7s, think time exponential 0.85, "
          + "blocks of 20s after 0s"
      ),
      (
        .steps(
          StepsShape(
            start: 10, step: 5, every: .seconds(4), most: 22,
            until: [Condition(metric: .errors, comparator: .greater, bound: .absolute(1), text: "errors > 1")],
            warmUp: .zero)),
        "steps of 5 users every 4s from 10 to 22 until errors > 1, think time exponential 0.85, blocks of 12s after 0s"
      ),
      (
        .rampingArrivalRate(
          RampingRateShape(
            startRate: 0, stages: [.init(rate: 50, duration: .seconds(60))], spacing: .even, warmUp: .zero)),
        "from 0/s, 50/s in 1m, even, blocks of 1m after 0s"
      ),
      (
        .iterations(IterationsShape(users: 5, iterations: 20, maxDuration: .seconds(60), warmUp: .zero)),
        "5 users, 20 iterations each, think time exponential 0.85, at most 1m after 0s"
      ),
    ] as [(LoadShape, String)]) func `a shape has one line, and no two share one`(shape: LoadShape, text: String)
  {
    let load = LoadSpec(shape: shape, thinkTime: think, transactions: transactions)
    #expect(load.summary == text + ": 8 x SELECT :x with x 1 to 5; 1 x SELECT 2")
  }

  @Test func `what else a load has stands in its line only where it is not as it always was`() {
    var load = LoadSpec(
      shape: .arrivalRate(rate: 5, spacing: .even, warmUp: .zero, duration: .seconds(5)), transactions: transactions)
    load.isFlow = true
    load.threads = 2
    load.writes = true
    load.requestTimeout = .seconds(3)
    load.transactions[0].captures = [Capture(name: "id", source: .column("x"))]
    load.transactions[1].pause = .constant(0.5)
    #expect(
      load.summary == "5/s even, blocks of 5s after 0s, request timeout 3s, writes, 2 threads: "
        + "flow of SELECT :x with x 1 to 5 keeping id from column x; after 0.5 SELECT 2")
    load.carrier = .http(
      HTTPLoadSpec(
        base: "http://h:1", connections: 4,
        headers: [HTTPHeader(name: "A", value: .environment("TOKEN")), HTTPHeader(name: "B", value: .text("c"))]))
    load.transactions = [
      Transaction(
        name: "a",
        work: .http(
          HTTPRequestSpec(method: "POST", path: "/a", body: "x\ny", statuses: [201], bodyContains: "ok")))
    ]
    #expect(
      load.summary
        == "5/s even, blocks of 5s after 0s, HTTP 1.1 to http://h:1 over 4 connections with A: $TOKEN, B: c, "
        + "request timeout 3s, writes, 2 threads: flow of POST /a 'x y' expecting [201] containing 'ok'")
  }

  @Test(arguments: [
    (LoadShape.constant(users: 7, warmUp: .zero, duration: .seconds(1)), [3, 2, 2]),
    (.soak(users: 2, warmUp: .zero, duration: .seconds(1)), [1, 1, 0]),
    (.iterations(IterationsShape(users: 8, iterations: 3, maxDuration: .seconds(1), warmUp: .zero)), [3, 3, 2]),
    (
      .steps(StepsShape(start: 1, step: 3, every: .seconds(1), most: 6, until: [], warmUp: .zero)), [2, 1, 1]
    ),
    (
      .spike(
        SpikeShape(users: 10, rise: .zero, hold: .seconds(1), fall: .zero, recovery: .zero, warmUp: .zero)),
      [4, 3, 3]
    ),
  ]) func `threads have all users between them`(shape: LoadShape, expected: [Int]) {
    let parts = (0..<3).map { shape.part($0, of: 3) }
    #expect(parts.map(\.users) == expected && parts.allSatisfy { $0.duration == shape.duration })
    #expect(shape.part(0, of: 1) == shape)
  }

  @Test(arguments: [
    ("/a/{id}?x={y_2}&z={id}", ["id", "y_2"]), ("/{}/{1a}/{a-b}/{", []), ("/{{a}}", ["a"]), ("{é}", []),
  ]) func `placeholders of a path are names in braces`(path: String, names: [String]) {
    let text = PlaceholderText(path: path)
    let whole = text.pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .name(let name): "{\(name)}"
      }
    }
    #expect(text.names == names && whole.joined() == path)
  }

  @Test func `placeholders of a body are names in double braces, and JSON stays as it is`() {
    let spec = HTTPRequestSpec(path: "/{a}", body: "{\"x\":{\"y\":{}}, \"z\": {{b}}, \"a\": \"{{a}}\"}}")
    #expect(spec.placeholders == ["a", "b"])
    #expect(PlaceholderText(body: "{{{b}}}").pieces == [.text("{"), .name("b"), .text("}")])
  }
}
