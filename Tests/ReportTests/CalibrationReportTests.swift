import Evidence
import Model
import TestSupport
import Testing

@testable import Report

@Suite struct CalibrationReportTests {
  private static func noise(
    _ metric: Metric, _ level: Double, _ deviation: Double, _ scale: MetricNoise.Scale = .ratio, alarm: Bool = false
  ) -> MetricNoise {
    MetricNoise(
      metric: metric, scale: scale, level: level, deviation: deviation, estimate: 0.8 * deviation, pairs: 8,
      isFalseAlarm: alarm)
  }

  private static func calibration(alarm: Bool = false, objections: [String] = []) -> Calibration {
    Calibration(
      execution: ExecutionID(experiment: "peak", number: 4), started: Timestamp(microseconds: 1_795_200_000_000_000),
      environment: "3f2a", load: "500 users", pairs: 8, blockSeconds: 20, pairSeconds: 47.5,
      noise: [
        noise(.throughput, 413.2, 0.004), noise(.errorRate, 0.021, 0.004, .absolute), noise(.latency(50), 0.1, 0.02),
        noise(.latency(95), 0.485, 0.05, alarm: alarm), noise(.latency(99.9), 0.9, 0.25),
        noise(.wait(95), 0.0004, 0.0001, .absolute), noise(.cpuPerThousand, 0.123, 0.013),
        noise(.waiting, 0.2, 0.31, .absolute, alarm: alarm), noise(.backendMemory, 5e6, 0),
      ], objections: objections)
  }

  @Test func `noise, what is seen through it, and the minutes that it takes`() {
    let report = CalibrationReport(Self.calibration())
    expectSnapshot(report.text(Style(width: 140)), "calibration.txt")
    expectSnapshot(report.text(Style(unicode: false, width: 60)), "calibration-narrow.txt")
    expectSnapshot(report.json.text, "calibration.json")
  }

  @Test func `a false alarm and an objection are told plainly`() {
    let report = CalibrationReport(Self.calibration(alarm: true, objections: ["run-20: the load generator was late"]))
    expectSnapshot(report.text(Style(width: 140)), "calibration-false-alarm.txt")
  }

  @Test func `the plan of a calibrated experiment says how many minutes are needed`() throws {
    let plan = PlanReport(try Fixtures.peak(), names: .builtin, calibration: Self.calibration())
    let line = plan.text(Style(width: 140)).split(separator: "\n").first { $0.contains("as calibrated by peak#4") }
    #expect(try #require(line).contains("10 % in p95 needs 6 pairs") && line?.contains("one of 5 % 14 (") == true)
    let none = PlanReport(try Fixtures.peak(), names: .builtin)
    #expect(!none.text(Style()).contains("calibrated"))
  }
}
