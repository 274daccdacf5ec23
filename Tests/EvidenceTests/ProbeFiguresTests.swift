import FoundationEssentials
import Model
import Testing

@testable import Evidence

@Suite struct ProbeFiguresTests {
  /// `cpu.json` of the reference values: ticks of /proc/stat before and after a minute.
  private struct Oracle: Decodable {
    let delta: [String: Double]
    let totalTicks: Double
    let busyTicks: Double
    let utilisationOfAllTicks: Double
    let stealShare: Double
    let completedRequests: Double
    let cpuSecondsPer1000Requests: Double
  }

  @Test func `counters before and after give shares and cost`() throws {
    let path = #filePath.replacing("EvidenceTests/ProbeFiguresTests.swift", with: "StatisticsTests/Oracles/cpu.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let oracle = try decoder.decode(Oracle.self, from: Data(String(contentsOfFile: path, encoding: .utf8).utf8))
    let seconds = 60.0
    let before = ProbeSample(
      second: 0,
      values: [.serverCPUSeconds: 7, .machineBusySeconds: 1e6, .machineTotalSeconds: 5e6, .machineStealSeconds: 12])
    let after = ProbeSample(
      second: seconds,
      values: [
        .serverCPUSeconds: 7 + oracle.busyTicks / 100, .machineBusySeconds: 1e6 + oracle.busyTicks / 100,
        .machineTotalSeconds: 5e6 + oracle.totalTicks / 100,
        .machineStealSeconds: 12 + (oracle.delta["steal"] ?? 0) / 100,
      ])
    let figures = ProbeFigures([before, after], seconds: Int(seconds))
    let cost = try #require(figures.serverCPUPerSecond) * seconds / oracle.completedRequests * 1000
    let computed = [figures.machineCPU, figures.serverCPU, figures.steal, cost]
    let expected = [
      oracle.utilisationOfAllTicks, oracle.utilisationOfAllTicks, oracle.stealShare, oracle.cpuSecondsPer1000Requests,
    ]
    #expect(zip(computed, expected).allSatisfy { abs(($0 ?? .nan) - $1) < 1e-9 }, "\(computed)")
  }
}
