import Advice
import Configuration
import Model

extension AuditReport {
  /// Keys are only ever added; docs/audit.md describes them.
  package var json: JSONValue {
    [
      "verdict": .string(verdict.status.verdictWord), "exit": .integer(Int(verdict.status.rawValue)),
      "fail_on": .string(verdict.threshold.rawValue),
      "counts": .members(
        Finding.Severity.allCases.reversed().map { ($0.rawValue, .integer(verdict.count($0))) }
          + [("suppressed", .integer(suppressed.count))]),
      "findings": .array(findings.map { .members(Self.members($0)) }),
      "suppressed": .array(suppressed.map(Self.json)),
      "budgets": .array(budgets.map { BudgetReport($0, live: nil).json }),
      "live": Self.json(live), "expected": .array(expectations.map(Self.json)),
      "remarks": .array(
        remarks.map {
          .members(
            Self.members($0.place) + [("weight", $0.weight == .fault ? "fault" : "notice"), ("text", .string($0.text))])
        }),
      "notes": .array(notes.map(JSONValue.string)),
      "not_seen": .array(
        verdict.gaps.map {
          .members(Self.members($0.place) + [("text", .string($0.text)), ("remedy", JSONValue($0.remedy))])
        }),
      "read": .array(read.map { ["file": .string($0.path), "format": .string($0.note)] }),
      "not_read": .array(notRead.map { ["file": .string($0.path), "reason": .string($0.note)] }), "next": .string(next),
    ]
  }

  private static func members(_ finding: Finding) -> [(String, JSONValue)] {
    [("rule", .string(finding.rule.id)), ("severity", .string(finding.severity.rawValue))] + members(finding.place) + [
      ("message", .string(finding.message)),
      ("fix", finding.fix.map(json) ?? nil),
      ("related", .array(finding.related.map { .members(members($0.place) + [("text", .string($0.text))]) })),
    ]
  }

  private static func json(_ fix: Finding.Fix) -> JSONValue {
    .members(
      members(fix.place) + [
        ("kind", .string(fix.kind.rawValue)), ("text", .string(fix.line)), ("setting", JSONValue(fix.setting)),
        ("value", JSONValue(fix.value)), ("also", .array(fix.also.map(json))),
      ])
  }

  private static func members(_ place: Place?) -> [(String, JSONValue)] {
    [
      ("file", JSONValue(place?.file)), ("line", JSONValue(place.flatMap { $0.line > 0 ? $0.line : nil })),
      ("column", JSONValue(place?.column)),
    ]
  }

  private static func json(_ item: SuppressedFinding) -> JSONValue {
    .members(
      members(item.finding) + [
        ("reason", .string(item.suppression.reason)), ("suppressed_by", .members(members(item.suppression.place))),
      ])
  }

  private static func json(_ expectation: Expectation) -> JSONValue {
    .members(
      [
        ("expected", .string(expectation.wanted)), ("found", JSONValue(expectation.found)),
        ("met", .bool(expectation.found == nil)),
      ]
        + members(expectation.place))
  }

  private static func json(_ live: Live?) -> JSONValue {
    guard let live else { return nil }
    return [
      "sessions": JSONValue(live.slots?.sessions), "sees_states": live.slots.map { .bool($0.seesStates) } ?? nil,
      "groups": .array(
        (live.slots?.groups ?? []).map {
          [
            "application": .string($0.application), "user": .string($0.user), "database": .string($0.database),
            "sessions": .integer($0.sessions), "active": .integer($0.active),
            "idle_in_transaction": .integer($0.idleInTransaction),
          ]
        }),
      "pools": .array(
        live.pools.map {
          [
            "database": .string($0.database), "user": .string($0.user), "clients": .integer($0.clientsActive),
            "waiting": .integer($0.clientsWaiting), "server_connections": .integer($0.servers),
            "longest_wait_s": .integer($0.longestWait),
          ]
        }),
    ]
  }
}

extension BudgetReport {
  var json: JSONValue {
    [
      "name": .string(budget.name), "of": .string(isOfServer ? "server" : "pooler_clients"),
      "file": JSONValue(budget.place?.file), "line": JSONValue(budget.place.flatMap { $0.line > 0 ? $0.line : nil }),
      "total": JSONValue(budget.total?.value), "usable": JSONValue(budget.usable), "at_rest": .integer(budget.atRest),
      "during_one_deploy": .integer(budget.duringOneDeploy), "during_all_deploys": .integer(budget.duringAllDeploys),
      "share": JSONValue(budget.share), "target_share": .number(budget.targetShare),
      "is_complete": .bool(budget.isComplete), "verdict": .string(budget.verdict.word),
      "deductions": .array(budget.deductions.map { ["name": .string($0.name), "slots": .integer($0.count.value)] }),
      "takers": .array(
        budget.lines.map {
          [
            "kind": .string($0.kind.rawValue), "who": .string($0.who), "slots": JSONValue($0.slots),
            "surge": .integer($0.surge), "per_copy": JSONValue($0.perCopy),
            "copies": JSONValue($0.copies?.replicas.value), "unlimited": .bool($0.isUnlimited), "sum": .string($0.sum),
            "unknown": JSONValue($0.unknown),
          ]
        }),
      "breaks_at": .array(
        budget.breaks.map {
          [
            "who": .string($0.who), "copies": .integer($0.copies), "at_rest": JSONValue($0.atRest),
            "during_deploy": JSONValue($0.duringDeploy),
          ]
        }),
      "assumptions": .array(budget.assumptions.map(JSONValue.string)),
    ]
  }
}

extension SlotBudget.Verdict {
  /// The word for machines.
  var word: String {
    switch self {
    case .fits: "fits"
    case .tight: "tight"
    case .breaksWhenAllDeploy: "breaks_when_all_deploy"
    case .breaksDuringDeploy: "breaks_during_deploy"
    case .exceeded: "exceeded"
    case .unlimited: "unlimited"
    case .unknown: "unknown"
    }
  }
}

extension ExitStatus {
  fileprivate var verdictWord: String {
    switch self {
    case .noGo: "no_go"
    case .inconclusive: "inconclusive"
    default: "go"
    }
  }
}
