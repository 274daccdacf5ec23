import Advice
import Model
import Testing

@Suite struct SizingTests {
  private static func input(
    users: Int = 500, think: Double = 0.85, service: Double = 0.0484, timeout: Double? = 0.34, cores: Int? = 2
  ) -> Sizing.Input {
    Sizing.Input(
      users: users, thinkTime: think, serviceMean: service, serviceRun: RunID(12), acquireTimeout: timeout,
      cores: cores)
  }

  @Test func `500 users at 0.85 s and 48.4 ms need 27 busy connections and 30 to 35 in all`() throws {
    let sizing = try #require(Sizing(Self.input(), sizes: [20, 50]))
    #expect(abs(sizing.busy - 26.9) < 0.1)
    let recommended = try #require(sizing.recommended)
    #expect((30...35).contains(recommended))
    #expect(sizing.candidates.map(\.size) == [5, 20, recommended, 50])
  }

  /// METHODS 0 and 4: closed forms, and the simulation's timeouts at 0.33 s (2.5 %) and 0.35 s (1.5 %), within a factor of two.
  @Test(arguments: [
    (20, 0.485, 0.01...0.05), (30, 0.151, 0.0...1e-6), (50, 0.145, 0.0...1e-9),
  ]) func `sizes give the known percentiles and timeouts`(
    size: Int, p95: Double, timeouts: ClosedRange<Double>
  ) throws {
    let sizing = try #require(Sizing(Self.input(), sizes: [size]))
    let candidate = try #require(sizing.candidates.first { $0.size == size })
    #expect(abs(candidate.responseP95 / p95 - 1) < 0.01)
    #expect(timeouts.contains(try #require(candidate.timeoutShare)))
  }

  @Test(arguments: [(20, 1.0), (100, 0.3), (2000, 5.0)])
  func `the recommended size is the smallest that keeps the limits`(users: Int, think: Double) throws {
    let input = Self.input(users: users, think: think, service: 0.05)
    let recommended = try #require(Sizing(input)?.recommended)
    let sizing = try #require(Sizing(input, sizes: [recommended - 1]))
    let keeps = sizing.candidates.prefix { $0.size <= recommended }.suffix(2).map {
      $0.utilisation < Sizing.mostUtilisation && $0.longWaitShare <= Sizing.mostLongWaits
        && ($0.timeoutShare ?? 0) <= Sizing.mostTimeouts
    }
    #expect(keeps == [false, true])
  }

  @Test func `users without pause keep every connection busy, so no size is recommended`() {
    #expect(Sizing(Self.input(users: 7, think: 0))?.recommended == nil)
  }

  @Test(arguments: [(0, 0.85, 0.05), (5, -1, 0.05), (5, 1, 0), (5, 1, .nan)])
  func `nonsense gives no sizing`(users: Int, think: Double, service: Double) {
    #expect(Sizing(Self.input(users: users, think: think, service: service)) == nil)
  }

  @Test func `every line says its unit and where it comes from`() throws {
    let sizing = try #require(Sizing(Self.input()))
    let text = sizing.lines.map { line in
      "\(line.term): \(decimal(line.value, places: 2)) \(line.unit)"
        + (line.formula.isEmpty ? "" : " = \(line.formula)")
    }
    #expect(
      text == [
        "users: 500 users", "think time: 0.85 s", "service time: 0.05 s",
        "throughput needed: 556.54 /s = 500 users / (0.85 s + 0.0484 s)",
        "busy connections: 26.94 connections = 556.5 /s x 0.0484 s (Little's law)",
        "size for the utilisation limit: 33.67 connections = 26.9 / 0.8",
        "recommended size: 34 connections = smallest below 80 % utilisation, with at most 1 % waiting over 24.2 ms",
        "starting point for a database bound by its cores: 5 connections = 2 cores x 2 + 1",
      ])
    #expect(sizing.lines[2].source == .measured(RunID(12)))
    #expect(sizing.caveats.contains { $0.contains("5 connections would not carry") })
  }
}
