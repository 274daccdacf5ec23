import Advice
import Model
import TestSupport
import Testing

@testable import Report

@Suite struct SizeReportTests {
  private static func inputs(_ values: [(SizingTerm, Double, SizingInput.Origin)]) -> SizingInputs {
    var inputs = SizingInputs()
    for (term, value, origin) in values { inputs[term] = SizingInput(value, origin) }
    return inputs
  }

  @Test func `from a run, with all marks`() throws {
    let run = RunID(12)
    let inputs = Self.inputs([
      (.users, 500, .stated(run)), (.thinkTime, 0.85, .stated(run)), (.serviceTime, 0.0484, .measured(run)),
      (.acquireTimeout, 0.34, .stated(run)), (.cores, 2, .measured(run)), (.backendMemory, 1_887_437, .measured(run)),
      (.cpuPerRequest, 0.000397, .measured(run)), (.maxConnections, 100, .stated(run)), (.serverMemory, 8e9, .given),
      (.threads, 10, .given), (.connectionsPerThread, 2, .given),
    ])
    let report = SizeReport(
      try SizingAdvice(inputs, shown: [20]), next: .experiment("peak"), notes: ["The pool of run-12 was full."])
    expectSnapshot(report.text(Style()), "size-run.txt")
    expectSnapshot(report.text(Style(width: 40)), "size-run-narrow.txt")
    expectSnapshot(report.json.text, "size-run.json")
  }

  @Test func `typed: a rate at which a pool of five has no end of waiting`() throws {
    let inputs = Self.inputs([(.rate, 100, .given), (.serviceTime, 0.05, .given), (.acquireTimeout, 0.1, .given)])
    let report = SizeReport(try SizingAdvice(inputs), next: .anyExperiment)
    expectSnapshot(report.text(Style()), "size-rate.txt")
    #expect(report.json.text.contains("\"mean_wait_s\": null"), "JSON has no infinity")
  }

  @Test func `nothing fits`() throws {
    let inputs = Self.inputs([
      (.users, 500, .given), (.thinkTime, 0.85, .given), (.serviceTime, 0.0484, .given), (.maxConnections, 30, .given),
    ])
    let text = SizeReport(try SizingAdvice(inputs), next: .anyExperiment).text(Style())
    for part in ["No size fits", "34 are needed", "Only 27 fit", "make statements faster"] {
      #expect(text.contains(part), "\(text)")
    }
  }
}
