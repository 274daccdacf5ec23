import Advice
import Model
import Testing

@Suite struct SizingAdviceTests {
  private static func inputs(
    _ typed: [SizingTerm: Double], _ origin: SizingInput.Origin = .given
  ) -> SizingInputs {
    var inputs = SizingInputs()
    for (term, value) in typed { inputs[term] = SizingInput(value, origin) }
    return inputs
  }

  private static let shop: [SizingTerm: Double] = [.users: 500, .thinkTime: 0.85, .serviceTime: 0.0484]
  private static let service: [SizingTerm: Double] = [.rate: 100, .serviceTime: 0.05]

  private static func formula(_ name: String, _ typed: [SizingTerm: Double]) throws -> FormulaResult {
    try #require(FormulaResult.all(inputs(typed).completed).first { $0.name == name })
  }

  private static let results: [(name: String, typed: [SizingTerm: Double], size: Double)] = [
    ("Little's law", shop, 26.94), ("Little's law", service, 5), ("M/M/c", service, 10),
    ("cores and spindles", [.cores: 2], 5), ("cores and spindles", [.cores: 4, .spindles: 3], 11),
    ("deadlock floor", [.threads: 3, .connectionsPerThread: 4], 10),
    ("deadlock floor", [.threads: 20, .connectionsPerThread: 1], 1),
    ("share of users", [.users: 500], 50), ("CPU count", [.cores: 8], 32), ("CPU count", [.cores: 2], 20),
    ("CPU count", [.cores: 64], 100), ("memory ceiling", [.serverMemory: 8e9], 200),
    ("memory ceiling", [.serverMemory: 8e9, .backendMemory: 2e6], 1000),
  ]

  @Test(arguments: results) func `each formula gives its number of connections`(
    name: String, typed: [SizingTerm: Double], size: Double
  ) throws {
    let result = try Self.formula(name, typed)
    guard case .connections(let value) = result.outcome else {
      Issue.record("\(result)")
      return
    }
    #expect(abs(value / size - 1) < 1e-3)
  }

  private static let gaps: [(name: String, typed: [SizingTerm: Double], lacks: [SizingTerm])] = [
    ("Little's law", [:], [.rate, .serviceTime]), ("Little's law", [.users: 5, .thinkTime: 1], [.serviceTime]),
    ("Little's law", [.users: 5, .serviceTime: 1], [.rate]), ("M/M/c//N", service, [.users, .thinkTime]),
    ("M/M/c", shop, [.rate]), ("cores and spindles", [:], [.cores]),
    ("deadlock floor", [.threads: 3], [.connectionsPerThread]), ("requests over timeout", service, [.acquireTimeout]),
    ("share of users", [:], [.users]), ("CPU count", [:], [.cores]), ("memory ceiling", [:], [.serverMemory]),
  ]

  @Test(arguments: gaps) func `a formula says which inputs it lacks`(
    name: String, typed: [SizingTerm: Double], lacks: [SizingTerm]
  ) throws {
    #expect(try Self.formula(name, typed).outcome == .lacks(lacks))
  }

  /// 100/s x 50 ms / 100 ms is 50 of something, and not of connections.
  @Test(arguments: [
    [SizingTerm.rate: 100.0, .serviceTime: 0.05], [.users: 100, .thinkTime: 0.95, .serviceTime: 0.05],
  ])
  func `a rate that passes for a size is found by its unit`(typed: [SizingTerm: Double]) throws {
    let result = try Self.formula("requests over timeout", typed.merging([.acquireTimeout: 0.1]) { $1 })
    guard case .wrongUnit(let quantity) = result.outcome else {
      Issue.record("\(result)")
      return
    }
    #expect(abs(quantity.value - 50) < 1e-9 && quantity.dimension.text == "connections/s")
    #expect(result.size == nil && result.note.contains("that is 1/s") && result.note.contains("Little's law, 5.0"))
  }

  @Test func `a share of users is a think time in disguise`() throws {
    let note = try Self.formula("share of users", Self.shop).note
    // Z = 9 S; a pool of exactly the 50 that would be busy has no room.
    for text in ["0.436 s", "with 0.85 s it is 0.0539", "97.5 % in use"] { #expect(note.contains(text), "\(note)") }
  }

  private static let answers: [(typed: [SizingTerm: Double], range: ClosedRange<Int>?)] = [
    (shop, 34...48), (service, 10...16),
    (shop.merging([.maxConnections: 43]) { $1 }, 34...40),
    (shop.merging([.serverMemory: 1.52e9]) { $1 }, 34...38),
    (shop.merging([.threads: 10, .connectionsPerThread: 5]) { $1 }, 41...48),
    (shop.merging([.threads: 50, .connectionsPerThread: 3]) { $1 }, 101...101),
    (shop.merging([.maxConnections: 30]) { $1 }, nil),
    ([.users: 7, .thinkTime: 0, .serviceTime: 0.05], nil),
  ]

  @Test(arguments: answers) func `the answer is a range between what is enough and what fits`(
    typed: [SizingTerm: Double], range: ClosedRange<Int>?
  ) throws {
    let advice = try SizingAdvice(Self.inputs(typed))
    #expect(advice.range == range)
    #expect(!advice.reasons.isEmpty && !advice.caveats.isEmpty && !advice.forecasts.isEmpty)
    #expect(range == nil || advice.forecasts.contains { $0.size == range?.lowerBound })
  }

  @Test func `500 users with a pause of 0.85 s: 27 busy, 30 to 35 are enough, and the review's 10 was right`() throws {
    let shop = try SizingAdvice(Self.inputs(Self.shop))
    #expect(abs(shop.busy - 26.9) < 0.1 && (30...35).contains(shop.range?.lowerBound ?? 0))
    let service = try SizingAdvice(Self.inputs(Self.service), shown: [10])
    let ten = try #require(service.forecasts.first { $0.size == 10 })
    #expect(service.busy == 5 && abs(ten.waitShare - 0.036) < 0.0005)
  }

  @Test func `what does not fit is said with both numbers`() throws {
    let advice = try SizingAdvice(Self.inputs(Self.shop.merging([.maxConnections: 30]) { $1 }))
    #expect(advice.reasons[1].hasPrefix("34 are needed") && advice.reasons[2].hasPrefix("Only 27 fit"))
  }

  private static let incomplete: [(typed: [SizingTerm: Double], missing: @Sendable (SizingAdvice.Missing) -> Bool)] = [
    ([:], { $0 == .serviceTime }), ([.rate: 5], { $0 == .serviceTime }), ([.serviceTime: 1], { $0 == .demand }),
    ([.serviceTime: 1, .thinkTime: 1], { $0 == .demand }),
    ([.users: 1e18, .thinkTime: 1, .serviceTime: 1], { $0 == .tooMany(users: 1e18) }),
    ([.rate: 1e9, .serviceTime: 1], { $0 == .tooBusy(1e9) }),
    (
      [.users: 500, .serviceTime: 0.04],
      { if case .thinkTime(500, 30, let few, 0.1, let many) = $0 { few < 10 && many > 150 } else { false } }
    ),
  ]

  @Test(arguments: incomplete) func `without a demand there is no size`(
    typed: [SizingTerm: Double], missing: @Sendable (SizingAdvice.Missing) -> Bool
  ) {
    let error = #expect(throws: SizingAdvice.Missing.self) { try SizingAdvice(Self.inputs(typed)) }
    #expect(error.map(missing) == true, "\(String(describing: error))")
  }

  @Test func `typed stands before measured, and measured before assumed; each keeps its mark`() throws {
    let run = RunID(12)
    var measured = Self.inputs([.serviceTime: 0.05, .rate: 413, .cores: 2, .backendMemory: 2e6], .measured(run))
    measured[.users] = SizingInput(500, .stated(run))
    measured[.thinkTime] = SizingInput(0.85, .stated(run))
    let plain = measured.completed
    #expect(plain[.backendMemory]?.origin == .measured(run) && plain[.users]?.origin == .stated(run))
    #expect({ if case .assumed(let source)? = plain[.spindles]?.origin { source.contains("wiki") } else { false } }())
    let typed = measured.overridden(by: Self.inputs([.serviceTime: 0.04, .rate: 300])).completed
    #expect(typed[.serviceTime] == SizingInput(0.04, .given) && typed[.rate] == SizingInput(300, .given))
    #expect(typed[.users] == nil && typed[.thinkTime] == nil, "a typed rate replaces the run's users")
    let users = measured.overridden(by: Self.inputs([.users: 900]))
    #expect(users[.rate] == nil && users[.thinkTime]?.origin == .stated(run) && users[.users]?.origin == .given)
    guard case .assumed(let source)? = SizingInputs().completed[.backendMemory]?.origin else {
      Issue.record("the rule of thumb is not marked")
      return
    }
    #expect(source.contains("rule of thumb 5-10 MB"))
  }

  private static let cores: [(typed: [SizingTerm: Double], says: String)] = [
    ([.cores: 2], "2 cores carry 556.5 requests/s only if a request computes for less than 3.59 ms of its 48.4 ms"),
    ([.cores: 2, .cpuPerRequest: 0.0004], "need 0.22 of 2 cores (11.1 %)."),
    ([.cores: 2, .cpuPerRequest: 0.01], "no pool size helps"),
  ]

  @Test(arguments: cores) func `whether the cores can do the work is said`(
    typed: [SizingTerm: Double], says: String
  ) throws {
    let advice = try SizingAdvice(Self.inputs(Self.shop.merging(typed) { $1 }))
    #expect(advice.caveats.contains { $0.contains(says) }, "\(advice.caveats)")
  }
}
