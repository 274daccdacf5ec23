import Evidence
import Model

/// How long the requests of a run took, over all of them, and how far the generator can be believed.
struct RequestTimesSection {
  let times: RequestTimes

  static let heading = "Times of all requests"

  func text(_ style: Style) -> String {
    guard let table else { return "  None was recorded." }
    let notes = self.notes.map { style.paragraph($0, indent: 2) }
    return ([table.text(style)] + notes).joined(separator: "\n")
  }

  private var table: TextTable? {
    let percentiles = RequestTimes.percentiles.map { "p\(decimal($0, places: 1))" }
    var table = TextTable([.init("")] + (percentiles + ["max", "count"]).map { .init($0, right: true) })
    for (kind, name) in Self.names {
      guard let row = times[kind] else { continue }
      table.row([.init(name)] + cells(row) + [.init(Phrases.grouped(row.count))])
    }
    return table.isEmpty ? nil : table
  }

  /// The corrected and the uncorrected one side by side, then the parts.
  private static let names: [(HistogramKind, String)] = [
    (.latency, "latency"), (.service, "uncorrected"), (.wait, "wait"), (.query, "query"), (.connect, "connect"),
    (.slip, "slip"),
  ]

  private func cells(_ row: RequestTimes.Row) -> [TextTable.Cell] {
    let values = row.values.enumerated().map { index, value in
      let isCensored = index >= row.values.count - row.censored
      return TextTable.Cell((isCensored ? ">= " : "") + Self.time(value), isCensored ? .warning : .plain)
    }
    return values + [.init(Self.time(row.largest))]
  }

  private static func time(_ seconds: Double) -> String { Metric.latency(50).text(seconds) }

  private var notes: [String] {
    var notes = [
      "Latency counts from when a request was due; uncorrected from when poolops acted on it, slip later than due, which is what most tools show."
    ]
    if times.rows.contains(where: { $0.censored > 0 }) {
      notes.append(
        ">=: at or beyond a timeout, so the true value is larger, and unknown; max is of the requests that were answered."
      )
    }
    if times.warmUpSeconds > 0 {
      notes.append(
        "Warm-up is left out: \(times.warmUpSeconds) s with \(Phrases.count(times.warmUpRequests, "request")).")
    }
    if let generator { notes.append(generator) }
    if times.generatorFellBehind {
      notes.append("The load generator fell behind: this run cannot support a verdict.")
    }
    return notes
  }

  private var generator: String? {
    let late = times.lateShare.map { "\(Metric.errorRate.text($0)) of requests later than 1 ms after they were due" }
    let busy = times.generatorCPU.map { "used \(Metric.serverCPU.text($0)) of its core" }
    let words = [late.map { "acted on \($0)" }, busy].compactMap { $0 }
    return words.isEmpty ? nil : "The load generator " + words.joined(separator: ", and ") + "."
  }

  var json: JSONValue {
    [
      "rows": .array(times.rows.map(Self.json)),
      "warm_up": ["seconds": .integer(times.warmUpSeconds), "requests": .integer(times.warmUpRequests)],
      "later_than_1ms": JSONValue(times.lateShare), "generator_cpu": JSONValue(times.generatorCPU),
      "generator_fell_behind": .bool(times.generatorFellBehind),
    ]
  }

  private static func json(_ row: RequestTimes.Row) -> JSONValue {
    let names = RequestTimes.percentiles.map { "p\(decimal($0, places: 1))" }
    return .members(
      [("time", .string(row.kind.rawValue)), ("count", .integer(row.count))]
        + zip(names, row.values).map { ($0, .number($1)) }
        + [("max", .number(row.largest)), ("censored", .array(names.suffix(row.censored).map(JSONValue.string)))])
  }
}
