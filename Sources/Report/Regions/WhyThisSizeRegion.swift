import Advice
import Evidence
import Model

/// The sizing sum, line by line with its units, and what the model says of the sizes that were in question.
package enum WhyThisSizeRegion: RunbookRegion {
  package static let name = "why-this-size"
  package static let summary =
    "the sizing sum with units, from the measured service time, and what it does not know"

  package static func content(_ evidence: RunbookEvidence) -> RunbookDocument.Content {
    guard let sizing = evidence.sizing else { return .missing("no run measured the service time") }
    return markdownBlocks([
      conclusion(evidence, sizing), sum(sizing, evidence).markdown(),
      "What the model says of each size, from the service time of \(sizing.input.serviceRun). "
        + "These are predictions; the table before and after holds what was measured.",
      candidates(sizing).markdown(),
      "What this sum does not know (\(sizing.input.serviceRun), \(evidence.execution.id)):",
      markdownList(sizing.caveats.map(Markdown.escaped)),
    ])
  }

  private static func conclusion(_ evidence: RunbookEvidence, _ sizing: Sizing) -> String {
    let chosen = evidence.experiment.settings(of: .retest).maxSize
    let busy = "\(fixed(sizing.busy, places: 1)) connections are busy on average (\(sizing.input.serviceRun))"
    guard let recommended = sizing.recommended else {
      return "By Little's law \(busy). No size keeps the limits for this load: it needs faster statements."
    }
    let room =
      switch chosen - recommended {
      case 0: "That is the size chosen here."
      case let more where more > 0:
        "The \(chosen) chosen here (\(evidence.after.run.id)) are \(more) more: room for a load that grows, paid for "
          + "with the memory of \(more) more backends\(memory(evidence))."
      case let less: "The \(chosen) chosen here (\(evidence.after.run.id)) are \(-less) fewer: the measurement decides."
      }
    return "By Little's law \(busy), and \(recommended) connections are the fewest that keep the limits below. \(room)"
  }

  private static func memory(_ evidence: RunbookEvidence) -> String {
    evidence.cited(.backendMemory, evidence.after, interval: false).map { ", each \($0)" } ?? ""
  }

  private static func sum(_ sizing: Sizing, _ evidence: RunbookEvidence) -> TextTable {
    var table = TextTable([.init("quantity"), .init("value", right: true), .init("how"), .init("from")])
    for line in sizing.lines {
      table.row([
        .init(line.term), .init("\(decimal(line.value, places: line.unit == "s" ? 4 : 1)) \(line.unit)"),
        .init(line.formula), .init(source(line.source, evidence)),
      ])
    }
    return table
  }

  private static func source(_ source: Sizing.Source, _ evidence: RunbookEvidence) -> String {
    switch source {
    case .measured(let run): "measured (\(run))"
    case .given: "the load of the experiment (\(evidence.execution.id))"
    case .computed: "computed"
    case .rule(let name): name
    }
  }

  private static func candidates(_ sizing: Sizing) -> TextTable {
    var table = TextTable([
      .init("size", right: true), .init("in use", right: true), .init("throughput", right: true),
      .init("mean wait", right: true), .init("response p95", right: true), .init("give up", right: true),
      .init("predicted from \(sizing.input.serviceRun)"),
    ])
    for candidate in sizing.candidates {
      table.row([
        .init("\(candidate.size)"), .init(Metric.poolUtilisation.text(candidate.utilisation)),
        .init(Metric.throughput.text(candidate.throughput)), .init(Metric.wait(50).text(candidate.meanWait)),
        .init(Metric.latency(95).text(candidate.responseP95)),
        .init(candidate.timeoutShare.map(Metric.errorRate.text) ?? "-"),
        .init(candidate.size == sizing.recommended ? "the fewest that keep the limits" : ""),
      ])
    }
    return table
  }
}
