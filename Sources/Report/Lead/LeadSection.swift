import Model
import Monitor

/// When an alert fired and when the first request failed, of one run.
struct LeadSection: Sendable {
  static let heading = "Early warning"

  let times: LeadTimes
  let run: RunID

  private var timeout: String { times.rule.acquireTimeout?.text ?? "unlimited" }

  private var columns: [TextTable.Column] {
    [.init("what"), .init("at (\(run))", right: true), .init("before the failure", right: true)]
  }

  private var rows: [[TextTable.Cell]] {
    let error = times.failure.map { ", \($0.error.word)" } ?? ""
    return [
      firing(.warning, share: times.rule.warnAt), firing(.alert, share: times.rule.alertAt),
      [.init("first failed request\(error)"), moment(times.failure?.second), .init("")],
    ]
  }

  var table: TextTable {
    var table = TextTable(columns)
    for row in rows { table.row(row) }
    return table
  }

  private func firing(_ level: WarningLevel, share: Double) -> [TextTable.Cell] {
    let place = "oldest wait of \(decimal(share * 100, places: 1)) % of \(timeout)"
    let lead = times.lead(of: level)
    return [
      .init("\(level.word): \(place)"), moment(times.firing(of: level)),
      .init(lead.map { LeadTimes.text($0) } ?? "-", lead.map { $0 > 0 ? .plain : .bad } ?? .plain),
    ]
  }

  private func moment(_ second: Double?) -> TextTable.Cell { .init(second.map(LeadTimes.text) ?? "never") }

  /// How it was measured, and what did not go as it should.
  var notes: [String] {
    let apart = times.longestGap.map { ", at most \(LeadTimes.text($0)) apart" } ?? ""
    let age =
      switch times.age {
      case .told: "it told how long its oldest waiter had waited"
      case .inferred: "how long its oldest waiter had waited was inferred"
      case .untold: "it did not tell who waits"
      }
    let samples = times.samples == 1 ? "once" : "\(Phrases.grouped(times.samples)) times"
    var notes = [
      "The pool was looked at \(samples), every \(times.rule.interval.text)\(apart); \(age) (\(run))."
    ]
    if times.falseAlarms > 0 {
      notes.append("\(Phrases.count(times.falseAlarms, "earlier alert")) ended before a request failed (\(run)).")
    }
    return notes
  }

  /// With the sentence that says what it comes to.
  func summary(_ style: Style) -> String {
    style.paragraph(times.sentence(of: run) + ".", indent: 2) + "\n" + text(style)
  }

  func text(_ style: Style) -> String {
    ([table.text(style)] + notes.map { style.paragraph($0, indent: 2) }).joined(separator: "\n")
  }

  /// The same for a page.
  var html: [HTML] {
    var table = HTMLTable("When the alert fired, and when the first request failed", columns)
    for row in rows { table.row(row.map { .init($0.text, $0.ink.look) }) }
    return [table.html] + notes.map { .element("p", ["class": "soft"], [HTML($0)]) }
  }

  var json: JSONValue {
    [
      "run": .string("\(run)"), "finding": .string(times.finding.word),
      "acquire_timeout_seconds": JSONValue(times.rule.acquireTimeout?.seconds),
      "sample_seconds": .number(times.rule.interval.seconds), "warn_at": .number(times.rule.warnAt),
      "alert_at": .number(times.rule.alertAt), "warning_seconds": JSONValue(times.firing(of: .warning)),
      "alert_seconds": JSONValue(times.firing(of: .alert)), "failure_seconds": JSONValue(times.failure?.second),
      "error": JSONValue(times.failure?.error.word), "warning_lead_seconds": JSONValue(times.lead(of: .warning)),
      "lead_seconds": JSONValue(times.lead(of: .alert)), "guaranteed_seconds": JSONValue(times.guaranteed),
      "guarantee_kept": times.keepsGuarantee.map(JSONValue.bool) ?? nil, "age": .string(times.age.rawValue),
      "samples": .integer(times.samples), "longest_gap_seconds": JSONValue(times.longestGap),
      "false_alarms": .integer(times.falseAlarms), "timeouts_told": JSONValue(times.timeouts),
      "levels": .array(
        times.changes.map { ["seconds": .number($0.second), "level": .string($0.level.word)] }),
    ]
  }
}

extension LeadFinding {
  fileprivate var word: String {
    switch self {
    case .led: "led"
    case .late: "late"
    case .silent: "silent"
    case .nothingFailed: "nothing_failed"
    case .otherCause: "other_cause"
    }
  }
}
