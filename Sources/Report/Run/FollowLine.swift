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

  /// The columns stay where they are from line to line. Where the terminal is too narrow for all, idle connections go first,
  /// then those at work: the waiting tell of both.
  package func text(_ style: Style) -> String {
    let clock = (second.second < 0 ? "-" : "") + ProgressLine.clock(.seconds(abs(second.second)))
    let p95 = second.p95.map(Metric.latency(95).text) ?? "-"
    let place = second.second < 0 ? "warm-up" : "pair \(block.pair + 1)"
    let errors = Column(Phrases.count(second.failed, "error"), 9, second.failed > 0 ? .bad : .plain)
    var columns = [
      Column(text: place + String(repeating: " ", count: max(0, 7 - place.columns))), Column(clock, 6),
      Column(Metric.throughput.text(Double(second.answered)), 11), Column(p95, 8, name: "p95"), errors,
    ]
    if let active = second.active { columns.append(Column(fixed(active, places: 0), 4, name: "active", rank: 1)) }
    if let idle = second.idle { columns.append(Column(fixed(idle, places: 0), 4, name: "idle", rank: 2)) }
    if let waiting = second.waiting {
      columns.append(Column(fixed(waiting, places: 0), 4, name: "waiting", waiting >= 1 ? .warning : .plain))
    }
    for least in [2, 1] where Column.width(columns) >= style.width { columns.removeAll { $0.rank == least } }
    return columns.map { style.paint($0.text, $0.ink) }.joined(separator: Column.gap)
  }

  private struct Column {
    var text: String
    var ink = Style.Ink.plain
    /// 0 is never left out; the largest goes first.
    var rank = 0
    static let gap = "  "

    init(text: String) { self.text = text }

    /// `active    3`: the value at the right end of its place.
    init(_ value: String, _ width: Int, name: String = "", _ ink: Style.Ink = .plain, rank: Int = 0) {
      let blanks = String(repeating: " ", count: max(0, width - value.columns))
      text = name + (name.isEmpty ? "" : " ") + blanks + value
      self.ink = ink
      self.rank = rank
    }

    static func width(_ columns: [Column]) -> Int {
      columns.reduce(gap.columns * max(0, columns.count - 1)) { $0 + $1.text.columns }
    }
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
