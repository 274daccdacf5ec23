import Evidence
import Model

/// What a run says of the long term: drifts with their intervals, and whether connections were replaced.
struct EnduranceSection {
  let endurance: Endurance

  static let heading = "Over the run"

  func text(_ style: Style) -> String {
    endurance.stretches.map { stretch in
      var parts = [style.paragraph(Self.head(stretch), indent: 2)]
      if !stretch.drifts.isEmpty { parts.append(Self.table(stretch, inks: true).text(style)) }
      parts += Self.remarks(stretch).map { style.paragraph($0, indent: 2) }
      return parts.joined(separator: "\n")
    }.joined(separator: "\n")
  }

  var markdown: [String] {
    endurance.stretches.flatMap { stretch in
      [Self.head(stretch)] + (stretch.drifts.isEmpty ? [] : [Self.table(stretch, inks: false).markdown()])
        + Self.remarks(stretch).map(Markdown.escaped)
    }
  }

  var html: [HTML] {
    endurance.stretches.flatMap { stretch -> [HTML] in
      var table = HTMLTable(
        "How quantities moved over the run, with 95 % intervals", look: "figures",
        [
          .init("quantity"), .init("at first", right: true), .init("at last", right: true),
          .init("per hour", right: true), .init("finding"),
        ])
      for drift in stretch.drifts {
        let row = Self.words(drift)
        table.row([
          .init(row.name), .init(row.first), .init(row.last),
          .init([
            HTML(row.perHour), row.interval.isEmpty ? "" : .element("span", ["class": "range"], [HTML(row.interval)]),
          ]),
          .init(row.finding, Self.ink(drift.verdict).look),
        ])
      }
      return [.element("p", Self.head(stretch))] + (stretch.drifts.isEmpty ? [] : [table.html])
        + Self.remarks(stretch).map { .element("p", ["class": "soft"], [HTML($0)]) }
    }
  }

  private static func head(_ stretch: Endurance.Stretch) -> String {
    let length = "\(Phrases.time(.seconds(stretch.seconds))) at a stretch"
    let cut = stretch.status == .finished ? "" : ", \(stretch.status == .aborted ? "cut off" : "still running")"
    let short = stretch.isLongEnough ? "" : ": too short to tell a drift, which takes half an hour"
    return length.capitalised + cut + short + "."
  }

  private static func table(_ stretch: Endurance.Stretch, inks: Bool) -> TextTable {
    var table = TextTable([
      .init(""), .init("at first", right: true), .init("at last", right: true), .init("per hour", right: true),
      .init("95 % interval", right: true), .init("finding"),
    ])
    for drift in stretch.drifts {
      let row = words(drift)
      table.row([
        .init(row.name), .init(row.first), .init(row.last), .init(row.perHour),
        .init(row.interval.isEmpty ? "-" : row.interval), .init(row.finding, inks ? ink(drift.verdict) : .plain),
      ])
    }
    return table
  }

  private static func words(
    _ drift: Drift
  ) -> (name: String, first: String, last: String, perHour: String, interval: String, finding: String) {
    let metric = drift.quantity.metric
    let value = { (value: Double) in value.isFinite ? metric.text(value) : "timeout" }
    return (
      drift.quantity.title, value(drift.first), value(drift.last), drift.perHour.map { change(drift, $0) } ?? "-",
      drift.interval.map { range(drift, $0) } ?? "", finding(drift)
    )
  }

  private static func change(_ drift: Drift, _ change: Double) -> String {
    if drift.isRelative { return Phrases.signedPercent(change) }
    let text = drift.quantity == .errors ? fixed(change * 100, places: 2) + " points" : fixed(change, places: 1)
    return change > 0 ? "+" + text : text
  }

  /// The unit stands once.
  private static func range(_ drift: Drift, _ interval: ClosedRange<Double>) -> String {
    let (low, high) = (change(drift, interval.lowerBound), change(drift, interval.upperBound))
    return "\(low.split(separator: " ").first ?? "") to \(high)"
  }

  private static func finding(_ drift: Drift) -> String {
    let note = drift.note.isEmpty ? "" : ": \(drift.note)"
    switch drift.verdict {
    case .jumped:
      guard let jump = drift.jump else { return drift.verdict.rawValue }
      return "jumped by \(change(drift, jump.change)) after \(jump.second / 60) min"
    case .changed: return "changed, gradually or at one moment"
    case .steady, .drifts, .cannotTell: return drift.verdict.rawValue + note
    }
  }

  private static func ink(_ verdict: Drift.Verdict) -> Style.Ink {
    switch verdict {
    case .steady: .good
    case .drifts, .jumped, .changed: .warning
    case .cannotTell: .plain
    }
  }

  private static func remarks(_ stretch: Endurance.Stretch) -> [String] {
    var remarks = stretch.recycling.map { [recycling($0)] } ?? []
    if stretch.drifts.contains(where: { $0.verdict == .steady }) {
      remarks.append(
        "Steady: the change over the whole stretch lies within 5 % (failures: 0.2 points), with its interval.")
    }
    return remarks
  }

  /// `Recycling works: 81 connections closed of 101 opened; 80 to 82 were opened longer ago than max_lifetime 15m ...`
  private static func recycling(_ recycling: Recycling) -> String {
    let closed = "\(Phrases.count(recycling.closed, "connection")) closed of \(recycling.opened) opened"
    let oldest = recycling.oldest.map { "; oldest session seen \(Phrases.time(.ofSeconds($0)))" } ?? ""
    let early =
      recycling.early > 0
      ? "; at least \(recycling.early) closed younger than that (idle_timeout \(recycling.idleTimeout?.text ?? "none"), or broken)"
      : ""
    guard let lifetime = recycling.lifetime?.text else { return "Recycling: max_lifetime is none; \(closed)\(oldest)." }
    let due =
      recycling.due.lowerBound == recycling.due.upperBound
      ? "\(recycling.due.lowerBound)" : "\(recycling.due.lowerBound) to \(recycling.due.upperBound)"
    switch recycling.verdict {
    case .unlimited, .works:
      return "Recycling works: \(closed); \(due) were opened longer ago than max_lifetime \(lifetime)\(early)\(oldest)."
    case .outlived:
      return
        "Recycling does not keep to max_lifetime \(lifetime): at least \(recycling.overdue) outlived it; \(closed), where \(due) were opened longer ago\(oldest)."
    case .notDue:
      return "Recycling: no connection had to be replaced yet (max_lifetime \(lifetime)); \(closed)\(early)\(oldest)."
    }
  }

  var json: JSONValue {
    .array(
      endurance.stretches.map { stretch in
        [
          "block": .integer(stretch.position), "status": .string(stretch.status.rawValue),
          "seconds": .integer(stretch.seconds), "long_enough": .bool(stretch.isLongEnough),
          "drifts": .array(stretch.drifts.map(Self.json)), "recycling": stretch.recycling.map(Self.json) ?? nil,
        ]
      })
  }

  private static func json(_ drift: Drift) -> JSONValue {
    [
      "quantity": .string(drift.quantity.rawValue), "verdict": .string(drift.verdict.rawValue),
      "first": .number(drift.first), "last": .number(drift.last),
      "per_hour": JSONValue(drift.perHour), "interval": JSONValue(drift.interval), "relative": .bool(drift.isRelative),
      "jump": drift.jump.map { ["second": .integer($0.second), "change": .number($0.change)] } ?? nil,
      "parts": .integer(drift.parts), "note": .string(drift.note),
    ]
  }

  private static func json(_ recycling: Recycling) -> JSONValue {
    [
      "verdict": .string(recycling.verdict.rawValue), "opened": .integer(recycling.opened),
      "closed": .integer(recycling.closed),
      "due": [.integer(recycling.due.lowerBound), .integer(recycling.due.upperBound)],
      "overdue": .integer(recycling.overdue), "early": .integer(recycling.early),
      "oldest_session": JSONValue(recycling.oldest),
    ]
  }
}
