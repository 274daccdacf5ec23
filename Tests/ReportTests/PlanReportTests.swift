import Model
import TestSupport
import Testing

@testable import Report

@Suite struct PlanReportTests {
  @Test func `a plan shows each stage, each change with its inverse, the time and what it needs`() throws {
    let report = PlanReport(try Fixtures.peak(), names: .builtin)
    expectSnapshot(report.text(Style()), "plan.txt")
    expectSnapshot(report.text(Style(width: 40)), "plan-narrow.txt")
    expectSnapshot(report.json.text, "plan.json")
  }

  @Test func `a plan says where an app tells of its pool`() throws {
    var experiment = try Fixtures.peak()
    experiment.gauges = PoolEndpoint(url: "http://app.test/pool", tokenVariable: "METRICS_TOKEN")
    let text = PlanReport(experiment, names: .builtin).text(Style(width: 200))
    #expect(text.contains("the app tells of its pool at http://app.test/pool, asked every second"))
  }

  @Test func `a plan that does not fit, of one pair, on a database of one's own`() throws {
    var small = try Fixtures.peak(pairs: 1)
    small.staging = .embedded(datasetScale: 1, settings: ["max_connections": "40"])
    small.change[.idleTimeout] = .unlimited
    var own = try Fixtures.peak(pairs: 20)
    own.staging = .urlFromEnvironment(variable: "STAGING_DATABASE_URL")
    own.change = SettingPatch()
    own.expects = .noGo
    own.guards = []
    own.load.shape = .arrivalRate(rate: 120.5, spacing: .poisson, warmUp: .seconds(10), duration: .seconds(60))
    let texts = [small, own].map { PlanReport($0, names: Fixtures.names).text(Style()) }
    expectSnapshot(texts.joined(separator: "\n----\n\n"), "plan-others.txt")
  }

  private static let shapes: [LoadShape] = [
    .constant(users: 5, warmUp: .zero, duration: .seconds(60)),
    .soak(users: 100, warmUp: .seconds(30), duration: .seconds(3600)),
    .ramp(
      RampShape(
        startUsers: 1, stages: [.init(users: 100, duration: .seconds(60)), .init(users: 0, duration: .zero)],
        warmUp: .seconds(2))),
    .spike(
      SpikeShape(
        users: 300, rise: .seconds(5), hold: .seconds(10), fall: .zero, recovery: .seconds(30), warmUp: .zero)),
    .steps(
      StepsShape(
        start: 50, step: 50, every: .seconds(30), most: 500,
        until: [
          Condition(metric: .errors, comparator: .greater, bound: .absolute(1), text: "errors > 1"),
          Condition(metric: .latency(95), comparator: .greater, bound: .absolute(0.4), text: "p(95) > 400ms"),
        ], warmUp: .seconds(5))),
    .iterations(IterationsShape(users: 5, iterations: 20, maxDuration: .seconds(600), warmUp: .zero)),
    .arrivalRate(rate: 12.5, spacing: .even, warmUp: .seconds(5), duration: .seconds(60)),
    .rampingArrivalRate(
      RampingRateShape(
        startRate: 0, stages: [.init(rate: 100, duration: .seconds(60)), .init(rate: 20.5, duration: .seconds(30))],
        spacing: .poisson, warmUp: .zero)),
  ]

  @Test func `each shape has its words and its time, in a plan and in a runbook`() throws {
    let texts = try Self.shapes.flatMap { shape -> [String] in
      var experiment = try Fixtures.peak(pairs: 10)
      experiment.load.shape = shape
      let plan = PlanReport(experiment, names: .builtin).text(Style(width: 100)).split(separator: "\n")
      let load = plan.drop { $0 != "Load, in each block" }.prefix { $0 != "It needs" }
      return [shape.word, ShapeText(experiment.load).sentence] + load.map(String.init) + [""]
    }
    expectSnapshot(texts.joined(separator: "\n"), "plan-shapes.txt")
  }

  @Test func `a plan of a flow over HTTP names its steps and the app`() throws {
    var experiment = try Fixtures.peak()
    experiment.load.isFlow = true
    experiment.load.carrier = .http(HTTPLoadSpec(base: "http://127.0.0.1:8080", connections: 50))
    experiment.load.transactions = [
      Transaction(
        name: "order", work: .http(HTTPRequestSpec(method: "POST", path: "/orders", body: "{}")),
        captures: [Capture(name: "id", source: .json("id"))]),
      Transaction(
        name: "look", work: .http(HTTPRequestSpec(path: "/orders/{id}")), pause: .uniform(low: 0.1, high: 0.3)),
    ]
    let plan = PlanReport(experiment, names: .builtin).text(Style())
    expectSnapshot(plan, "plan-flow.txt")
  }

  @Test(arguments: [
    (1, false, 71.0, 71.0, [1]), (8, true, 568, 568, [8]), (20, true, 568, 1420, [8, 12, 16, 20]),
    (10, true, 568, 710, [8, 10]), (20, false, 1420, 1420, [20]),
  ])
  func `the time is pairs x 2 x (warm-up + duration + half a second)`(
    pairs: Int, early: Bool, shortest: Double, longest: Double, looks: [Int]
  ) throws {
    var experiment = try Fixtures.peak(pairs: pairs)
    experiment.pairs.stopEarly = early
    let estimate = PlanEstimate(experiment)
    #expect(estimate.shortest.seconds == shortest)
    #expect(estimate.longest.seconds == longest)
    #expect(estimate.looks == looks)
  }
}

@Suite struct EnvironmentNamesTests {
  @Test func `the lines of a patch are what the pool's own dialect reads back`() throws {
    let patch = try Fixtures.peak().settings(of: .retest).asPatch
    let lines = EnvironmentNames.builtin.lines(patch).map(\.text)
    #expect(lines.count == SettingKey.allCases.count)
    #expect(lines.contains("DB_POOL_TIMEOUT=0.34") && lines.contains("DB_CONNECTION_LIMIT=50"))
  }
}

struct PlanOfTargetsTests {
  @Test func `a plan names every target, and what each is given in its own words`() throws {
    var experiment = try Fixtures.peak()
    let app = AppTargetSpec(
      envFile: "deploy/shop.env", ecosystem: "prisma", urlVariable: "DATABASE_URL",
      takesEffect: AppActivation(.reload, ["kill", "-HUP", "1"]), readBack: .backends(applicationName: "shop"))
    let own = OwnValues(baseline: ["work_mem": "4MB", "jit": "off"], change: ["work_mem": "8MB"])
    let targets: [(TargetSpec, String)] = [
      (.app(app), "DATABASE_URL?connection_limit=50"),
      (.pgBouncer(PgBouncerTargetSpec(consoleVariable: "CONSOLE")), "default_pool_size=50"),
      (.command(CommandTargetSpec(apply: ["a"], readBack: ["b"], revert: ["c"])), "POOLOPS_MAX_SIZE=50"),
    ]
    for (spec, line) in targets {
      experiment.targets = [ExperimentTarget(.postgreSQL(PostgreSQLTargetSpec()), own: own), ExperimentTarget(spec)]
      let text = PlanReport(experiment, names: EnvironmentNames(experiment)).text(Style(width: 120))
      #expect(text.contains(line) && text.contains("by ALTER SYSTEM: work_mem 4MB to 8MB\n"), "\(text)")
    }
  }
}
