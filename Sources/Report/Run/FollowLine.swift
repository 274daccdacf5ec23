import Evidence
import Model

/// One second of a run that is being measured, as one line.
package struct FollowLine: Sendable {
  private let second: RunSeries.Second
  private let block: Block
  private let due: Int

  /// - Parameter pool: what an app tells of its own is not part of a slice.
  package init(_ slice: Slice, of block: Block, pool: PoolUnderLoad = .own) {
    second = RunSeries.Second(slice, pool: pool)
    due = slice.due
    self.block = block
  }

  /// The columns stay where they are from line to line.
  package func text(_ style: Style) -> String {
    let clock = (second.second < 0 ? "-" : "") + ProgressLine.clock(.seconds(abs(second.second)))
    let p95 = second.p95.map(Metric.latency(95).text) ?? "-"
    let errors = Phrases.count(second.failed, "error")
    var parts = [
      "pair \(block.pair + 1)", right(clock, 7), right(Metric.throughput.text(Double(second.answered)), 11),
      "p95 " + right(p95, 8), style.paint(right(errors, 9), second.failed > 0 ? .bad : .plain),
    ]
    if let active = second.active { parts.append("active " + right(fixed(active, places: 0), 4)) }
    if let idle = second.idle { parts.append("idle " + right(fixed(idle, places: 0), 4)) }
    if let waiting = second.waiting {
      parts.append(style.paint("waiting " + right(fixed(waiting, places: 0), 4), waiting >= 1 ? .warning : .plain))
    }
    return parts.joined(separator: "  ") + (second.second < 0 ? "  warm-up" : "")
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.columns)) + text
  }

  package var json: JSONValue {
    [
      "pair": .integer(block.pair), "position": .integer(block.position), "second": .integer(second.second),
      "due": .integer(due), "completed": .integer(second.answered), "failed": .integer(second.failed),
      "p50": JSONValue(second.p50), "p95": JSONValue(second.p95), "active": JSONValue(second.active),
      "idle": JSONValue(second.idle), "waiting": JSONValue(second.waiting),
    ]
  }
}
