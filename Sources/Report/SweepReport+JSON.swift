import Evidence
import Model

extension SweepReport {
  package var json: JSONValue {
    if let confirmation { return json(of: confirmation) }
    return [
      "sweep": .string("\(sweep.id)"), "mode": .string(spec.mode.rawValue), "started": .string(execution.started.text),
      "finished": JSONValue(sweep.finished?.text), "seed": .string("\(execution.seed)"),
      "sizes": .array(spec.sizes.map(JSONValue.integer)), "levels": .array(spec.levels.map(Self.level)),
      "warm_up": .string(spec.warmUp.text), "duration": .string(spec.duration.text),
      "repeats": .integer(spec.repeats), "again": .integer(spec.again), "largest_tried": JSONValue(sweep.limit),
      "cells": .array(findings.cells.map(cell)), "knees": .array(findings.knees.map(Self.knee)),
      "objections": .array(findings.objections.map(JSONValue.string)),
    ]
  }

  static func level(_ level: SweepLevel) -> JSONValue {
    switch level {
    case .users(let users): ["users": .integer(users)]
    case .rate(let rate): ["rate": .number(rate)]
    }
  }

  private static let metrics: [Metric] = [
    .throughput, .goodput, .latency(50), .latency(95), .latency(99), .wait(95), .errorRate, .acquireTimeouts,
    .serverCPU,
  ]

  private func cell(_ found: SweepFindings.Cell) -> JSONValue {
    [
      "max_size": .integer(found.cell.size), "level": Self.level(found.cell.level),
      "run": JSONValue(found.cell.run?.description), "blocks": .integer(found.figures?.blocks ?? 0),
      "cut_off": found.cell.cutOff.isEmpty ? nil : .string(found.cell.cutOff),
      "timeout_share": JSONValue(found.timeouts), "spreads": .array(found.spreads.map(JSONValue.number)),
      "figures": .members(Self.metrics.map { ($0.word, .figure(found.figures?[$0])) }),
      "checks": .array(found.checks.map(Self.rule)),
      "is_knee": .bool(findings.knees.contains { $0.level == found.cell.level && $0.size == found.cell.size }),
    ]
  }

  private static func knee(_ knee: Knee) -> JSONValue {
    [
      "level": level(knee.level), "max_size": JSONValue(knee.size), "by_goodput_alone": .integer(knee.goodputSize),
      "plateau": .number(knee.plateau),
      "interval": knee.interval.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) } ?? nil,
      "open_above": .bool(knee.isOpenAbove), "may_be_lower": .bool(knee.edges.contains(.smallest)),
      "may_be_higher": .bool(knee.edges.contains(.largest)), "missed": .array(knee.missed.map(rule)),
    ]
  }

  private static func rule(_ outcome: RuleOutcome) -> JSONValue {
    [
      "rule": .string(outcome.rule), "status": .string(outcome.status.rawValue),
      "evidence": .string(outcome.evidence),
    ]
  }
}
