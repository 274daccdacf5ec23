import Evidence
import Model

/// What some loads have beside the figures of all: transactions or steps apart, visits, breaking points, recoveries.
struct RunPartsReport {
  private let figures: RunFigures
  private let recoveries: [SpikeRecovery]

  init(_ figures: RunFigures, _ recoveries: [SpikeRecovery]) {
    self.figures = figures
    self.recoveries = recoveries
  }

  private var noun: String { figures.flows == nil ? "Transactions" : "Steps" }

  func sections(_ style: Style) -> [String] {
    let parts = figures.parts.isEmpty ? nil : style.heading(noun) + "\n" + partTable.text(style)
    let flow = figures.flows.map { style.heading("Visits of the flow") + "\n" + visits($0).text(style) }
    let breaking =
      figures.breakingPoints.isEmpty ? nil : style.heading("Breaking points") + "\n" + breakingTable.text(style)
    let recovery =
      recoveries.isEmpty ? nil : style.heading("Recovery from the spike") + "\n" + recoveryTable.text(style)
    return [parts, flow, breaking, recovery].compactMap { $0 }
  }

  private var partTable: TextTable {
    var table = TextTable([
      .init(figures.flows == nil ? "transaction" : "step"), .init("finished", right: true),
      .init("failed", right: true),
      .init("p50", right: true), .init("p95", right: true),
    ])
    for part in figures.parts {
      table.row([
        .init(part.name), .init(Phrases.grouped(part.finished)),
        .init(part.failureShare.map(Metric.errorRate.text) ?? "-", part.failed == 0 ? .plain : .bad),
        .init(Self.time(part.p50)), .init(Self.time(part.p95)),
      ])
    }
    return table
  }

  private static func time(_ seconds: Double?) -> String { seconds.map(Metric.latency(50).text) ?? "-" }

  /// The counts add up: started, and under way at the start, = completed + failed + under way at the end.
  private func visits(_ flows: FlowFigures) -> TextTable {
    var table = TextTable([.init(""), .init("", right: true)])
    table.row(["under way at the start", .init(Phrases.grouped(flows.underWayAtStart))])
    table.row(["started", .init(Phrases.grouped(flows.counts.started))])
    table.row(["completed", .init(Phrases.grouped(flows.counts.completed))])
    table.row(["failed", .init(Phrases.grouped(flows.counts.failed), flows.counts.failed == 0 ? .plain : .bad)])
    table.row(["under way at the end", .init(Phrases.grouped(flows.underWay))])
    return table
  }

  private var breakingTable: TextTable {
    var table = TextTable([
      .init("block", right: true), .init("users that held", right: true), .init("first that did not", right: true),
      .init("which showed"),
    ])
    for (number, point) in figures.breakingPoints.enumerated() {
      table.row([
        .init("\(number + 1)"), .init(point.held == 0 ? "none" : "\(point.held)"),
        .init(point.broke.map { "\($0)" } ?? "all held"), .init(Self.reason(point)),
      ])
    }
    return table
  }

  private static func reason(_ point: BreakingPoint) -> String {
    guard let value = point.value, let metric = (try? Condition(parsing: point.condition))?.metric else {
      return point.condition
    }
    return "\(point.condition): \(metric.text(value))"
  }

  private var recoveryTable: TextTable {
    var table = TextTable([
      .init("block", right: true), .init("usual p95", right: true), .init("worst p95", right: true),
      .init("most waiting", right: true), .init("back after the fall"),
    ])
    for (number, recovery) in recoveries.enumerated() {
      table.row([
        .init("\(number + 1)"), .init(Self.time(recovery.usualP95)), .init(Self.time(recovery.worstP95)),
        .init(Phrases.grouped(recovery.mostWaiting)),
        .init(
          recovery.seconds.map { $0 == 0 ? "at once" : "\($0) s" } ?? "not within the block",
          recovery.seconds == nil ? .bad : .plain),
      ])
    }
    return table
  }

  /// Only what the load has.
  var json: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if !figures.parts.isEmpty {
      members.append(.init(key: "transactions", value: .array(figures.parts.map(Self.json))))
    }
    if let flows = figures.flows {
      members.append(
        .init(
          key: "visits",
          value: [
            "under_way_at_start": .integer(flows.underWayAtStart), "started": .integer(flows.counts.started),
            "completed": .integer(flows.counts.completed), "failed": .integer(flows.counts.failed),
            "under_way": .integer(flows.underWay),
          ]))
    }
    if !figures.breakingPoints.isEmpty {
      members.append(.init(key: "breaking_points", value: .array(figures.breakingPoints.map(Self.json))))
    }
    if !recoveries.isEmpty {
      members.append(.init(key: "recoveries", value: .array(recoveries.map(Self.json))))
    }
    return members
  }

  private static func json(_ part: PartFigures) -> JSONValue {
    [
      "name": .string(part.name), "completed": .integer(part.completed), "failed": .integer(part.failed),
      "p50": JSONValue(part.p50), "p95": JSONValue(part.p95),
    ]
  }

  private static func json(_ point: BreakingPoint) -> JSONValue {
    [
      "held": .integer(point.held), "broke": JSONValue(point.broke), "condition": .string(point.condition),
      "value": JSONValue(point.value),
    ]
  }

  private static func json(_ recovery: SpikeRecovery) -> JSONValue {
    [
      "usual_p95": JSONValue(recovery.usualP95), "worst_p95": JSONValue(recovery.worstP95),
      "most_waiting": .integer(recovery.mostWaiting), "seconds": JSONValue(recovery.seconds),
    ]
  }
}
